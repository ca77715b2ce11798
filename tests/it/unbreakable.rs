//! Hostile texts, hostile values, odd circumstances: nothing breaks. Each test does a bounded number
//! of executions; with `COLAB_FULL=1` (`.ci/full`) the long one, with `COLAB_EXECUTIONS` any.

mod arguments;
mod bounds;
mod fuzz;
mod limits;
mod memory;
mod messages;
#[cfg(unix)]
mod odd;
mod quiet;
mod same_bytes;

use crate::consumers::tell;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The least that has an answer.
const BASE: &str = "cluster h { edition = 1 }\nnode box { arch = arm64   os = macos }\n";

/// `let a0 = first`, and many more lets, each made of the one before.
fn chain(first: &str, count: usize, next: impl Fn(&str) -> String) -> String {
    let mut text = format!("let a0 = {first}\n");
    for at in 1..=count {
        writeln!(text, "let a{at} = {}", next(&format!("a{}", at - 1))).unwrap();
    }
    text
}

/// How often a test tries: in every run, and in the long one.
struct Executions {
    always: u64,
    full: u64,
}

/// After so many that fail, the rest would say nothing new.
const FAILURES: usize = 20;
/// An execution that takes longer is told while it runs: it may never end.
const LONG: Duration = Duration::from_secs(60);

impl Executions {
    fn now(&self) -> u64 {
        let full = std::env::var_os("COLAB_FULL").is_some_and(|value| value == "1");
        knob("COLAB_EXECUTIONS").unwrap_or(if full { self.full } else { self.always })
    }

    /// Calls `one` with each number of the count, on all cores, and in the end panics with those
    /// that did. `COLAB_NUMBER` calls it with that one only. A long count can be had in parts:
    /// `COLAB_FIRST` is the number to begin with, and after `COLAB_SECONDS` no other is begun.
    fn each(&self, what: &str, one: impl Fn(u64) + Sync) {
        if let Some(number) = knob("COLAB_NUMBER") {
            return one(number);
        }
        let (count, first) = (self.now(), knob("COLAB_FIRST").unwrap_or(0));
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let threads = knob("COLAB_THREADS").map_or(cores, |threads| threads as usize);
        let (begun, most) = (Instant::now(), knob("COLAB_SECONDS").map(Duration::from_secs));
        let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
        let failed = Mutex::new(Vec::new());
        let running: Vec<Mutex<Option<(u64, Instant)>>> =
            (0..threads).map(|_| Mutex::default()).collect();
        let work = |at: &Mutex<Option<(u64, Instant)>>| {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let enough = most.is_some_and(|most| begun.elapsed() > most);
                if number >= count || enough {
                    return;
                }
                let number = first + number;
                *at.lock().unwrap() = Some((number, Instant::now()));
                let ended = catch_unwind(AssertUnwindSafe(|| one(number)));
                *at.lock().unwrap() = None;
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                if done.is_multiple_of(self.always) && done < count {
                    tell(&format!("{what}: {done} executions so far"));
                }
                if ended.is_err() {
                    tell(&format!("{what}: number {number} fails"));
                    let mut failed = failed.lock().unwrap();
                    failed.push(number);
                    if failed.len() == FAILURES {
                        next.store(count, Ordering::Relaxed);
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            let (sender, ended) = channel::<()>();
            for at in &running {
                let (work, sender) = (&work, sender.clone());
                std::thread::Builder::new()
                    .stack_size(8 << 20)
                    .spawn_scoped(scope, move || {
                        work(at);
                        drop(sender);
                    })
                    .expect("a thread can be started");
            }
            drop(sender);
            while ended.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
                for (number, since) in running.iter().filter_map(|at| *at.lock().unwrap()) {
                    if since.elapsed() > LONG {
                        tell(&format!("{what}: number {number} has run for {:?}", since.elapsed()));
                    }
                }
            }
        });
        let (mut failed, done) = (failed.into_inner().unwrap(), done.into_inner());
        failed.sort_unstable();
        tell(&format!(
            "{what}: {done} executions from {first} on, {} s",
            begun.elapsed().as_secs()
        ));
        assert!(failed.is_empty(), "{what}: of {done} these fail: {failed:?}");
    }
}

/// A number that whoever runs the tests may set.
fn knob(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}: expected a number, found `{text}`")))
}
