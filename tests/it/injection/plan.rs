//! Which text place is tried where: each in the place of the stage where it reaches the most files, as
//! many at once as get along.

use super::slots::{Form, Slot, quoted, slots};
use super::stage::{self, Setting, Spot};
use crate::laws::compile;
use crate::memory::{Ask, Memory, check};
use colabc::Compilation;
use colabc::diag::Severity;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A text place with its place on the stage.
#[derive(Clone)]
pub struct Seat {
    pub slot: Slot,
    pub form: Form,
    pub spot: usize,
    pub copied: bool,
    /// The words of the blocks that are still to be written around it.
    pub around: Vec<String>,
    pub frame: (String, String),
}

impl Seat {
    pub fn setting(&self, texts: impl IntoIterator<Item = String>) -> Setting {
        let texts = texts.into_iter().enumerate();
        let statements = texts.map(|(copy, text)| self.line(copy, &self.framed(&text))).collect();
        let word = self.around.first().unwrap_or(&self.slot.word).clone();
        Setting { spot: self.spot, word, statements }
    }

    /// Whether the text is one among others there. `*` in front of a site's domain is no name but every one, for which
    /// DNS has another kind of line.
    pub fn is_for(&self, text: &str) -> bool {
        text != "*" || !self.slot.name.ends_with(".site label")
    }

    pub fn framed(&self, text: &str) -> String {
        format!("{}{text}{}", self.frame.0, self.frame.1)
    }

    /// What else the statement names must be another in each copy.
    fn line(&self, copy: usize, text: &str) -> String {
        let own = |part: &str| {
            let names = ["extra", "third", "sdz", "/etc/other"]
                .iter()
                .fold(part.to_owned(), |part, word| part.replace(word, &format!("{word}{copy}")));
            let port = |from: usize| (from + copy).to_string();
            names.replace("7777", &port(20_000)).replace("7790", &port(21_000))
        };
        let mut statement =
            format!("{}{}{}", own(&self.form.before), quoted(text), own(&self.form.after));
        if !self.around.is_empty() {
            statement.insert_str(0, &own(&self.slot.beside));
        }
        self.around.iter().rev().fold(statement, |line, word| format!("{word} {{ {line} }}"))
    }
}

/// What stands for the texts of a seat while nothing is hostile yet: words of one length, for up to a hundred copies.
pub fn token(seat: usize, copy: usize) -> String {
    let letter = |at: usize| char::from(b'a' + (at % 26) as u8);
    format!("zq{}{}{}c{copy:02}qz", letter(seat / 676), letter(seat / 26), letter(seat))
}

pub fn run(text: String) -> Compilation {
    let ask = Ask { emit: true, ..Ask::default() };
    check(Memory::new([("cluster.colab", text)]), "cluster.colab", ask)
}

/// The lines of all labels of each error, from 1, with its code; its first label first.
pub fn errors(found: &Compilation) -> Vec<(&'static str, Vec<usize>)> {
    let faults = found.diagnostics.iter().filter(|d| d.severity() == Severity::Error);
    let line = |span: colabc::source::Span| {
        let file = found.sources.file(span.file);
        (file.name == "cluster.colab").then(|| file.position(span.start).line as usize)
    };
    faults.map(|d| (d.code.id, d.labels.iter().filter_map(|l| line(l.span)).collect())).collect()
}

/// What came of looking for seats.
#[derive(Default)]
pub struct Plan {
    /// Each of them a set of seats that get along.
    pub passes: Vec<Vec<Seat>>,
    /// Slots that hold not even a harmless word beside what their type's own examples say: a closed set of
    /// texts, a name that must exist. A seat for each, to be refused in.
    pub closed: Vec<Seat>,
}

/// Where the plan is kept, as looking for it takes minutes: a line for each slot, with its pass (`-` for
/// none), and the number of its seat among all that it might have.
const KEPT: &str = "tests/it/injection/seats.txt";

