//! Which cell each card stands in. Blocks (a frame with its cards, or a card without a frame) are
//! piled into stacks, stacks stand side by side; what needs something stands left of it where it can.

use super::{GRID, PAD, Picture, head};
use std::collections::BTreeMap;

/// A cell: a column counted over all stacks, a row of its stack.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Cell {
    pub stack: usize,
    pub column: usize,
    pub row: usize,
}

/// Cards that stand together.
#[derive(Clone, Debug)]
pub struct Block {
    pub group: Option<usize>,
    pub cards: Vec<usize>,
    tier: usize,
    /// The card that the frame is about: it stays first.
    pinned: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct Stack {
    /// The blocks from the top down, each with its first row.
    pub blocks: Vec<(usize, usize)>,
    pub first_column: usize,
    pub columns: usize,
    pub rows: usize,
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub blocks: Vec<Block>,
    pub stacks: Vec<Stack>,
    /// One a card.
    pub cells: Vec<Cell>,
    pub columns: usize,
}

impl Block {
    pub fn tier(&self) -> usize {
        self.tier
    }
}

impl Plan {
    pub fn rows_of(&self, block: usize, columns: usize) -> usize {
        self.blocks[block].cards.len().div_ceil(columns)
    }
}

/// How often the order is looked at again.
const SWEEPS: usize = 12;
/// More cards than this are not tried in each other's places, one by one.
const MANY: usize = 150;

pub fn place(picture: &Picture, sizes: &[(i32, i32)], shape: i32) -> Plan {
    let blocks = blocks(picture);
    let tiers = tiers(picture, &blocks);
    let most = blocks.iter().map(|block| block.cards.len()).max().unwrap_or(1);
    let heights: Vec<i32> = blocks.iter().map(|block| height(picture, block, sizes, 1)).collect();
    let total: i32 = heights.iter().sum();
    let mut best: Option<(i64, Plan)> = None;
    for columns in 1..=most.min(6) {
        for parts in 1..=24 {
            let limit = total / parts;
            let plan = pile(picture, &blocks, &tiers, sizes, columns, limit);
            let worth = worth(picture, &plan, sizes, shape);
            if best.as_ref().is_none_or(|(least, _)| worth < *least) {
                best = Some((worth, plan));
            }
        }
    }
    let (_, mut plan) = best.expect("there is at least one way to pile");
    improve(picture, &mut plan);
    plan
}

fn blocks(picture: &Picture) -> Vec<Block> {
    let mut blocks: Vec<Block> = picture
        .groups
        .iter()
        .enumerate()
        .map(|(at, group)| Block {
            group: Some(at),
            cards: Vec::new(),
            tier: group.tier,
            pinned: None,
        })
        .collect();
    for (at, card) in picture.cards.iter().enumerate() {
        match card.group {
            Some(group) => {
                blocks[group].cards.push(at);
                if card.kind == picture.groups[group].kind {
                    blocks[group].pinned = Some(at);
                }
            }
            None => {
                blocks.push(Block { group: None, cards: vec![at], tier: card.tier, pinned: None })
            }
        }
    }
    blocks
}

/// The blocks of each tier, from left to right: those that belong together near each other.
fn tiers(picture: &Picture, blocks: &[Block]) -> Vec<Vec<usize>> {
    let mut block_of = vec![0; picture.cards.len()];
    for (at, block) in blocks.iter().enumerate() {
        for &card in &block.cards {
            block_of[card] = at;
        }
    }
    let mut ties: Vec<BTreeMap<usize, i32>> = vec![BTreeMap::new(); blocks.len()];
    let mut lead = vec![0i32; blocks.len()];
    for line in &picture.lines {
        let (a, b) = (block_of[line.from], block_of[line.to]);
        if a != b {
            *ties[a].entry(b).or_default() += 1;
            *ties[b].entry(a).or_default() += 1;
            lead[a] += 1;
            lead[b] -= 1;
        }
    }
    let mut by_tier: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, block) in blocks.iter().enumerate() {
        by_tier.entry(block.tier).or_default().push(at);
    }
    let mut out = Vec::new();
    for mut left in by_tier.into_values() {
        let mut order: Vec<usize> = Vec::new();
        let mut pull = vec![0i32; blocks.len()];
        while !left.is_empty() {
            let next = (0..left.len())
                .max_by_key(|&at| (pull[left[at]], lead[left[at]], std::cmp::Reverse(left[at])))
                .expect("some are left");
            let block = left.remove(next);
            for (&other, &weight) in &ties[block] {
                pull[other] += weight;
            }
            order.push(block);
        }
        out.push(order);
    }
    out
}

/// The height of a block of so many columns.
fn height(picture: &Picture, block: &Block, sizes: &[(i32, i32)], columns: usize) -> i32 {
    let rows = block.cards.len().div_ceil(columns) as i32;
    let tallest = block.cards.iter().map(|&card| sizes[card].1).max().unwrap_or(0);
    let frame = block.group.map_or(0, |group| head(picture, group) + PAD);
    rows * (tallest + 2 * GRID) + frame + 2 * GRID
}

