//! Which wire takes which track of a channel: side by side where they would meet, in the order in
//! which they cross each other least.

/// A wire in a channel: a bar along it, and stubs to both sides.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wire {
    /// Where stubs to the side of lower tracks begin, and to the side of higher ones.
    pub low: Vec<i32>,
    pub high: Vec<i32>,
}

impl Wire {
    fn span(&self) -> (i32, i32) {
        let all = || self.low.iter().chain(&self.high).copied();
        (all().min().unwrap_or(0), all().max().unwrap_or(0))
    }

    /// Whether it goes straight through.
    fn is_straight(&self) -> bool {
        let (from, to) = self.span();
        from == to
    }
}

/// How near two wires may come to one another along a channel before they need two tracks.
const APART: i32 = 6;
/// More wires than this are left in the order that they come in.
const MANY: usize = 160;

/// The track of each wire, and how many tracks there are.
pub fn assign(wires: &[Wire]) -> (Vec<usize>, usize) {
    let spans: Vec<(i32, i32)> = wires.iter().map(Wire::span).collect();
    let mut order: Vec<usize> = (0..wires.len()).filter(|&at| !wires[at].is_straight()).collect();
    let middle = |all: &[i32]| all.iter().sum::<i32>() / all.len().max(1) as i32;
    order.sort_by_key(|&at| {
        let wire = &wires[at];
        let (low, high) = (middle(&wire.low), middle(&wire.high));
        // Those that go up come first from the top down, those that go down from the bottom up.
        if high < low { (0, low) } else { (1, -low) }
    });
    if order.len() <= MANY {
        sort(&mut order, wires, &spans);
    }
    let mut tracks = vec![0; wires.len()];
    let mut count = 0;
    for (nth, &at) in order.iter().enumerate() {
        let meets = |&&other: &&usize| meet(spans[at], spans[other]);
        let before = order[..nth].iter().filter(meets).map(|&other| tracks[other] + 1);
        tracks[at] = before.max().unwrap_or(0);
        count = count.max(tracks[at] + 1);
    }
    (tracks, count)
}

fn meet(a: (i32, i32), b: (i32, i32)) -> bool {
    a.0 <= b.1 + APART && b.0 <= a.1 + APART
}

/// Swaps neighbours while that takes crossings away, then moves each wire to where it is best.
fn sort(order: &mut Vec<usize>, wires: &[Wire], spans: &[(i32, i32)]) {
    let count = wires.len();
    let mut costs = vec![0; count * count];
    for &a in order.iter() {
        for &b in order.iter() {
            if a != b && meet(spans[a], spans[b]) {
                costs[a * count + b] = crossings(wires, spans, a, b);
            }
        }
    }
    let cost = |a: usize, b: usize| costs[a * count + b];
    for _ in 0..8 {
        let mut moved = false;
        for nth in 0..order.len() {
            let wire = order.remove(nth);
            // The cost of standing at each place, relative to standing first.
            let (mut here, mut best, mut place) = (0, 0, 0);
            let mut costs_at = vec![0];
            for &other in order.iter() {
                here += cost(other, wire) - cost(wire, other);
                costs_at.push(here);
            }
            for (at, &cost) in costs_at.iter().enumerate() {
                if cost < best {
                    (best, place) = (cost, at);
                }
            }
            if costs_at[nth] <= best {
                place = nth;
            }
            moved |= place != nth;
            order.insert(place, wire);
        }
        if !moved {
            break;
        }
    }
}

/// How often two wires cross when `a` has the lower track; lying on each other counts much more.
fn crossings(wires: &[Wire], spans: &[(i32, i32)], a: usize, b: usize) -> i32 {
    let within = |y: i32, span: (i32, i32)| i32::from(span.0 < y && y < span.1);
    let over = wires[a].high.iter().map(|&y| within(y, spans[b])).sum::<i32>();
    let under = wires[b].low.iter().map(|&y| within(y, spans[a])).sum::<i32>();
    let on = wires[a]
        .high
        .iter()
        .flat_map(|&y| wires[b].low.iter().map(move |&z| i32::from((y - z).abs() < 3)))
        .sum::<i32>();
    over + under + 100 * on
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(low: &[i32], high: &[i32]) -> Wire {
        Wire { low: low.to_vec(), high: high.to_vec() }
    }

    #[test]
    fn two_that_go_down_do_not_cross() {
        let (tracks, count) = assign(&[wire(&[0], &[100]), wire(&[50], &[150])]);
        assert_eq!((tracks, count), (vec![1, 0], 2));
    }

    #[test]
    fn two_that_go_up_do_not_cross() {
        let (tracks, count) = assign(&[wire(&[100], &[0]), wire(&[150], &[50])]);
        assert_eq!((tracks, count), (vec![0, 1], 2));
    }

    #[test]
    fn wires_apart_share_a_track() {
        let (tracks, count) = assign(&[wire(&[0], &[40]), wire(&[50], &[90]), wire(&[20], &[20])]);
        assert_eq!((tracks, count), (vec![0, 0, 0], 1));
    }

    #[test]
    fn no_two_lie_on_each_other() {
        // One leaves to the right where the other comes from the left.
        let wires = [wire(&[10], &[50]), wire(&[50], &[90])];
        let (tracks, _) = assign(&wires);
        assert!(tracks[1] < tracks[0], "{tracks:?}");
    }
}
