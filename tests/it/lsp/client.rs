//! An editor without a window: speaks the protocol with the real process, keeps the texts that it
//! has open and the findings that it was sent. Used by tests and benches alike.
#![allow(dead_code, reason = "tests and benches each use their part")]

use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// A server that says nothing for so long is taken for dead.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    next: i64,
    answers: BTreeMap<i64, Value>,
    pub root: PathBuf,
    pub capabilities: Value,
    /// The texts that are open, by name from the root.
    pub open: BTreeMap<String, (i64, String)>,
    /// The findings that were published last, by URI.
    pub published: BTreeMap<String, Value>,
    /// The versions that findings came with, in order.
    pub versions: VecDeque<(String, i64)>,
    /// What the server said and asked by itself: method and parameters.
    pub said: Vec<(String, Value)>,
}

impl Client {
    /// Starts the server on a folder and greets it.
    pub fn start(program: &Path, root: &Path, capabilities: Value) -> Client {
        let folders = json!([{ "uri": uri(root), "name": "root" }]);
        Client::start_with(
            program,
            root,
            json!({
                "processId": null, "rootUri": uri(root), "workspaceFolders": folders,
                "capabilities": capabilities,
            }),
        )
    }

    pub fn start_with(program: &Path, root: &Path, hello: Value) -> Client {
        let mut child = command(program).spawn().expect("the server can be started");
        let messages = messages(&mut child);
        let mut client = Client {
            input: child.stdin.take(),
            child,
            messages,
            next: 0,
            answers: BTreeMap::new(),
            root: root.to_owned(),
            capabilities: Value::Null,
            open: BTreeMap::new(),
            published: BTreeMap::new(),
            versions: VecDeque::new(),
            said: Vec::new(),
        };
        let answer = client.ask("initialize", hello);
        client.capabilities = answer["result"]["capabilities"].clone();
        client.tell("initialized", json!({}));
        client
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    pub fn send(&mut self, message: Value) {
        let text = message.to_string();
        let input = self.input.as_mut().expect("the server is running");
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server reads");
        input.flush().expect("the server reads");
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request; its number.
    pub fn begin(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        let id = self.next;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Waits for the answer to a request, with all that comes before it.
    pub fn answer(&mut self, id: i64) -> Value {
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return answer;
            }
            assert!(self.take(PATIENCE), "no answer to request {id}");
        }
    }

    /// The whole answer: with `result`, or with `error`.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        self.answer(id)
    }

