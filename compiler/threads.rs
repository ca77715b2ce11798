//! The same work for each of many, on several threads. Who calls says how many; the answers come in
//! the order of the questions, whatever thread was faster.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

/// Whether an answer is still waited for. Who once said no never says yes again: what was left out
/// meanwhile stays out.
pub type Wanted<'a> = &'a (dyn Fn() -> bool + Sync);

/// For an answer that somebody waits for to its end.
pub const ALWAYS: Wanted = &|| true;

/// Expressions and blocks nest, and whoever walks them by recursion needs more than a thread gets by itself.
const STACK: usize = 64 << 20;

/// Starting a thread, and putting behind each other what several made, costs as much as looking at so many bytes of text.
pub const WORTH_ONE: usize = 64 << 10;

/// `work` of each item, in order.
pub fn each<T: Sync, A: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> A + Sync,
) -> Vec<A> {
    match try_each(items, threads, |item| Ok::<A, Infallible>(work(item))) {
        Ok(answers) => answers,
    }
}

/// The same where the work takes the items.
pub fn each_of<T: Send, A: Send>(
    items: Vec<T>,
    threads: usize,
    work: impl Fn(T) -> A + Sync,
) -> Vec<A> {
    let items: Vec<Mutex<Option<T>>> = items.into_iter().map(|i| Mutex::new(Some(i))).collect();
    each(&items, threads, |item| {
        let item = item.lock().unwrap_or_else(PoisonError::into_inner).take();
        work(item.expect("each item is taken once"))
    })
}

/// Some work of several sorts, as much of it as there are threads at once.
pub type Job<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Does all of it.
pub fn together(jobs: Vec<Job>, threads: usize) {
    each_of(jobs, threads, |job| job());
}

/// The same for work that can fail: the first failure, in the order of the items that were begun, ends it.
pub fn try_each<T: Sync, A: Send, E: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> Result<A, E> + Sync,
) -> Result<Vec<A>, E> {
    let threads = threads.min(items.len());
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let some = || {
        let mut done = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { break };
            let answer = work(item);
            if answer.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            done.push((at, answer));
        }
        done
    };
    let mut done: Vec<(usize, Result<A, E>)> = std::thread::scope(|scope| {
        let start = |_| Builder::new().stack_size(STACK).spawn_scoped(scope, some);
        let others: Vec<_> = (1..threads).map_while(|nth| start(nth).ok()).collect();
        let mut done = some();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_come_in_order() {
        let items: Vec<usize> = (0..1000).collect();
        for threads in 0..9 {
            assert!(each(&items, threads, |n| n * 2).into_iter().eq((0..1000).map(|n| n * 2)));
            let owned = each_of(items.clone(), threads, |n| n * 2);
            assert!(owned.into_iter().eq((0..1000).map(|n| n * 2)));
            let failed = try_each(&items, threads, |&n| if n < 700 { Ok(()) } else { Err(n) });
            assert_eq!(failed, Err(700));
            let (mut one, mut other) = (0, String::new());
            together(vec![Box::new(|| one = 7), Box::new(|| other.push('a'))], threads);
            assert_eq!((one, &*other), (7, "a"));
        }
    }
}
