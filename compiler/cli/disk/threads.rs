//! One function over many things on all cores; the answers come in the order of the things. Knows
//! nothing of files.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// Less work than this is done sooner than threads are started.
const WORTH_THREADS: usize = 256;

/// `work` says how much there is to do in all, in files. The first failure, in the order of the
/// things that were begun, ends it.
pub fn each<T: Sync, R: Send, E: Send>(
    things: &[T],
    work: usize,
    f: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let cores = thread::available_parallelism().map_or(1, usize::from).min(things.len());
    if work < WORTH_THREADS || cores < 2 {
        return things.iter().map(f).collect();
    }
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let run = || {
        let mut done = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(thing) = things.get(at) else { break };
            let answer = f(thing);
            if answer.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            done.push((at, answer));
        }
        done
    };
    let mut answers: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(run)).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        threads.into_iter().flat_map(join).collect()
    });
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
