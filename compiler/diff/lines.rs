//! Two texts line by line: what stayed, went and came, the shortest way from the one to the other.
//! It knows no files.

/// One line's fate; numbers count from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edit {
    Keep(usize, usize),
    Drop(usize),
    Add(usize),
}

/// Lines that changed close together, with what stands around them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hunk {
    /// The first line of the hunk in each text, from 0.
    pub old: usize,
    pub new: usize,
    pub edits: Vec<Edit>,
}

/// Beyond so many differences the rest counts as replaced as a whole: nobody reads that line by line.
const MOST: usize = 1500;

pub fn edits<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Edit> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..], &new[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    let mut out: Vec<Edit> = (0..head).map(|at| Edit::Keep(at, at)).collect();
    out.extend(middle(a, b).into_iter().map(|edit| match edit {
        Edit::Keep(x, y) => Edit::Keep(head + x, head + y),
        Edit::Drop(x) => Edit::Drop(head + x),
        Edit::Add(y) => Edit::Add(head + y),
    }));
    let (x, y) = (head + a.len(), head + b.len());
    out.extend((0..tail).map(|at| Edit::Keep(x + at, y + at)));
    out
}

/// The greedy walk of Myers: for each number of differences, the furthest point on each diagonal.
fn middle<T: PartialEq>(a: &[T], b: &[T]) -> Vec<Edit> {
    let replaced = || {
        let gone = (0..a.len()).map(Edit::Drop);
        gone.chain((0..b.len()).map(Edit::Add)).collect()
    };
    if a.is_empty() || b.is_empty() {
        return replaced();
    }
    let most = (a.len() + b.len()).min(MOST);
    let centre = most as isize + 1;
    let at = |k: isize| (centre + k) as usize;
    let mut furthest = vec![0usize; 2 * most + 3];
    let mut ways: Vec<Vec<usize>> = Vec::new();
    for d in 0..=most as isize {
        ways.push(furthest[at(-d - 1)..=at(d + 1)].to_vec());
        for k in (-d..=d).step_by(2) {
            let down = k == -d || (k != d && furthest[at(k - 1)] < furthest[at(k + 1)]);
            let mut x = if down { furthest[at(k + 1)] } else { furthest[at(k - 1)] + 1 };
            let mut y = (x as isize - k) as usize;
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            furthest[at(k)] = x;
            if x >= a.len() && y >= b.len() {
                return back(&ways, a.len(), b.len());
            }
        }
    }
    replaced()
}

/// The way back from the end, through what was furthest before each step.
fn back(ways: &[Vec<usize>], old: usize, new: usize) -> Vec<Edit> {
    let (mut x, mut y) = (old, new);
    let mut out = Vec::new();
    for (d, furthest) in ways.iter().enumerate().rev() {
        let d = d as isize;
        let at = |k: isize| furthest[(k + d + 1) as usize];
        let k = x as isize - y as isize;
        let down = k == -d || (k != d && at(k - 1) < at(k + 1));
        let before = if down { k + 1 } else { k - 1 };
        let (from_x, from_y) = if d == 0 {
            (0, 0)
        } else {
            let x = at(before);
            (x, (x as isize - before) as usize)
        };
        while x > from_x && y > from_y {
            (x, y) = (x - 1, y - 1);
            out.push(Edit::Keep(x, y));
        }
        if d > 0 {
            if down {
                y -= 1;
                out.push(Edit::Add(y));
            } else {
                x -= 1;
                out.push(Edit::Drop(x));
            }
        }
    }
    out.reverse();
    out
}

/// What changed, with `context` kept lines around it; hunks that would touch are one.
pub fn hunks(edits: &[Edit], context: usize) -> Vec<Hunk> {
    let changed: Vec<usize> =
        (0..edits.len()).filter(|&at| !matches!(edits[at], Edit::Keep(..))).collect();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for at in changed {
        let (from, to) = (at.saturating_sub(context), (at + context + 1).min(edits.len()));
        match spans.last_mut() {
            Some(last) if from <= last.1 => last.1 = to,
            _ => spans.push((from, to)),
        }
    }
    spans
        .into_iter()
        .map(|(from, to)| {
            let before = &edits[..from];
            let count = |drop: bool| {
                let here = |edit: &&Edit| match edit {
                    Edit::Keep(..) => true,
                    Edit::Drop(_) => drop,
                    Edit::Add(_) => !drop,
                };
                before.iter().filter(here).count()
            };
            Hunk { old: count(true), new: count(false), edits: edits[from..to].to_vec() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(old: &str, new: &str) -> String {
        let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
        edits(&old, &new)
            .iter()
            .map(|edit| match *edit {
                Edit::Keep(x, y) => {
                    assert_eq!(old[x], new[y]);
                    old[x].to_string()
                }
                Edit::Drop(x) => format!("-{}", old[x]),
                Edit::Add(y) => format!("+{}", new[y]),
            })
            .collect()
    }

    #[test]
    fn says_the_shortest_way() {
        for (old, new, way) in [
            ("", "", ""),
            ("abc", "abc", "abc"),
            ("", "ab", "+a+b"),
            ("ab", "", "-a-b"),
            ("abc", "axc", "a-b+xc"),
            ("abcd", "acd", "a-bcd"),
            ("acd", "abcd", "a+bcd"),
            ("aab", "ab", "a-ab"),
        ] {
            assert_eq!(said(old, new), way, "{old} -> {new}");
        }
    }

    #[test]
    fn every_way_leads_from_the_one_to_the_other() {
        let mut seed = 7u32;
        let mut next = |most: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % most
        };
        for _ in 0..2000 {
            let mut text = || (0..next(14)).map(|_| next(3)).collect::<Vec<u32>>();
            let (old, new) = (text(), text());
            let (mut x, mut y) = (0, 0);
            for edit in edits(&old, &new) {
                match edit {
                    Edit::Keep(a, b) => {
                        assert_eq!((a, b, old[a]), (x, y, new[b]));
                        (x, y) = (x + 1, y + 1);
                    }
                    Edit::Drop(a) => {
                        assert_eq!(a, x);
                        x += 1;
                    }
                    Edit::Add(b) => {
                        assert_eq!(b, y);
                        y += 1;
                    }
                }
            }
            assert_eq!((x, y), (old.len(), new.len()));
        }
    }

    #[test]
    fn what_has_nothing_in_common_is_replaced_as_a_whole() {
        let (old, new): (Vec<u32>, Vec<u32>) = ((0..3000).collect(), (5000..8000).collect());
        let all = edits(&old, &new);
        assert_eq!(all.len(), 6000);
        assert_eq!((all[0], all[5999]), (Edit::Drop(0), Edit::Add(2999)));
    }

    #[test]
    fn hunks_have_what_stands_around_and_never_touch() {
        let old: Vec<u32> = (0..40).collect();
        let mut new = old.clone();
        new[5] = 99;
        new[9] = 98;
        new.remove(30);
        let hunks = hunks(&edits(&old, &new), 2);
        let places: Vec<_> = hunks.iter().map(|h| (h.old, h.new, h.edits.len())).collect();
        assert_eq!(places, [(3, 3, 11), (28, 28, 5)]);
    }
}
