//! How large a file this process may write. Asked before it is written: past that limit (`ulimit -f`) the system
//! refuses nothing, it ends the process by a signal, and taking that would need unsafe code.

use std::io;

/// Refuses a file of that size as the system refuses it to whoever takes the signal.
#[cfg(unix)]
pub fn fits(size: usize) -> io::Result<()> {
    use rustix::process::{Resource, getrlimit};
    static MOST: std::sync::OnceLock<Option<u64>> = std::sync::OnceLock::new();
    match *MOST.get_or_init(|| getrlimit(Resource::Fsize).current) {
        Some(most) if size as u64 > most => Err(rustix::io::Errno::FBIG.into()),
        _ => Ok(()),
    }
}

/// Such a system knows no such limit.
#[cfg(not(unix))]
pub fn fits(_size: usize) -> io::Result<()> {
    Ok(())
}
