//! What must hold of every layout: cards apart and in their frames, lines around them.

use super::pictures;
use colabc::graph::layout::{Layout, Rect, layout};
use colabc::graph::{self, Options, Picture, View};
use std::collections::{BTreeMap, BTreeSet};

fn laid_out() -> Vec<(String, Picture, Layout)> {
    let mut all = Vec::new();
    for (name, picture) in pictures() {
        for shape in [60, 150] {
            let layout = layout(&picture, shape);
            all.push((format!("{name}, {shape}"), picture.clone(), layout));
        }
    }
    all
}

/// What is wrong with a layout, in words.
type Fault = String;

fn inside(inner: Rect, outer: Rect) -> bool {
    inner.x >= outer.x
        && inner.y >= outer.y
        && inner.right() <= outer.right()
        && inner.bottom() <= outer.bottom()
}

fn apart(picture: &Picture, layout: &Layout) -> Vec<Fault> {
    let mut faults = Vec::new();
    let paper = Rect { x: 0, y: 0, w: layout.width, h: layout.height };
    for all in [&layout.cards, &layout.frames] {
        for (at, &one) in all.iter().enumerate() {
            if !inside(one, paper) || all[at + 1..].iter().any(|&other| one.meets(other)) {
                faults.push(format!("{one:?} leaves the paper or meets another"));
            }
        }
    }
    for (card, &rect) in picture.cards.iter().zip(&layout.cards) {
        for (group, &frame) in layout.frames.iter().enumerate() {
            let own = card.group == Some(group);
            if if own { !inside(rect, frame) } else { rect.meets(frame) } {
                faults.push(format!("{} does not stand in its frame alone", card.name));
            }
        }
    }
    faults
}

/// Lines that do not go from card to card, slant, or run through a card.
fn astray(picture: &Picture, layout: &Layout) -> Vec<Fault> {
    let mut faults = Vec::new();
    for path in &layout.paths {
        let line = picture.lines[path.line];
        let (from, to) = (layout.cards[line.from], layout.cards[line.to]);
        let (first, last) = (path.points[0], path.points[path.points.len() - 1]);
        for (end, card) in [(first, from), (last, to)] {
            let at_side = end.0 == card.x || end.0 == card.right();
            if !at_side || end.1 <= card.y || card.bottom() <= end.1 {
                faults.push(format!("{line:?} ends beside its card"));
            }
        }
        for pair in path.points.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            if a.0 != b.0 && a.1 != b.1 {
                faults.push(format!("{line:?} slants"));
            }
            let (x, y) = (a.0.min(b.0), a.1.min(b.1));
            let way = Rect { x, y, w: (a.0 - b.0).abs().max(1), h: (a.1 - b.1).abs().max(1) };
            // A line may touch the border where it begins and ends.
            let body = |card: &Rect| Rect { x: card.x + 1, w: card.w - 2, ..*card };
            if let Some(at) = layout.cards.iter().position(|card| body(card).meets(way)) {
                faults.push(format!("{line:?} runs through {}", picture.cards[at].name));
            }
        }
    }
    faults
}

/// Lines that share no end, or are of different kinds, and lie on each other.
fn doubled(picture: &Picture, layout: &Layout) -> Vec<Fault> {
    let bundle = |line: usize| {
        let line = picture.lines[line];
        (line.bond, if line.bond.branches() { line.from } else { line.to })
    };
    let mut faults = Vec::new();
    // Pixels, each with the bundle that runs along it there, by direction.
    let mut taken = BTreeMap::new();
    for path in &layout.paths {
        let own = bundle(path.line);
        for pair in path.points.windows(2) {
            let (a, b) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
            let upright = a.0 == b.0;
            let (from, to) = if upright { (a.1, b.1) } else { (a.0, b.0) };
            for step in from + 1..to {
                let pixel = if upright { (true, a.0, step) } else { (false, step, a.1) };
                let other = *taken.entry(pixel).or_insert(own);
                if other != own {
                    faults.push(format!("{own:?} lies on {other:?} at {pixel:?}"));
                }
            }
        }
    }
    faults
}

#[test]
fn every_layout_is_sound() {
    for (name, picture, layout) in laid_out() {
        for fault in [apart, astray, doubled].map(|look| look(&picture, &layout)) {
            assert_eq!(fault, [""; 0], "{name}");
        }
    }
}

#[test]
fn an_unsound_layout_is_found_out() {
    let run = super::compile(&super::own());
    let picture = graph::picture(&run.resolved.model, View::Network);
    let sound = layout(&picture, 150);
    let mut moved = sound.clone();
    moved.cards[0].x = moved.cards[1].x;
    moved.cards[0].y = moved.cards[1].y;
    assert!(!apart(&picture, &moved).is_empty() && !astray(&picture, &moved).is_empty());
    let mut through = sound.clone();
    let far = through.paths[0].points.len() - 1;
    through.paths[0].points[far].0 += 40;
    assert!(!astray(&picture, &through).is_empty());
    let mut on = sound.clone();
    let other = on
        .paths
        .iter()
        .position(|path| picture.lines[path.line].to != picture.lines[on.paths[0].line].to);
    on.paths[0].points = on.paths[other.unwrap()].points.clone();
    assert!(!doubled(&picture, &on).is_empty());
}

#[test]
fn columns_are_aligned() {
    for (name, _, layout) in laid_out() {
        let lefts: BTreeSet<(i32, i32)> =
            layout.cards.iter().map(|card| (card.x, card.w)).collect();
        let mut places: Vec<_> = lefts.into_iter().collect();
        places.dedup_by_key(|place| place.0);
        for pair in places.windows(2) {
            assert!(pair[0].0 + pair[0].1 < pair[1].0, "{name}: {pair:?}");
        }
    }
}

#[test]
fn the_same_cluster_gives_the_same_bytes() {
    let plain = super::own();
    let mut spoken = plain.clone();
    for text in spoken.values_mut() {
        *text = format!("// A comment.\n\n{text}");
    }
    let (a, b) = (super::compile(&plain), super::compile(&spoken));
    for &view in View::ALL {
        let draw =
            |run: &colabc::Compilation| graph::svg(&run.resolved.model, view, &Options::default());
        assert_eq!(draw(&a), draw(&a), "{}", view.word());
        assert_eq!(draw(&a), draw(&b), "{}: a comment changes no picture", view.word());
    }
}
