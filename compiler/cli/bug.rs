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

#[cfg(test)]
mod tests {
    use super::*;
    use colabc::source::{ReadError, Reader};
    use std::cell::RefCell;
    use std::process::Command;

    const SECRET: &str = "ähunter2";
    /// Which of the bugs to have: only in a process that was started for it.
    const WHICH: &str = "COLABC_TESTS_BUG";

    /// Ways to break at a text of the sources; the system's own words for most of them quote it.
    const BUGS: &[fn(String)] = &[
        |text| panic!("at {text}"),
        |text| drop(text[1..].to_owned()),
        |text| drop(text[..text.len() + 1].to_owned()),
        |text| assert_eq!(text, "nothing"),
        |text| drop(text.parse::<u8>().map(|_| String::new()).map_err(|_| text).expect("a number")),
        |text| std::panic::panic_any(text),
        |text| drop(RefCell::new(text).try_borrow_mut().map(|text| panic!("{text:?}"))),
        // On another thread, and told again where it is waited for.
        |text| drop(colabc::threads::each(&[text.clone(), text], 2, |text| panic!("at {text}"))),
        |text| std::thread::spawn(move || assert_eq!(text, "x")).join().expect("it ends well"),
        // Within the compiler.
        |text| drop(colabc::compile(&mut Broken(text), "cluster.colab")),
    ];

    struct Broken(String);

    impl Reader for Broken {
        fn read(&mut self, path: &str) -> Result<Vec<u8>, ReadError> {
            panic!("{path}: {}", self.0)
        }

        fn list(&mut self, _folder: &str) -> Result<Vec<String>, ReadError> {
            panic!("{}", self.0)
        }
    }

    /// As `main` does it, in a process of its own.
    #[test]
    fn no_bug_repeats_a_text_of_the_sources() {
        if let Ok(which) = std::env::var(WHICH) {
            tell();
            let bug = BUGS[which.parse::<usize>().expect("a number")];
            let work = std::thread::spawn(move || bug(SECRET.to_owned()));
            assert!(work.join().is_err());
            return;
        }
        for which in 0..BUGS.len() {
            let test = "cli::bug::tests::no_bug_repeats_a_text_of_the_sources";
            let done = Command::new(std::env::current_exe().expect("it has a name"))
                .args([test, "--exact", "--nocapture"])
                .env(WHICH, which.to_string())
                .env("RUST_BACKTRACE", "full")
                .output()
                .expect("it can be started");
            let said = [done.stdout, done.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert!(done.status.success(), "{which}: {said}");
            assert!(said.contains("error: a bug in colabc"), "{which}: {said}");
            assert!(!said.contains("hunter2"), "{which}: {said}");
        }
    }
}
