//! The way of each line: out of a card's side into the channel beside it, between rows past other
//! columns, and into the other card's side. Lines of one kind that meet at one card share their way.

use super::ink::Drawn;
use super::place::Plan;
use super::tracks::{Wire, assign};
use super::{GRID, Layout, PAD, Path, Picture, Rect, head, head_width, up};
use crate::graph::bond::Bond;
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Side {
    Left,
    Right,
}

/// Lines of one kind that end at one card, and share their way there.
struct Net {
    hub: usize,
    side: Side,
    /// The line of the picture, and the card at its other end.
    leaves: Vec<(usize, usize)>,
    /// The columns that it passes, from the hub outwards, each with the gap between rows.
    passes: Vec<(usize, usize)>,
}

/// Around everything.
const EDGE: i32 = 24;
/// A channel without a line.
const CHANNEL: i32 = 4 * GRID;

struct Router<'a> {
    picture: &'a Picture,
    plan: &'a Plan,
    nets: Vec<Net>,
    stack_of: Vec<usize>,
    widths: Vec<i32>,
    /// One a card: its height, and from its top, the ports of its sides by net.
    heights: Vec<i32>,
    ports: BTreeMap<(usize, Side, usize), i32>,
    /// By stack: where rows begin, how high they are, and where the gaps above them begin.
    rows: Vec<Vec<(i32, i32)>>,
    gaps: Vec<Vec<i32>>,
    /// By net and column: where it passes.
    levels: BTreeMap<(usize, usize), i32>,
}

pub fn route(picture: &Picture, sizes: &[(i32, i32)], plan: &Plan) -> Layout {
    let of = |(at, stack): (usize, &super::place::Stack)| std::iter::repeat_n(at, stack.columns);
    let stack_of = plan.stacks.iter().enumerate().flat_map(of).collect();
    let mut router = Router {
        picture,
        plan,
        nets: nets(picture, plan),
        stack_of,
        widths: widths(picture, sizes, plan),
        heights: sizes.iter().map(|size| size.1).collect(),
        ports: BTreeMap::new(),
        rows: Vec::new(),
        gaps: Vec::new(),
        levels: BTreeMap::new(),
    };
    router.grow();
    router.stand(&BTreeMap::new());
    router.pass();
    let tracks = router.levels_in_gaps();
    router.stand(&tracks.counts);
    router.settle(&tracks);
    router.dock();
    router.draw()
}

fn nets(picture: &Picture, plan: &Plan) -> Vec<Net> {
    let mut nets: BTreeMap<(usize, Bond, Side), Vec<(usize, usize)>> = BTreeMap::new();
    for (at, line) in picture.lines.iter().enumerate() {
        let (hub, leaf) = match line.bond.branches() {
            true => (line.from, line.to),
            false => (line.to, line.from),
        };
        let left = plan.cells[leaf].column < plan.cells[hub].column;
        let side = if left { Side::Left } else { Side::Right };
        nets.entry((hub, line.bond, side)).or_default().push((at, leaf));
    }
    let net = |((hub, _, side), leaves)| Net { hub, side, leaves, passes: Vec::new() };
    nets.into_iter().map(net).collect()
}

fn widths(picture: &Picture, sizes: &[(i32, i32)], plan: &Plan) -> Vec<i32> {
    let mut widths = vec![0; plan.columns];
    for (card, cell) in plan.cells.iter().enumerate() {
        widths[cell.column] = widths[cell.column].max(sizes[card].0);
    }
    for stack in &plan.stacks {
        for &(block, _) in &stack.blocks {
            if let Some(group) = plan.blocks[block].group {
                let first = &mut widths[stack.first_column];
                *first = (*first).max(head_width(picture, group));
            }
        }
    }
    widths
}

/// Which net has which track of each gap, and how many tracks there are.
struct Tracks {
    of: BTreeMap<(usize, usize, usize), usize>,
    counts: BTreeMap<(usize, usize), usize>,
}