    /// Takes in one message; whether there was one.
    pub fn take(&mut self, patience: Duration) -> bool {
        let message = match self.messages.recv_timeout(patience) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => return false,
            Err(RecvTimeoutError::Disconnected) => panic!("the server is gone"),
        };
        let method = message["method"].as_str().map(str::to_owned);
        match (method, message.get("id")) {
            (None, Some(id)) => {
                let id = id.as_i64().expect("the server answers with our numbers");
                self.answers.insert(id, message);
            }
            (Some(method), id) => {
                let params = message["params"].clone();
                if let Some(id) = id {
                    self.send(json!({ "jsonrpc": "2.0", "id": id, "result": null }));
                }
                if method == "textDocument/publishDiagnostics" {
                    let uri = params["uri"].as_str().expect("findings are of a file").to_owned();
                    if let Some(version) = params["version"].as_i64() {
                        self.versions.push_back((uri.clone(), version));
                    }
                    self.published.insert(uri, params["diagnostics"].clone());
                } else {
                    self.said.push((method, params));
                }
            }
            (None, None) => panic!("neither a request nor an answer: {message}"),
        }
        true
    }

    pub fn uri_of(&self, name: &str) -> String {
        uri(&self.root.join(name))
    }

    /// What names a file to a request.
    pub fn document(&self, name: &str) -> Value {
        json!({ "textDocument": { "uri": self.uri_of(name) } })
    }

    /// The same with a place in an open one.
    pub fn at(&self, name: &str, offset: usize) -> Value {
        let at = position(&self.open[name].1, offset);
        let mut params = self.document(name);
        params["range"] = json!({ "start": at, "end": at });
        params["position"] = at;
        params
    }

    /// Opens a file as it is on the disk, unless it is open.
    pub fn open(&mut self, name: &str) {
        if !self.open.contains_key(name) {
            let text = std::fs::read_to_string(self.root.join(name)).unwrap_or_default();
            self.open_as(name, &text);
        }
    }

    pub fn open_as(&mut self, name: &str, text: &str) {
        let uri = self.uri_of(name);
        self.open.insert(name.to_owned(), (1, text.to_owned()));
        let document = json!({ "uri": uri, "languageId": "colab", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub fn close(&mut self, name: &str) {
        self.open.remove(name);
        let uri = self.uri_of(name);
        self.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }

    /// Replaces bytes of an open text; sent as a range, in UTF-16.
    pub fn edit(&mut self, name: &str, start: usize, end: usize, new: &str) {
        let (version, text) = self.open.get_mut(name).expect("the file is open");
        let range = json!({ "start": position(text, start), "end": position(text, end) });
        text.replace_range(start..end, new);
        *version += 1;
        let version = *version;
        let uri = self.uri_of(name);
        self.tell(
            "textDocument/didChange",
            json!({
                "textDocument": { "uri": uri, "version": version },
                "contentChanges": [{ "range": range, "text": new }],
            }),
        );
    }

    /// Waits until the findings of all that was sent so far are here.
    pub fn settle(&mut self) {
        self.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
    }

    /// Says goodbye; whether the server ended as it should.
    pub fn stop(mut self) -> bool {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        drop(self.input.take());
        self.child.wait().is_ok_and(|status| status.success())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server with pipes to talk to it.
pub fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("lsp").env("XDG_CACHE_HOME", cache(program));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// All that a server says, as it says it.
pub fn messages(child: &mut Child) -> Receiver<Value> {
    let mut output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
    let (sender, messages) = channel();
    let listen = move || {
        while let Some(message) = read(&mut output) {
            if sender.send(message).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().spawn(listen).expect("a thread can be started");
    messages
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim() {
            "" => break,
            header => {
                if let Some(number) = header.strip_prefix("Content-Length: ") {
                    length = number.parse().ok()?;
                }
            }
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

/// Where the server puts the library: beside itself, so that no test touches the user's own cache.
fn cache(program: &Path) -> PathBuf {
    program.parent().expect("a program lies in a folder").join("lsp-cache")
}

/// `file:///...` of a path that has only plain letters.
pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// A place as the protocol says it, in UTF-16.
pub fn position(text: &str, offset: usize) -> Value {
    let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    json!({
        "line": text[..offset].matches('\n').count(),
        "character": text[line_start..offset].encode_utf16().count(),
    })
}

/// The byte of a place.
pub fn offset(text: &str, place: &Value) -> usize {
    let line = place["line"].as_u64().unwrap_or(0) as usize;
    let column = place["character"].as_u64().unwrap_or(0) as usize;
    let mut start = 0;
    for _ in 0..line {
        match text[start..].find('\n') {
            Some(at) => start += at + 1,
            None => return text.len(),
        }
    }
    let mut seen = 0;
    for (at, letter) in text[start..].char_indices() {
        if seen >= column || letter == '\n' {
            return start + at;
        }
        seen += letter.len_utf16();
    }
    text.len()
}

/// A text with the edits of one answer made, none of which may meet.
pub fn edited(text: &str, edits: &[Value]) -> String {
    let mut spans: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            let new = edit["newText"].as_str().expect("an edit has a text");
            (offset(text, &range["start"]), offset(text, &range["end"]), new)
        })
        .collect();
    spans.sort_by_key(|span| (span.0, span.1));
    assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0), "edits overlap: {edits:?}");
    let mut new = text.to_owned();
    for (start, end, with) in spans.into_iter().rev() {
        new.replace_range(start..end, with);
    }
    new
}
