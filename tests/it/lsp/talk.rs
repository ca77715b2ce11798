//! An editor that keeps no manners: sends any bytes to the real server, and counts what comes back.

use super::client::{command, messages};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// A server that says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(240);

/// How a talk ends.
#[derive(PartialEq)]
pub enum Ending {
    /// `shutdown`, then `exit`: everything is answered.
    Goodbye,
    /// `exit` alone.
    Exit,
    /// The input ends.
    Gone,
    /// The input ends, and nobody knows in which frame.
    Lost,
}

pub struct Talk {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    complaints: Option<std::thread::JoinHandle<String>>,
    /// How many answers each number is to get, and got.
    asked: BTreeMap<String, usize>,
    answered: BTreeMap<String, usize>,
    settled: usize,
    /// All that the server said.
    pub heard: String,
}

impl Talk {
    pub fn start(program: PathBuf) -> Talk {
        let mut child =
            command(&program).stderr(Stdio::piped()).spawn().expect("the server can be started");
        let mut errors = child.stderr.take().expect("its errors are a pipe");
        let messages = messages(&mut child);
        let complaints = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = errors.read_to_string(&mut text);
            text
        });
        Talk {
            input: child.stdin.take(),
            child,
            messages,
            complaints: Some(complaints),
            asked: BTreeMap::new(),
            answered: BTreeMap::new(),
            settled: 0,
            heard: String::new(),
        }
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("the talk goes on");
        input.write_all(bytes).expect("the server reads");
        input.flush().expect("the server reads");
    }

    fn frame(&mut self, text: &str) {
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub fn send(&mut self, message: Value) {
        self.frame(&message.to_string());
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    pub fn ask(&mut self, id: Value, method: &str, params: Value) {
        *self.asked.entry(id.to_string()).or_default() += 1;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
    }

    /// A body that is no message: it is answered without a number.
    pub fn wrong(&mut self, body: &str) {
        *self.asked.entry("null".into()).or_default() += 1;
        self.frame(body);
    }

    /// Waits until all that was sent so far is done.
    pub fn settle(&mut self) {
        self.settled += 1;
        let id = json!(format!("settled {}", self.settled));
        self.ask(id.clone(), "workspace/diagnostic", json!({}));
        while !self.answered.contains_key(&id.to_string()) {
            assert!(self.take(), "the server is gone");
        }
    }

    /// Takes in a message; none are left where the server closed its output.
    fn take(&mut self) -> bool {
        let message = match self.messages.recv_timeout(PATIENCE) {
            Ok(message) => message,
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => panic!("the server hangs"),
        };
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        let text = message.to_string();
        assert!(!text.contains("a bug in colabc"), "{text}");
        self.heard.push_str(&text);
        if message.get("method").is_none() {
            let id = message["id"].to_string();
            let outcomes = ["result", "error"].iter().filter(|name| message.get(name).is_some());
            assert_eq!(outcomes.count(), 1, "{text}");
            let count = self.answered.entry(id.clone()).or_default();
            *count += 1;
            assert!(*count <= self.asked.get(&id).copied().unwrap_or(0), "not asked: {text}");
        }
        true
    }

    /// Ends the talk, and sees that the server ends with it.
    pub fn ends(mut self, how: Ending) {
        if how == Ending::Goodbye {
            self.ask(json!("goodbye"), "shutdown", Value::Null);
            self.ask(json!("late"), "textDocument/hover", Value::Null);
        }
        if how == Ending::Goodbye || how == Ending::Exit {
            self.tell("exit", Value::Null);
        }
        // What is read of a frame that never ends may have been a message, and is answered.
        if how == Ending::Lost {
            *self.asked.entry("null".into()).or_default() += 1;
            *self.asked.entry("1".into()).or_default() += 1;
        }
        drop(self.input.take());
        while self.take() {}
        let status = self.child.wait().expect("it is our child");
        let complaints = self.complaints.take().expect("it ends once").join().unwrap();
        assert_eq!(complaints, "");
        let expected = if how == Ending::Goodbye { 0 } else { 1 };
        assert_eq!(status.code(), Some(expected));
        if how == Ending::Goodbye {
            assert_eq!(self.answered, self.asked);
        }
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