/// Piles the blocks of each tier into stacks no higher than `limit`, where that can be.
fn pile(
    picture: &Picture,
    blocks: &[Block],
    tiers: &[Vec<usize>],
    sizes: &[(i32, i32)],
    columns: usize,
    limit: i32,
) -> Plan {
    let mut stacks: Vec<Stack> = Vec::new();
    let mut next_column = 0;
    for tier in tiers {
        let mut pile: Vec<usize> = Vec::new();
        let mut high = 0;
        for &block in tier {
            let more = height(picture, &blocks[block], sizes, columns);
            if !pile.is_empty() && high + more > limit {
                close(blocks, columns, &mut stacks, std::mem::take(&mut pile), &mut next_column);
                high = 0;
            }
            high += more;
            pile.push(block);
        }
        close(blocks, columns, &mut stacks, pile, &mut next_column);
    }
    let mut plan = Plan {
        blocks: blocks.to_vec(),
        stacks,
        cells: vec![Cell::default(); picture.cards.len()],
        columns: next_column,
    };
    let (ranks, tied) = ranks(picture, blocks);
    for at in 0..plan.stacks.len() {
        let stack = plan.stacks[at].clone();
        for &(block, first) in &stack.blocks {
            seat(&mut plan, at, &stack, block, first, &ranks, &tied);
        }
    }
    plan
}

fn close(
    blocks: &[Block],
    columns: usize,
    stacks: &mut Vec<Stack>,
    pile: Vec<usize>,
    next_column: &mut usize,
) {
    let widest = pile.iter().map(|&block| blocks[block].cards.len()).max().unwrap_or(1);
    let columns = columns.min(widest).max(1);
    let mut stack = Stack { blocks: Vec::new(), first_column: *next_column, columns, rows: 0 };
    for block in pile {
        stack.blocks.push((block, stack.rows));
        stack.rows += blocks[block].cards.len().div_ceil(columns);
    }
    *next_column += columns;
    stacks.push(stack);
}

/// How many steps each card stands behind others of its block, and whether it has a line at all.
fn ranks(picture: &Picture, blocks: &[Block]) -> (Vec<usize>, Vec<bool>) {
    let mut block_of = vec![usize::MAX; picture.cards.len()];
    for (at, block) in blocks.iter().enumerate() {
        for &card in &block.cards {
            block_of[card] = at;
        }
    }
    let mut ranks = vec![0; picture.cards.len()];
    let mut tied = vec![false; picture.cards.len()];
    let inner: Vec<(usize, usize)> = picture
        .lines
        .iter()
        .inspect(|line| {
            tied[line.from] = true;
            tied[line.to] = true;
        })
        .filter(|line| block_of[line.from] == block_of[line.to])
        .map(|line| (line.from, line.to))
        .collect();
    // Circles stop growing where the rounds end.
    for _ in 0..4 {
        for &(from, to) in &inner {
            ranks[to] = ranks[to].max(ranks[from] + 1).min(4);
        }
    }
    (ranks, tied)
}

/// Gives the cards of a block their cells: those that need others at the left.
fn seat(
    plan: &mut Plan,
    at: usize,
    stack: &Stack,
    block: usize,
    first: usize,
    ranks: &[usize],
    tied: &[bool],
) {
    let cards = plan.blocks[block].cards.clone();
    let columns = stack.columns.min(cards.len()).max(1);
    let rows = cards.len().div_ceil(stack.columns);
    let deepest = cards.iter().map(|&card| ranks[card]).max().unwrap_or(0);
    let mut filled = vec![0; columns];
    let mut order = cards;
    let pinned = plan.blocks[block].pinned;
    order.sort_by_key(|&card| (pinned != Some(card), !tied[card], ranks[card]));
    for card in order {
        let wanted = match tied[card] && pinned != Some(card) {
            true => ranks[card] * columns / (deepest + 1),
            false => 0,
        };
        let free = |column: &usize| filled[*column] < rows;
        let column = match tied[card] {
            true => (wanted..columns).find(free).or_else(|| (0..wanted).rev().find(free)),
            false => (0..columns).filter(free).min_by_key(|&column| filled[column]),
        };
        let column = column.expect("there are as many cells as cards");
        plan.cells[card] =
            Cell { stack: at, column: stack.first_column + column, row: first + filled[column] };
        filled[column] += 1;
    }
}

/// How far a plan is from what is wanted; less is better.
fn worth(picture: &Picture, plan: &Plan, sizes: &[(i32, i32)], shape: i32) -> i64 {
    let mut widths = vec![0; plan.columns];
    for (card, cell) in plan.cells.iter().enumerate() {
        widths[cell.column] = widths[cell.column].max(sizes[card].0);
    }
    let framed = |stack: &Stack| {
        let frames = |&(block, _): &(usize, usize)| plan.blocks[block].group.is_some();
        i32::from(stack.blocks.iter().any(frames))
    };
    let frames: i32 = plan.stacks.iter().map(|stack| framed(stack) * 2 * PAD + 16).sum();
    let width: i32 = widths.iter().map(|width| width + 32).sum::<i32>() + frames;
    let tall = |stack: &Stack| -> i32 {
        let high = |&(block, _): &(usize, usize)| {
            height(picture, &plan.blocks[block], sizes, stack.columns)
        };
        stack.blocks.iter().map(high).sum()
    };
    let height = plan.stacks.iter().map(tall).max().unwrap_or(1).max(1);
    // What a sheet of the wanted shape around it would measure.
    let (width, height, shape) = (i64::from(width), i64::from(height), i64::from(shape));
    let sheet = (width * 100 / shape).max(height);
    sheet * sheet + width * height / 4
}

