//! How many threads there are, how many the disk is worth, and which may wait.

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

/// As many as the machine runs at once.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// From now on, this thread and those that it starts work when others don't. Where the system cannot tell
/// threads apart, nothing happens.
pub fn give_way() {
    // Elsewhere this is a matter of the whole process.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, LATER);
}

#[cfg(target_os = "linux")]
const LATER: i32 = 10;
