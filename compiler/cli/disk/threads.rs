//! How many threads there are, and how many the disk is worth.

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
        false => cores(),
    };
    colabc::threads::try_each(things, cores, f)
}

/// Two things side by side, where there is enough to do.
pub fn both<A: Send, B>(
    work: usize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    if work < WORTH_THREADS {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
    })
}

/// As many as the machine runs at once.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