/// Tries cards in each other's cells, and blocks in each other's places, while it shortens the lines.
fn improve(picture: &Picture, plan: &mut Plan) {
    let mut lines: Vec<Vec<usize>> = vec![Vec::new(); picture.cards.len()];
    for line in &picture.lines {
        lines[line.from].push(line.to);
        lines[line.to].push(line.from);
    }
    let mut directed: Vec<Vec<(usize, bool)>> = vec![Vec::new(); picture.cards.len()];
    for line in &picture.lines {
        directed[line.from].push((line.to, true));
        directed[line.to].push((line.from, false));
    }
    for _ in 0..SWEEPS {
        let moved = swap_cards(plan, &directed) | swap_blocks(plan, &lines);
        if !moved {
            break;
        }
    }
}

/// What the lines of a card cost where it stands.
fn cost(cells: &[Cell], directed: &[Vec<(usize, bool)>], card: usize) -> i64 {
    let here = cells[card];
    let of = |&(other, out): &(usize, bool)| {
        let there = cells[other];
        let (from, to) = if out { (here, there) } else { (there, here) };
        let rows = (from.row as i64 - to.row as i64).abs();
        let columns = to.column as i64 - from.column as i64;
        let turn = match columns {
            ..0 => 5 - 2 * columns,
            0 => 3,
            _ => 2 * columns - 2,
        };
        rows * rows.min(3) + turn
    };
    directed[card].iter().map(of).sum()
}

fn swap_cards(plan: &mut Plan, directed: &[Vec<(usize, bool)>]) -> bool {
    let mut moved = false;
    for block in 0..plan.blocks.len() {
        let cards = plan.blocks[block].cards.clone();
        if cards.len() > MANY {
            continue;
        }
        for (nth, &a) in cards.iter().enumerate() {
            for &b in &cards[nth + 1..] {
                let pinned = plan.blocks[block].pinned;
                let loose = directed[a].is_empty() && directed[b].is_empty();
                if loose || pinned == Some(a) || pinned == Some(b) {
                    continue;
                }
                let before = cost(&plan.cells, directed, a) + cost(&plan.cells, directed, b);
                plan.cells.swap(a, b);
                let after = cost(&plan.cells, directed, a) + cost(&plan.cells, directed, b);
                if after < before {
                    moved = true;
                } else {
                    plan.cells.swap(a, b);
                }
            }
        }
    }
    moved
}

/// Swaps neighbours of each stack where that shortens their lines.
fn swap_blocks(plan: &mut Plan, lines: &[Vec<usize>]) -> bool {
    let mut moved = false;
    for at in 0..plan.stacks.len() {
        for lower in 1..plan.stacks[at].blocks.len() {
            let before = stretch(plan, lines, at, lower);
            exchange(plan, at, lower);
            if stretch(plan, lines, at, lower) < before {
                moved = true;
            } else {
                exchange(plan, at, lower);
            }
        }
    }
    moved
}

/// How far up and down the lines of a block and of the one above it run. Relative to their stacks,
/// which differ in height.
fn stretch(plan: &Plan, lines: &[Vec<usize>], stack: usize, lower: usize) -> i64 {
    let depth = |card: usize| {
        let cell = plan.cells[card];
        (cell.row as i64 * 2 + 1) * 1000 / (plan.stacks[cell.stack].rows as i64 * 2).max(1)
    };
    plan.stacks[stack].blocks[lower - 1..=lower]
        .iter()
        .flat_map(|&(block, _)| &plan.blocks[block].cards)
        .flat_map(|&card| lines[card].iter().map(move |&other| (card, other)))
        .map(|(card, other)| (depth(card) - depth(other)).abs())
        .sum()
}

/// Puts a block of a stack above the one above it.
fn exchange(plan: &mut Plan, stack: usize, lower: usize) {
    let columns = plan.stacks[stack].columns;
    plan.stacks[stack].blocks.swap(lower - 1, lower);
    let mut row = plan.stacks[stack].blocks[lower - 1].1.min(plan.stacks[stack].blocks[lower].1);
    for nth in lower - 1..=lower {
        let (block, first) = plan.stacks[stack].blocks[nth];
        for at in 0..plan.blocks[block].cards.len() {
            let cell = &mut plan.cells[plan.blocks[block].cards[at]];
            cell.row = cell.row - first + row;
        }
        plan.stacks[stack].blocks[nth].1 = row;
        row += plan.rows_of(block, columns);
    }
}
