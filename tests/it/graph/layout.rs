//! What must hold of every layout: cards apart and in their frames, lines around them.

use super::pictures;
use colabc::graph::layout::{Layout, Rect, layout};
use colabc::graph::{self, Options, Picture, View};
use std::collections::BTreeSet;

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

#[test]
fn cards_and_frames_stand_apart() {
    for (name, picture, layout) in laid_out() {
        let paper = Rect { x: 0, y: 0, w: layout.width, h: layout.height };
        let inside = |inner: Rect, outer: Rect| {
            inner.x >= outer.x
                && inner.y >= outer.y
                && inner.right() <= outer.right()
                && inner.bottom() <= outer.bottom()
        };
        for all in [&layout.cards, &layout.frames] {
            for (at, &one) in all.iter().enumerate() {
                assert!(inside(one, paper), "{name}: {one:?}");
                assert!(all[at + 1..].iter().all(|&other| !one.meets(other)), "{name}: {one:?}");
            }
        }
        for (card, &rect) in picture.cards.iter().zip(&layout.cards) {
            for (group, &frame) in layout.frames.iter().enumerate() {
                let own = card.group == Some(group);
                assert!(if own { inside(rect, frame) } else { !rect.meets(frame) }, "{name}");
            }
        }
    }
}

#[test]
fn no_line_runs_through_a_card() {
    for (name, picture, layout) in laid_out() {
        for path in &layout.paths {
            let line = picture.lines[path.line];
            let (from, to) = (layout.cards[line.from], layout.cards[line.to]);
            let (first, last) = (path.points[0], path.points[path.points.len() - 1]);
            for (end, card) in [(first, from), (last, to)] {
                let at_side = end.0 == card.x || end.0 == card.right();
                assert!(at_side && card.y < end.1 && end.1 < card.bottom(), "{name}: {path:?}");
            }
            for pair in path.points.windows(2) {
                let (a, b) = (pair[0], pair[1]);
                assert!(a.0 == b.0 || a.1 == b.1, "{name}: a slanting line {path:?}");
                let way = Rect {
                    x: a.0.min(b.0),
                    y: a.1.min(b.1),
                    w: (a.0 - b.0).abs(),
                    h: (a.1 - b.1).abs(),
                };
                // What is within a pixel of a card's border is on it.
                let near = |card: &Rect| {
                    let inner = Rect { x: card.x + 1, y: card.y + 1, w: card.w - 2, h: card.h - 2 };
                    inner.meets(Rect { w: way.w.max(1), h: way.h.max(1), ..way })
                };
                let through = layout.cards.iter().position(near);
                let through = through.map(|at| &picture.cards[at].name);
                assert_eq!(through, None, "{name}: {path:?}");
            }
        }
    }
}

/// Lines that share no end, or are of different kinds, never lie on each other.
#[test]
fn lines_of_different_kinds_lie_apart() {
    for (name, picture, layout) in laid_out() {
        let bundle = |line: usize| {
            let line = picture.lines[line];
            (line.bond, if line.bond.branches() { line.from } else { line.to })
        };
        // Pixels, each with the bundle that runs along it there, by direction.
        let mut taken = std::collections::BTreeMap::new();
        for path in &layout.paths {
            let own = bundle(path.line);
            for pair in path.points.windows(2) {
                let (a, b) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
                let upright = a.0 == b.0;
                let (from, to) = if upright { (a.1, b.1) } else { (a.0, b.0) };
                for step in from + 1..to {
                    let pixel = if upright { (true, a.0, step) } else { (false, step, a.1) };
                    let other = *taken.entry(pixel).or_insert(own);
                    assert!(other == own, "{name}: {own:?} lies on {other:?} at {pixel:?}");
                }
            }
        }
    }
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
