//! The same work for each of many, on several threads. Who calls says how many; the answers come in
//! the order of the questions, whatever thread was faster.

use std::sync::atomic::{AtomicUsize, Ordering};

/// `work` of each item, in order.
pub fn each<T: Sync, A: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> A + Sync,
) -> Vec<A> {
    if threads.min(items.len()) < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let some = || -> Vec<(usize, A)> {
        let at = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
        at.map_while(|at| items.get(at).map(|item| (at, work(item)))).collect()
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(items.len())).map(|_| scope.spawn(some)).collect();
        let mut done = some();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_answers_come_in_order() {
        let items: Vec<usize> = (0..1000).collect();
        for threads in 0..9 {
            assert!(
                super::each(&items, threads, |n| n * 2).into_iter().eq((0..1000).map(|n| n * 2))
            );
        }
    }
}
