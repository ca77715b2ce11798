//! The command. Everything that touches the world is here and in `cli/`.

mod cli;

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Most of what is made is small and short-lived, on several threads: see docs/decisions/0014-allocator.md.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

/// Enough for what is nested as deep as the language lets it be; only what is used costs anything.
const STACK: usize = 256 << 20;

fn main() -> ExitCode {
    cli::bug::tell();
    let work = std::thread::Builder::new().stack_size(STACK).spawn(cli::run);
    // Without a thread, the stack that there is serves all but the deepest.
    work.map_or_else(|_| cli::run(), |done| done.join().unwrap_or(ExitCode::from(101)))
}
