//! Hostile texts, hostile values, odd circumstances: nothing breaks. Each test does a bounded number
//! of executions; with `COLAB_FULL=1` (`.ci/full`) the long one, with `COLAB_EXECUTIONS` any.

mod arguments;
mod bounds;
mod fuzz;
mod limits;
mod memory;
mod messages;
mod quiet;
mod same_bytes;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How often a test tries: in every run, and in the long one.
struct Executions {
    always: usize,
    full: usize,
}

impl Executions {
    fn now(&self) -> usize {
        if let Ok(count) = std::env::var("COLAB_EXECUTIONS") {
            return count.parse().expect("it is a number");
        }
        let full = std::env::var_os("COLAB_FULL").is_some_and(|value| value == "1");
        if full { self.full } else { self.always }
    }

    /// Calls `one` with each number below the count, on all cores. The first that panics ends the
    /// test, with the number; `COLAB_NUMBER` calls it with that one only.
    fn each(&self, what: &str, one: impl Fn(u64) + Sync) {
        if let Ok(number) = std::env::var("COLAB_NUMBER") {
            return one(number.parse().expect("it is a number"));
        }
        let (count, next) = (self.now(), AtomicUsize::new(0));
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let work = || {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= count {
                            return;
                        }
                        if catch_unwind(AssertUnwindSafe(|| one(number as u64))).is_err() {
                            next.store(count, Ordering::Relaxed);
                            panic!("{what}: number {number} of {count}");
                        }
                    }
                };
                std::thread::Builder::new()
                    .stack_size(8 << 20)
                    .spawn_scoped(scope, work)
                    .expect("a thread can be started");
            }
        });
        crate::consumers::tell(&format!("{what}: {count} executions"));
    }
}
