//! Whether somebody still waits for what is worked out, and the program that works it out: it ends with the waiting.

use std::io::{self, Read};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, scope};

/// Whether somebody still waits for an answer.
#[derive(Clone, Default)]
pub struct Awaited(Arc<State>);

#[derive(Default)]
struct State {
    given_up: AtomicBool,
    /// The program that works it out, as long as it runs.
    program: Mutex<Option<Child>>,
}

impl Awaited {
    pub fn still(&self) -> bool {
        !self.0.given_up.load(Ordering::Relaxed)
    }

    /// Nobody waits any more: a program that works for it is ended.
    pub fn give_up(&self) {
        self.0.given_up.store(true, Ordering::Relaxed);
        if let Some(program) = self.program().as_mut() {
            let _ = program.kill();
        }
    }

    /// Runs a program to its end, or until nobody waits for it.
    pub fn run(&self, command: &mut Command) -> io::Result<Output> {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        *self.program() = Some(child);
        if !self.still() {
            self.give_up();
        }
        let read: io::Result<(Vec<u8>, Vec<u8>)> = scope(|scope| {
            let stderr = Builder::new().spawn_scoped(scope, || all_of(stderr))?;
            Ok((all_of(stdout), stderr.join().unwrap_or_default()))
        });
        let child = self.program().take();
        let mut child = child.expect("who put it there takes it out");
        if read.is_err() {
            let _ = child.kill();
        }
        let status = child.wait()?;
        let (stdout, stderr) = read?;
        Ok(Output { status, stdout, stderr })
    }

    fn program(&self) -> MutexGuard<'_, Option<Child>> {
        self.0.program.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn all_of(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        // What could be read of it is what there is.
        let _ = pipe.read_to_end(&mut bytes);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It would never end by itself.
    #[cfg(unix)]
    #[test]
    fn a_program_that_nobody_waits_for_is_ended() {
        let awaited = Awaited::default();
        let endless =
            |awaited: &Awaited| awaited.run(Command::new("tail").args(["-f", "/dev/null"]));
        let output = scope(|scope| {
            let running = scope.spawn(|| endless(&awaited));
            while awaited.program().is_none() {
                std::thread::yield_now();
            }
            awaited.give_up();
            running.join().expect("it does not panic")
        });
        assert!(!output.expect("it was started").status.success());
        // Who is given up before it begins is ended as well.
        assert!(!endless(&awaited).expect("it was started").status.success());
    }

    #[cfg(unix)]
    #[test]
    fn all_that_a_program_says_is_heard() {
        let mut command = Command::new("sh");
        command.args(["-c", "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; exit 3"]);
        let output = Awaited::default().run(&mut command).expect("it can be run");
        assert_eq!((output.stdout.len(), output.stderr.len()), (300_000, 300_000));
        assert_eq!(output.status.code(), Some(3));
    }
}