/// The plan for the slots that the schema has today.
pub fn plan() -> Plan {
    let base = stage::text(1, &[]).text;
    let first = run(base.clone());
    assert_eq!(errors(&first), [], "the stage is sound");
    let model = compile(&[("cluster.colab".to_owned(), base)].into()).resolved.model;
    let spots = stage::spots();
    let slots: Vec<Vec<Seat>> = slots(&model).iter().map(|slot| options(slot, &spots)).collect();
    let homeless: Vec<_> = slots.iter().filter(|seats| seats.is_empty()).collect();
    assert!(homeless.is_empty(), "the stage has no place for a kind");
    let path = crate::ratchet::root().join(KEPT);
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if let Some(plan) = remembered(&kept, &slots) {
        return plan;
    }
    assert!(
        std::env::var_os("COLAB_UPDATE").is_some(),
        "{KEPT} is not of this schema: COLAB_UPDATE=1 cargo test injection::"
    );
    let text = look(slots.clone());
    std::fs::write(&path, &text).expect("the repository is writable");
    remembered(&text, &slots).expect("it was just made")
}

fn remembered(kept: &str, slots: &[Vec<Seat>]) -> Option<Plan> {
    let mut lines: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for line in kept.lines() {
        let mut parts = line.splitn(3, ' ');
        let (pass, seat) = (parts.next()?, parts.next()?.parse().ok()?);
        lines.insert(parts.next()?, (pass, seat));
    }
    let mut plan = Plan::default();
    for seats in slots {
        let (pass, seat) = lines.remove(seats[0].slot.name.as_str())?;
        let seat = seats.get(seat)?.clone();
        match pass.parse::<usize>() {
            Ok(pass) => {
                plan.passes.resize_with(plan.passes.len().max(pass + 1), Vec::new);
                plan.passes[pass].push(seat);
            }
            Err(_) => plan.closed.push(seat),
        }
    }
    lines.is_empty().then_some(plan)
}

/// Finds each slot the seat from which it reaches the most files, and then whom it gets along with.
fn look(slots: Vec<Vec<Seat>>) -> String {
    let found = each(slots, |seats| {
        let mut good: Vec<(usize, usize, Seat)> = Vec::new();
        for (number, seat) in seats.iter().enumerate() {
            // One seat a place is enough.
            if good.iter().all(|(_, _, other)| other.spot != seat.spot) {
                good.extend(reach(seat).map(|reach| (reach, number, seat.clone())));
            }
        }
        good.sort_by_key(|(reach, _, seat)| (!seat.copied, std::cmp::Reverse(*reach)));
        let good: Vec<_> = good.into_iter().map(|(_, number, seat)| (number, seat)).collect();
        (seats[0].slot.name.clone(), good)
    });
    let mut lines = BTreeMap::new();
    let mut open = Vec::new();
    for (name, seats) in found {
        // Lines of Caddy's own language: whatever they do, they were asked to.
        match seats.is_empty() || name == "site.raw" {
            true => drop(lines.insert(name, "- 0".to_owned())),
            false => open.push(seats),
        }
    }
    for pass in 0.. {
        if open.is_empty() {
            break;
        }
        let mut now: Vec<(usize, Vec<(usize, Seat)>)> =
            open.drain(..).map(|seats| (0, seats)).collect();
        loop {
            let seats: Vec<Seat> = now.iter().map(|(at, seats)| seats[*at].1.clone()).collect();
            let left = quarrels(&seats);
            if left.is_empty() {
                break;
            }
            left.iter().for_each(|&at| now[at].0 += 1);
            let gone = now.extract_if(.., |(at, seats)| *at >= seats.len());
            open.extend(gone.map(|(_, seats)| seats));
        }
        assert!(!now.is_empty(), "{} gets along with nobody", open[0][0].1.slot.name);
        for (at, seats) in now {
            lines.insert(seats[at].1.slot.name.clone(), format!("{pass} {}", seats[at].0));
        }
    }
    lines.iter().map(|(name, seat)| format!("{seat} {name}\n")).collect()
}

