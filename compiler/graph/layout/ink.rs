//! Which part of a line is to be drawn where others of its bundle share its way, so that nothing is
//! drawn twice: twice would be bolder, and would fill the gaps of a dashed line.

/// What is drawn of a bundle: upright or not, where across, from, to.
#[derive(Default)]
pub struct Drawn(Vec<(bool, i32, i32, i32)>);

/// How far a line runs on along what is drawn, so that its round corner ends on it.
const INTO: i32 = 7;

impl Drawn {
    /// The part of a way to the hub that is not drawn, and a little of what is. From now on it is.
    pub fn draw(&mut self, points: &[(i32, i32)]) -> Vec<(i32, i32)> {
        let mut ink = vec![points[0]];
        for pair in points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let upright = from.0 == to.0;
            let (across, start, end) =
                if upright { (from.0, from.1, to.1) } else { (from.1, from.0, to.0) };
            let point = |along: i32| if upright { (across, along) } else { (along, across) };
            match self.met(upright, across, start, end) {
                Some(met) => {
                    let stop = met + (end - start).signum() * INTO.min((end - met).abs());
                    self.0.push((upright, across, start.min(met), start.max(met)));
                    ink.push(point(stop));
                    return ink;
                }
                None => {
                    self.0.push((upright, across, start.min(end), start.max(end)));
                    ink.push(to);
                }
            }
        }
        ink
    }

    /// Where a way first runs along what is drawn.
    fn met(&self, upright: bool, across: i32, start: i32, end: i32) -> Option<i32> {
        let ahead = (end - start).signum();
        let runs = self.0.iter().filter(|run| run.0 == upright && run.1 == across);
        let meets = runs.filter_map(|&(_, _, low, high)| {
            let (first, last) = if ahead > 0 { (low, high) } else { (high, low) };
            let at = if (start - first) * ahead >= 0 { start } else { first };
            let inside = (last - at) * ahead > 0 && (end - at) * ahead > 0;
            inside.then_some(at)
        });
        meets.min_by_key(|at| (at - start).abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_not_drawn_again() {
        let mut drawn = Drawn::default();
        let first = [(0, 0), (50, 0), (50, 100), (90, 100)];
        assert_eq!(drawn.draw(&first), first);
        // From the side onto the bar, then down it.
        assert_eq!(
            drawn.draw(&[(0, 40), (50, 40), (50, 100), (90, 100)]),
            [(0, 40), (50, 40), (50, 47)]
        );
        // From below up to the bar's end.
        assert_eq!(
            drawn.draw(&[(0, 180), (50, 180), (50, 100), (90, 100)]),
            [(0, 180), (50, 180), (50, 100), (57, 100)]
        );
        // Straight across the bar and onto the way out.
        assert_eq!(drawn.draw(&[(0, 100), (90, 100)]), [(0, 100), (57, 100)]);
        // From above onto the bar.
        assert_eq!(
            drawn.draw(&[(0, -80), (50, -80), (50, 100), (90, 100)]),
            [(0, -80), (50, -80), (50, 7)]
        );
    }
}
