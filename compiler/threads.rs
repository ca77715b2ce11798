//! One function over many things on several threads; the answers come in the order of the things, however many
//! threads there are.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// What the function says of each thing. The first failure, in the order of the things that were begun, ends it.
pub fn each<T: Sync, R: Send, E: Send>(
    threads: usize,
    things: &[T],
    f: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let threads = threads.min(things.len());
    if threads < 2 {
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
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut all = run();
        for thread in others {
            match thread.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    answers.sort_unstable_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// The same for a function that cannot fail.
pub fn all<T: Sync, R: Send>(threads: usize, things: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    match each(threads, things, |thing| Ok::<R, std::convert::Infallible>(f(thing))) {
        Ok(answers) => answers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_order() {
        let things: Vec<usize> = (0..1000).collect();
        for threads in 0..9 {
            assert_eq!(all(threads, &things, |thing| thing * 2)[501], 1002, "{threads}");
            let failed =
                each(threads, &things, |&thing| if thing < 700 { Ok(()) } else { Err(thing) });
            assert_eq!(failed, Err(700));
        }
    }
}
