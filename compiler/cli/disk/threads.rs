//! How many threads the disk is worth.

use std::thread;

/// Less work than this is done sooner than threads are started.
const WORTH_THREADS: usize = 256;

/// One function over many things, on all cores where there is enough to do; `work` says how much that is in all,
/// in files.
pub fn each<T: Sync, R: Send, E: Send>(
    things: &[T],
    work: usize,
    f: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let cores = match work < WORTH_THREADS {
        true => 1,
        false => thread::available_parallelism().map_or(1, usize::from),
    };
    colabc::threads::try_each(things, cores, f)
}