/// How many files a harmless word of a seat is in; none where there is an error.
fn reach(seat: &Seat) -> Option<usize> {
    let mark = token(0, 0);
    let text = stage::text(1, &[seat.setting([mark.clone()])]).text;
    // Most attempts end here, long before a file is made.
    if compile(&[("cluster.colab".to_owned(), text.clone())].into()).errors() > 0 {
        return None;
    }
    let tree = run(text).tree?;
    let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(&mark);
    Some(tree.iter().filter(|(_, file)| holds(&file.bytes)).count())
}

/// Every seat that a slot might have, by place and then by frame.
fn options(slot: &Slot, spots: &[Spot]) -> Vec<Seat> {
    let mut kinds = vec![(slot.kind.clone(), &slot.around[..])];
    for known in 1..=slot.around.len() {
        let kind = format!("{}.{}", slot.kind, slot.around[..known].join("."));
        kinds.push((kind, &slot.around[known..]));
    }
    let mut seats = Vec::new();
    for (kind, around) in kinds.iter().rev() {
        for (spot, place) in spots.iter().enumerate().filter(|(_, spot)| spot.kind == *kind) {
            for (at, form) in slot.forms.iter().enumerate() {
                // The forms differ in what stands around the text, the frames in the text itself.
                let most = if at == 0 { usize::MAX } else { 2 };
                seats.extend(form.frames(&slot.name).into_iter().take(most).map(|frame| Seat {
                    slot: slot.clone(),
                    form: form.clone(),
                    spot,
                    copied: place.copied,
                    around: around.to_vec(),
                    frame,
                }));
            }
        }
    }
    seats
}

/// Whom the errors of these seats together are about: of each error the last seat that it labels. Where
/// none labels any, the seat whose coming makes the error. None if all get along.
fn quarrels(seats: &[Seat]) -> BTreeSet<usize> {
    let (faults, left) = blamed(seats);
    if faults == 0 || !left.is_empty() {
        return left;
    }
    // With the first `good` seats there is no error, with the first `bad` there is.
    let (mut good, mut bad) = (0, seats.len());
    while good + 1 < bad {
        let middle = (good + bad) / 2;
        match blamed(&seats[..middle]).0 {
            0 => good = middle,
            _ => bad = middle,
        }
    }
    [good].into()
}

fn blamed(seats: &[Seat]) -> (usize, BTreeSet<usize>) {
    let settings: Vec<Setting> =
        seats.iter().enumerate().map(|(at, seat)| seat.setting([token(at, 0)])).collect();
    let text = stage::text(1, &settings);
    let lines: BTreeMap<usize, usize> =
        text.lines.iter().map(|(line, at, _)| (*line, *at)).collect();
    let faults = errors(&run(text.text));
    let last =
        |labels: &Vec<usize>| labels.iter().filter_map(|line| lines.get(line)).max().copied();
    (faults.len(), faults.iter().filter_map(|(_, labels)| last(labels)).collect())
}

/// Does it for all of them, on all cores, in their order.
pub fn each<T: Send, R: Send>(all: Vec<T>, one: impl Fn(T) -> R + Sync) -> Vec<R> {
    let count = all.len();
    let todo: Vec<Mutex<Option<T>>> = all.into_iter().map(|item| Mutex::new(Some(item))).collect();
    let done: Vec<Mutex<Option<R>>> = (0..count).map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            let work = || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(cell) = todo.get(at) else { return };
                    let item = cell.lock().expect("nobody panicked").take().expect("once each");
                    *done[at].lock().expect("nobody panicked") = Some(one(item));
                }
            };
            std::thread::Builder::new()
                .stack_size(16 << 20)
                .spawn_scoped(scope, work)
                .expect("a thread starts");
        }
    });
    done.into_iter()
        .map(|cell| cell.into_inner().expect("nobody panicked").expect("done"))
        .collect()
}