impl Router<'_> {
    fn column(&self, card: usize) -> usize {
        self.plan.cells[card].column
    }

    /// The side by which a leaf of a net is left.
    fn leaf_side(&self, net: &Net, leaf: usize) -> Side {
        let same = self.column(leaf) == self.column(net.hub);
        match net.side {
            Side::Left => Side::Right,
            Side::Right if same => Side::Right,
            Side::Right => Side::Left,
        }
    }

    /// The channel that a side of a card leads to; channel N is left of column N.
    fn channel(&self, card: usize, side: Side) -> usize {
        self.column(card) + usize::from(side == Side::Right)
    }

    /// Makes cards high enough for their ports, and the cards of a row equally high.
    fn grow(&mut self) {
        let mut counts: BTreeMap<(usize, Side), i32> = BTreeMap::new();
        for net in &self.nets {
            *counts.entry((net.hub, net.side)).or_default() += 1;
            for &(_, leaf) in &net.leaves {
                *counts.entry((leaf, self.leaf_side(net, leaf))).or_default() += 1;
            }
        }
        for ((card, _), count) in counts {
            self.heights[card] = self.heights[card].max((count + 2) * GRID);
        }
        let mut rows: BTreeMap<(usize, usize), i32> = BTreeMap::new();
        for (card, cell) in self.plan.cells.iter().enumerate() {
            let row = rows.entry((cell.stack, cell.row)).or_default();
            *row = (*row).max(self.heights[card]);
        }
        for (card, cell) in self.plan.cells.iter().enumerate() {
            self.heights[card] = rows[&(cell.stack, cell.row)];
        }
    }

    /// What stands in a gap beside the tracks: the end of the frame above, the head of the one below.
    fn around_gap(&self, stack: usize, gap: usize) -> (i32, i32) {
        let piled = &self.plan.stacks[stack];
        let mut before = 0;
        let mut after = 0;
        for &(block, first) in &piled.blocks {
            let Some(group) = self.plan.blocks[block].group else { continue };
            if first == gap {
                after = head(self.picture, group);
            }
            if first + self.plan.rows_of(block, piled.columns) == gap {
                before = PAD;
            }
        }
        (before, after)
    }

    /// How high the zone of tracks in a gap is.
    fn zone(&self, stack: usize, gap: usize, tracks: usize) -> i32 {
        let outer = gap == 0 || gap == self.plan.stacks[stack].rows;
        let least = if outer { 0 } else { 2 * GRID };
        match tracks {
            0 => least,
            many => least.max((many as i32 + 1) * GRID),
        }
    }

    /// Works out where rows and gaps stand, with so many tracks in each gap.
    fn stand(&mut self, tracks: &BTreeMap<(usize, usize), usize>) {
        let mut all = Vec::new();
        for (at, stack) in self.plan.stacks.iter().enumerate() {
            let mut heights = vec![0; stack.rows];
            for (card, cell) in self.plan.cells.iter().enumerate() {
                if cell.stack == at {
                    heights[cell.row] = self.heights[card];
                }
            }
            let mut y = 0;
            let (mut rows, mut gaps) = (Vec::new(), Vec::new());
            for gap in 0..=stack.rows {
                let (before, after) = self.around_gap(at, gap);
                y += before;
                gaps.push(y);
                y += self.zone(at, gap, tracks.get(&(at, gap)).copied().unwrap_or(0)) + after;
                if let Some(&height) = heights.get(gap) {
                    rows.push((y, height));
                    y += height;
                }
            }
            all.push((rows, gaps, y));
        }
        let tallest = all.iter().map(|(.., height)| *height).max().unwrap_or(0);
        let ranked = self.plan.blocks.iter().map(|block| block.tier()).max() > Some(0);
        self.rows.clear();
        self.gaps.clear();
        for (mut rows, mut gaps, height) in all {
            let down = if ranked { (tallest - height) / 2 / GRID * GRID } else { 0 };
            rows.iter_mut().for_each(|row| row.0 += down);
            gaps.iter_mut().for_each(|gap| *gap += down);
            self.rows.push(rows);
            self.gaps.push(gaps);
        }
    }

    fn top(&self, card: usize) -> i32 {
        let cell = self.plan.cells[card];
        self.rows[cell.stack][cell.row].0
    }

    fn middle(&self, card: usize) -> i32 {
        self.top(card) + self.heights[card] / 2
    }

    /// Chooses between which rows each net passes the columns on its way.
    fn pass(&mut self) {
        for at in 0..self.nets.len() {
            let net = &self.nets[at];
            let hub = self.column(net.hub);
            let columns: Vec<usize> = match net.side {
                Side::Left => {
                    let first = net.leaves.iter().map(|&(_, leaf)| self.column(leaf)).min();
                    (first.unwrap_or(hub) + 1..hub).rev().collect()
                }
                Side::Right => {
                    let last = net.leaves.iter().map(|&(_, leaf)| self.column(leaf)).max();
                    (hub + 1..last.unwrap_or(hub)).collect()
                }
            };
            let mut passes: Vec<(usize, usize)> = Vec::new();
            let mut level = self.middle(net.hub);
            for column in columns {
                let stack = self.stack_of[column];
                // Through one stack it goes straight.
                if let Some(&(before, gap)) = passes.last()
                    && self.stack_of[before] == stack
                {
                    passes.push((column, gap));
                    continue;
                }
                let beyond: Vec<i32> = net
                    .leaves
                    .iter()
                    .filter(|&&(_, leaf)| match net.side {
                        Side::Left => self.column(leaf) < column,
                        Side::Right => self.column(leaf) > column,
                    })
                    .map(|&(_, leaf)| self.middle(leaf))
                    .collect();
                let wanted = beyond.iter().sum::<i32>() / beyond.len().max(1) as i32;
                let gaps = &self.gaps[stack];
                let far = |gap: usize| {
                    let y = gaps[gap] + GRID;
                    (y - level).abs() + (y - wanted).abs()
                };
                let gap = (0..gaps.len()).min_by_key(|&gap| far(gap)).unwrap_or(0);
                level = gaps[gap] + GRID;
                passes.push((column, gap));
            }
            self.nets[at].passes = passes;
        }
    }

    /// Gives each net that passes a gap a track of its own there.
    fn levels_in_gaps(&self) -> Tracks {
        let mut passing: BTreeMap<(usize, usize), Vec<(usize, usize, usize)>> = BTreeMap::new();
        for (at, net) in self.nets.iter().enumerate() {
            let mut here: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new();
            for &(column, gap) in &net.passes {
                let span = here.entry((self.stack_of[column], gap)).or_insert((column, column));
                *span = (span.0.min(column), span.1.max(column));
            }
            for (place, (first, last)) in here {
                passing.entry(place).or_default().push((at, first, last));
            }
        }
        let mut tracks = Tracks { of: BTreeMap::new(), counts: BTreeMap::new() };
        for ((stack, gap), mut nets) in passing {
            nets.sort_by_key(|&(at, ..)| {
                let net = &self.nets[at];
                let leaves: i32 = net.leaves.iter().map(|&(_, leaf)| self.middle(leaf)).sum();
                (self.middle(net.hub) + leaves / net.leaves.len().max(1) as i32, at)
            });
            let mut taken: Vec<Vec<(usize, usize)>> = Vec::new();
            for (at, first, last) in nets {
                let free =
                    |track: &Vec<(usize, usize)>| track.iter().all(|&(a, b)| last < a || b < first);
                let track = taken.iter().position(free).unwrap_or(taken.len());
                if track == taken.len() {
                    taken.push(Vec::new());
                }
                taken[track].push((first, last));
                tracks.of.insert((stack, gap, at), track);
            }
            tracks.counts.insert((stack, gap), taken.len());
        }
        tracks
    }

    /// Works out at what height each net passes each column.
    fn settle(&mut self, tracks: &Tracks) {
        for (at, net) in self.nets.iter().enumerate() {
            for &(column, gap) in &net.passes {
                let stack = self.stack_of[column];
                let track = tracks.of[&(stack, gap, at)] as i32;
                // Apart from the ports of cards, and from the tracks of the stacks beside it.
                let shift = if stack.is_multiple_of(2) { 6 } else { 10 };
                self.levels.insert((at, column), self.gaps[stack][gap] + track * GRID + shift);
            }
        }
    }

    /// Gives each net a port at its hub and at its leaves, in the order in which they come in.
    fn dock(&mut self) {
        let mut sides: BTreeMap<(usize, Side), Vec<(i32, usize)>> = BTreeMap::new();
        for (at, net) in self.nets.iter().enumerate() {
            let near = net.passes.first().map(|&(column, _)| self.levels[&(at, column)]);
            let leaves = net.leaves.iter().map(|&(_, leaf)| self.middle(leaf)).sum::<i32>();
            let wanted = near.unwrap_or(leaves / net.leaves.len().max(1) as i32);
            sides.entry((net.hub, net.side)).or_default().push((wanted, at));
            for &(_, leaf) in &net.leaves {
                let side = self.leaf_side(net, leaf);
                let wanted = self.first_pass(at, leaf).unwrap_or(self.middle(net.hub));
                sides.entry((leaf, side)).or_default().push((wanted, at));
            }
        }
        for (&(card, side), uses) in &mut sides {
            uses.sort();
            let slots = self.heights[card] / GRID;
            for (nth, &(_, net)) in uses.iter().enumerate() {
                let slot = ((nth as i32 + 1) * slots * 2 / (uses.len() as i32 + 1) + 1) / 2;
                // Ports that face each other across a channel are never level, so that they never
                // lie on each other; those that belong together are made so below.
                let shift = if side == Side::Left { -4 } else { 0 };
                self.ports.insert((card, side, net), self.top(card) + slot * GRID + shift);
            }
        }
        for at in 0..self.nets.len() {
            self.straighten(at, &sides);
            self.level(at, &sides);
        }
    }

    /// Where a port is nearly level with the gap that its line passes next, it is made so.
    fn level(&mut self, at: usize, sides: &BTreeMap<(usize, Side), Vec<(i32, usize)>>) {
        let net = &self.nets[at];
        let first = net.passes.first().map(|&(column, _)| self.levels[&(at, column)]);
        let mut ends = vec![(net.hub, net.side, first)];
        for &(_, leaf) in &net.leaves {
            ends.push((leaf, self.leaf_side(net, leaf), self.first_pass(at, leaf)));
        }
        for (card, side, level) in ends {
            let Some(level) = level else { continue };
            let port = self.ports[&(card, side, at)];
            let only = sides.get(&(card, side)).is_some_and(|uses| uses.len() == 1);
            let top = self.top(card);
            let within = level >= top + GRID && level <= top + self.heights[card] - GRID;
            if within && (only || (level - port).abs() <= 4) {
                self.ports.insert((card, side, at), level);
            }
        }
    }

    /// The level at which the way from a leaf to its hub first passes a column.
    fn first_pass(&self, at: usize, leaf: usize) -> Option<i32> {
        let net = &self.nets[at];
        let column = match net.side {
            Side::Left => self.column(leaf) + 1,
            Side::Right => self.column(leaf).checked_sub(1)?,
        };
        self.levels.get(&(at, column)).copied()
    }

    /// Where a port is the only one of its side, it goes to where the other end is level with it.
    fn straighten(&mut self, at: usize, sides: &BTreeMap<(usize, Side), Vec<(i32, usize)>>) {
        let net = &self.nets[at];
        let only = |card, side| sides.get(&(card, side)).is_some_and(|uses| uses.len() == 1);
        let hub = (net.hub, net.side);
        let faces = |leaf: usize| {
            let side = self.leaf_side(net, leaf);
            side != net.side && self.channel(leaf, side) == self.channel(net.hub, net.side)
        };
        let within = |card: usize, y: i32| {
            y >= self.top(card) + GRID && y <= self.top(card) + self.heights[card] - GRID
        };
        let here = self.ports[&(net.hub, net.side, at)];
        let facing: Vec<(usize, Side, i32)> = net
            .leaves
            .iter()
            .filter(|&&(_, leaf)| faces(leaf))
            .map(|&(_, leaf)| {
                let side = self.leaf_side(net, leaf);
                (leaf, side, self.ports[&(leaf, side, at)])
            })
            .collect();
        let Some(&(leaf, side, there)) = facing.iter().min_by_key(|f| (f.2 - here).abs()) else {
            return;
        };
        if (there - here).abs() <= 4 || (only(hub.0, hub.1) && within(net.hub, there)) {
            self.ports.insert((net.hub, net.side, at), there);
        } else if only(leaf, side) && within(leaf, here) {
            self.ports.insert((leaf, side, at), here);
        }
    }

    fn draw(&self) -> Layout {
        let channels = self.plan.columns + 1;
        let mut wires: Vec<BTreeMap<usize, Wire>> = vec![BTreeMap::new(); channels];
        for (at, net) in self.nets.iter().enumerate() {
            // A stub to the left comes from the right side of a card there.
            let mut stub = |channel: usize, from_left: bool, y: i32| {
                let wire: &mut Wire = wires[channel].entry(at).or_default();
                let ends = if from_left { &mut wire.low } else { &mut wire.high };
                if !ends.contains(&y) {
                    ends.push(y);
                }
            };
            let mut port = |card, side| {
                let y = self.ports[&(card, side, at)];
                stub(self.channel(card, side), side == Side::Right, y);
            };
            port(net.hub, net.side);
            for &(_, leaf) in &net.leaves {
                port(leaf, self.leaf_side(net, leaf));
            }
            for &(column, _) in &net.passes {
                let y = self.levels[&(at, column)];
                stub(column, false, y);
                stub(column + 1, true, y);
            }
        }
        let mut bars: BTreeMap<(usize, usize), i32> = BTreeMap::new();
        let (lefts, width) = self.columns(&wires, &mut bars);
        let mut layout = Layout { width, ..Layout::default() };
        for card in 0..self.picture.cards.len() {
            let column = self.column(card);
            let (y, w) = (self.top(card), self.widths[column]);
            layout.cards.push(Rect { x: lefts[column], y: y + EDGE, w, h: self.heights[card] });
            layout.rooms.push(w - 2 * super::INSET);
        }
        self.frames(&lefts, &mut layout);
        self.paths(&bars, &mut layout);
        let bottoms = layout.cards.iter().chain(&layout.frames).map(|rect| rect.bottom());
        let lines = layout.paths.iter().flat_map(|path| path.points.iter().map(|point| point.1));
        layout.height = bottoms.chain(lines).max().unwrap_or(0) + EDGE;
        layout
    }

    /// Where each column begins, and the width of it all; where in its channel each net stands.
    fn columns(
        &self,
        wires: &[BTreeMap<usize, Wire>],
        bars: &mut BTreeMap<(usize, usize), i32>,
    ) -> (Vec<i32>, i32) {
        let framed = |stack: usize| {
            let blocks = &self.plan.stacks[stack].blocks;
            blocks.iter().any(|&(block, _)| self.plan.blocks[block].group.is_some())
        };
        let pad = |stack: Option<usize>| stack.filter(|&s| framed(s)).map_or(0, |_| PAD);
        let mut x = EDGE;
        let mut lefts = Vec::new();
        for (channel, wires) in wires.iter().enumerate() {
            let left = channel.checked_sub(1).map(|column| self.stack_of[column]);
            let right = self.stack_of.get(channel).copied();
            let inside = left == right;
            let (nets, shapes): (Vec<usize>, Vec<Wire>) =
                wires.iter().map(|(net, wire)| (*net, wire.clone())).unzip();
            let (tracks, count) = assign(&shapes);
            let outer = left.is_none() || right.is_none();
            let least = if outer { 0 } else { CHANNEL };
            let room = if count == 0 { least } else { least.max((count as i32 + 3) * GRID) };
            if !inside {
                x += pad(left);
            }
            // In the middle of the room there is.
            let first = x + up((room - (count as i32 - 1).max(0) * GRID) / 2 - GRID / 2);
            for (net, track) in nets.into_iter().zip(tracks) {
                bars.insert((channel, net), first + track as i32 * GRID);
            }
            x += room;
            if !inside {
                x += pad(right);
            }
            if channel < self.widths.len() {
                lefts.push(x);
                x += self.widths[channel];
            }
        }
        (lefts, x + EDGE)
    }

    fn frames(&self, lefts: &[i32], layout: &mut Layout) {
        layout.frames = vec![Rect::default(); self.picture.groups.len()];
        layout.heads = vec![0; self.picture.groups.len()];
        for (at, stack) in self.plan.stacks.iter().enumerate() {
            let last = stack.first_column + stack.columns - 1;
            let left = lefts[stack.first_column] - PAD;
            let right = lefts[last] + self.widths[last] + PAD;
            for &(block, first) in &stack.blocks {
                let Some(group) = self.plan.blocks[block].group else { continue };
                let end = first + self.plan.rows_of(block, stack.columns);
                let top = self.rows[at][first].0 - head(self.picture, group);
                let (y, height) = self.rows[at][end - 1];
                layout.frames[group] =
                    Rect { x: left, y: top + EDGE, w: right - left, h: y + height + PAD - top };
                layout.heads[group] = self.widths[stack.first_column];
            }
        }
    }

    fn paths(&self, bars: &BTreeMap<(usize, usize), i32>, layout: &mut Layout) {
        for (at, net) in self.nets.iter().enumerate() {
            let mut bundle = Vec::new();
            for &(line, leaf) in &net.leaves {
                let side = self.leaf_side(net, leaf);
                let mut level = self.ports[&(leaf, side, at)];
                let mut points = vec![(edge(layout.cards[leaf], side), level)];
                let mut channel = self.channel(leaf, side);
                let end = self.channel(net.hub, net.side);
                while channel != end {
                    points.push((bars[&(channel, at)], level));
                    let column = if channel < end { channel } else { channel - 1 };
                    level = self.levels[&(at, column)];
                    points.push((bars[&(channel, at)], level));
                    channel = if channel < end { channel + 1 } else { channel - 1 };
                }
                let last = self.ports[&(net.hub, net.side, at)];
                points.push((bars[&(channel, at)], level));
                points.push((bars[&(channel, at)], last));
                points.push((edge(layout.cards[net.hub], net.side), last));
                points.iter_mut().for_each(|point| point.1 += EDGE);
                bundle.push((corners(points), line));
            }
            // Straight ones first: the others turn onto them.
            bundle.sort_by_key(|(points, line)| (points.len(), *line));
            let mut drawn = Drawn::default();
            for (mut points, line) in bundle {
                let mut ink = drawn.draw(&points);
                if self.picture.lines[line].bond.branches() {
                    points.reverse();
                    ink.reverse();
                }
                layout.paths.push(Path { line, points, ink });
            }
        }
    }
}

fn edge(card: Rect, side: Side) -> i32 {
    match side {
        Side::Left => card.x,
        Side::Right => card.right(),
    }
}

/// The points without those that stand on a straight way between two others.
fn corners(points: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    let mut out: Vec<(i32, i32)> = Vec::new();
    for point in points {
        if out.last() == Some(&point) {
            continue;
        }
        while let [.., a, b] = out[..]
            && ((a.0 == b.0 && b.0 == point.0) || (a.1 == b.1 && b.1 == point.1))
        {
            out.pop();
        }
        out.push(point);
    }
    out
}
