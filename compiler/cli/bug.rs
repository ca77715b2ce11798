//! What is said of a bug in `colabc`: where it is. Never what it was at: that may be a text of the
//! sources, with a secret in it.

use std::io::Write;
use std::panic::PanicHookInfo;

/// From now on a bug is told in our words.
pub fn tell() {
    std::panic::set_hook(Box::new(|info| {
        // Nobody may be there to read it.
        let _ = writeln!(std::io::stderr(), "{}", text(info));
    }));
}

pub fn text(info: &PanicHookInfo) -> String {
    let place = info.location().map(|at| format!(" at {}:{}", at.file(), at.line()));
    // A message that was put together may quote a source; one that stands in ours does not.
    let why = info.payload().downcast_ref::<&'static str>().map(|why| format!(": {why}"));
    format!(
        "error: a bug in colabc {}{}{}\n  = help: report it with this line; no text of your sources is in it",
        env!("CARGO_PKG_VERSION"),
        place.unwrap_or_default(),
        why.unwrap_or_default(),
    )
}
