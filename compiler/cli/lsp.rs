//! `colabc lsp`: the language server on standard input and output. Only this file and its folder
//! know the protocol; the answers are `ide`'s. One thread speaks with the editor and never waits for
//! a project; two others check and emit what it changed.

mod answers;
mod aside;
mod awaited;
mod capabilities;
mod commands;
mod findings;
mod inbox;
mod library;
mod places;
mod project;
mod typed;
mod wire;
mod work;
mod workspace;

use super::Outcome;
use super::disk::DiskError;
use answers::{Answered, Needs};
use aside::{Aside, Loading};
use capabilities::Abilities;
use clap::{ArgMatches, Command};
use colabc::Compilation;
use inbox::Inbox;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, Scope};
use wire::{Error, Message, Request, code};
use work::{Answer, Job, Slow, Worked};
use workspace::Workspace;

pub fn args(command: Command) -> Command {
    command.about("Answer an editor, on standard input and output")
}

pub fn run(_matches: &ArgMatches) -> Outcome {
    keep_memory();
    match serve(io::stdin(), &mut io::stdout().lock()) {
        Ok(true) => Outcome::Fine,
        Ok(false) => Outcome::Findings,
        Err(error) => Outcome::Disk(DiskError::io(
            "cannot start a thread of",
            Path::new("colabc lsp"),
            &error,
        )),
    }
}

/// What one check gives back, the next takes at once: an allocator that leaves it to the system in between spends a
/// sixth of a check's time on that. It can be told so only before it begins, so the server begins anew. See
/// docs/decisions/0019-letter-to-letter.md.
fn keep_memory() {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        const DELAY: &str = "MIMALLOC_PURGE_DELAY";
        if std::env::var_os(DELAY).is_none()
            && let Ok(program) = std::env::current_exe()
        {
            // It comes back only where there is no such program any more: then all stays as it was.
            let mut anew = std::process::Command::new(program);
            let _ = anew.args(std::env::args_os().skip(1)).env(DELAY, "200").exec();
        }
    }
}

/// What the server acts on.
pub enum Event {
    Message(Message),
    Worked(Worked),
    /// A command that took its time is done: its number here, and its answer.
    Done(u64, Result<Value, Error>),
    /// The same of an answer that was looked for aside; none after a fault.
    Found(u64, Option<Answer>),
    /// The editor is gone.
    Closed,
}

/// Serves one editor to its end; whether it said goodbye. Where there are not enough threads the editor is told,
/// and nothing is served.
fn serve(input: impl Read + Send, output: &mut dyn Write) -> io::Result<bool> {
    let (sender, events) = channel();
    std::thread::scope(|scope| {
        let threads = match Threads::start(scope, input, &sender) {
            Ok(threads) => threads,
            Err(error) => {
                let text = format!("colabc: the system gives no thread: {error}");
                let said = json!({ "type": 1, "message": text });
                let _ = wire::write(output, &wire::telling(None, "window/showMessage", said));
                return Err(error);
            }
        };
        let Some((id, params)) = greeting(&events, output) else { return Ok(false) };
        let Threads { checker, builder, slow, grave } = threads;
        let abilities = Abilities::of(&params);
        let mut server = Server {
            output,
            workspace: Workspace::new(&params, &abilities),
            abilities,
            checker,
            builder,
            slow,
            grave,
            events: sender,
            inbox: Inbox::new(&events),
            waiting: Vec::new(),
            aside: Aside::default(),
            watched: None,
            asked: 0,
            loading: Loading::Ungreeted,
            shut_down: false,
        };
        server.begin(id);
        Ok(server.run(scope))
    })
}

/// What is sent to the threads beside the one that talks.
struct Threads {
    checker: Sender<Job>,
    builder: Sender<Job>,
    slow: Sender<Slow>,
    grave: Sender<Vec<Compilation>>,
}

impl Threads {
    /// Starts them all. The one that listens comes last: it ends with the editor only.
    fn start<'s>(
        scope: &'s Scope<'s, '_>,
        input: impl Read + Send + 's,
        events: &Sender<Event>,
    ) -> io::Result<Threads> {
        let (grave, old) = channel::<Vec<Compilation>>();
        Builder::new().spawn_scoped(scope, move || old.into_iter().for_each(drop))?;
        let checker = work::start(scope, events.clone(), false)?;
        let builder = work::start(scope, events.clone(), true)?;
        let slow = work::start_slow(scope, events.clone())?;
        let messages = events.clone();
        Builder::new().spawn_scoped(scope, move || listen(BufReader::new(input), &messages))?;
        Ok(Threads { checker, builder, slow, grave })
    }
}

/// Passes on what the editor sends, to its last word.
fn listen(mut input: impl BufRead, events: &Sender<Event>) {
    while let Ok(Some(message)) = wire::read(&mut input) {
        let last = matches!(&message, Message::Notification { method, .. } if method == "exit");
        if events.send(Event::Message(message)).is_err() || last {
            return;
        }
    }
    let _ = events.send(Event::Closed);
}

/// Waits for `initialize`: its number and parameters. None where the editor goes without.
fn greeting(events: &Receiver<Event>, output: &mut dyn Write) -> Option<(Value, Value)> {
    while let Ok(event) = events.recv() {
        let (id, error) = match event {
            Event::Message(Message::Request(Request { id, method, params })) => {
                if method == "initialize" {
                    return Some((id, params));
                }
                (id, Error::new(code::NOT_GREETED, "the first request is `initialize`"))
            }
            Event::Message(Message::Unreadable { id, error }) => (id, error),
            Event::Message(Message::Notification { method, .. }) if method == "exit" => break,
            Event::Closed => break,
            _ => continue,
        };
        let _ = wire::write(output, &wire::answer(id, Err(error)));
    }
    None
}

struct Server<'a> {
    output: &'a mut dyn Write,
    abilities: Abilities,
    workspace: Workspace,
    checker: Sender<Job>,
    builder: Sender<Job>,
    slow: Sender<Slow>,
    /// Where compilations go that nobody needs: to free one takes its time.
    grave: Sender<Vec<Compilation>>,
    events: Sender<Event>,
    inbox: Inbox<'a>,
    waiting: Vec<Waiting>,
    /// Commands that are being carried out, and answers that are found aside.
    aside: Aside,
    /// The files beside the sources that the editor was asked to watch; none before it says that it may be asked.
    watched: Option<BTreeSet<String>>,
    /// How many requests went to the editor.
    asked: i64,
    loading: Loading,
    shut_down: bool,
}

/// A request that is not answered yet.
struct Waiting {
    id: Value,
    method: String,
    params: Value,
    needs: Needs,
    /// The version of the document that it was asked of: another one has other places.
    version: Option<i64>,
}

impl Server<'_> {
    /// Answers the greeting, and looks at the projects.
    fn begin(&mut self, id: Value) {
        let result = json!({
            "capabilities": self.abilities.capabilities(),
            "serverInfo": { "name": "colabc", "version": env!("CARGO_PKG_VERSION") },
        });
        self.reply(id, Ok(result));
        self.compile();
    }

    /// To the end of the talk; whether the editor said goodbye.
    fn run<'s>(&mut self, scope: &'s Scope<'s, '_>) -> bool {
        while let Some(event) = self.inbox.next() {
            match event {
                Event::Message(Message::Request(request)) => self.request(scope, request),
                Event::Message(Message::Notification { method, params }) => {
                    if method == "exit" {
                        break;
                    }
                    self.notification(&method, &params);
                }
                Event::Message(Message::Answer) => {}
                Event::Message(Message::Unreadable { id, error }) => self.reply(id, Err(error)),
                Event::Worked(worked) => self.worked(worked),
                Event::Done(ticket, result) => self.done(ticket, result),
                Event::Found(ticket, answer) => self.found(ticket, answer),
                Event::Closed => break,
            }
        }
        // The process cannot end before its commands: so they are answered.
        while !self.aside.is_empty()
            && let Some(event) = self.inbox.next()
        {
            match event {
                Event::Done(ticket, result) => self.done(ticket, result),
                Event::Found(ticket, answer) => self.found(ticket, answer),
                _ => {}
            }
        }
        self.shut_down
    }

    fn request<'s>(&mut self, scope: &'s Scope<'s, '_>, request: Request) {
        let Request { id, method, params } = request;
        if self.shut_down {
            let error = Error::new(code::NO_REQUEST, "the server is shutting down");
            return self.reply(id, Err(error));
        }
        if method == "initialize" {
            let error = Error::new(code::NO_REQUEST, "the server was greeted before");
            return self.reply(id, Err(error));
        }
        if method == "shutdown" {
            return self.shut_down(id);
        }
        if method == "workspace/executeCommand"
            && let Some(order) = commands::Order::read(&params, &self.workspace)
        {
            return self.carry_out(scope, id, &params, order);
        }
        let Some(needs) = answers::needs(&method, &params) else {
            let error = Error::new(code::UNKNOWN_METHOD, format!("`{method}` is not known here"));
            return self.reply(id, Err(error));
        };
        let version = self.workspace.version(answers::about(&params));
        self.waiting.push(Waiting { id, method, params, needs, version });
        self.answer_waiting();
    }

    /// What waits for a project is refused: after this answer there is none.
    fn shut_down(&mut self, id: Value) {
        self.shut_down = true;
        for request in std::mem::take(&mut self.waiting) {
            let error = Error::new(code::REFUSED, "the server is shutting down");
            self.reply(request.id, Err(error));
        }
        self.reply(id, Ok(Value::Null));
    }

    /// Answers whatever need not wait any longer.
    fn answer_waiting(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        for request in waiting {
            let uri = answers::about(&request.params);
            if self.workspace.version(uri) != request.version {
                self.reply(request.id, Err(answers::outdated(&request.method)));
            } else if self.workspace.has(uri, request.needs) {
                self.answer(request);
            } else {
                self.waiting.push(request);
            }
        }
    }

    /// A fault in one answer is that answer's: the server lives.
    fn answer(&mut self, request: Waiting) {
        let Waiting { id, method, params, version, .. } = request;
        if self.inbox.takes_back(&id) {
            return self.reply(id, Err(Error::new(code::CANCELLED, "cancelled")));
        }
        let answered = catch_unwind(AssertUnwindSafe(|| {
            answers::answer(&mut self.workspace, &method, &params)
        }));
        match answered {
            Ok(Answered::Now(answer)) => {
                let result = answer.map_err(|message| Error::new(code::REFUSED, message));
                self.reply(id, result);
            }
            Ok(Answered::Later(later)) => {
                self.find_aside(id, &params, version, later);
            }
            Err(_) => {
                self.workspace.renew();
                let text = format!("a bug in colabc: `{method}` could not be answered");
                self.reply(id, Err(Error::new(code::A_BUG, text)));
            }
        }
        for (method, params) in self.workspace.take_requests() {
            self.ask(&method, params);
        }
        self.compile();
    }

    fn notification(&mut self, method: &str, params: &Value) {
        match method {
            "initialized" => return self.register(),
            "$/cancelRequest" => return self.cancel(&params["id"]),
            "window/workDoneProgress/cancel" => {
                let meant = self.aside.under(&params["token"]).cloned();
                return meant.into_iter().for_each(|id| self.cancel(&id));
            }
            _ => {}
        }
        let changed = catch_unwind(AssertUnwindSafe(|| self.workspace.notice(method, params)));
        match changed {
            Ok(true) => {
                for params in self.workspace.closed() {
                    self.publish(params);
                }
                self.publish_syntax(params);
                self.compile();
                self.answer_waiting();
            }
            Ok(false) => {}
            Err(_) => {
                self.log("a bug in colabc: a change could not be followed; restart the server")
            }
        }
    }

    /// What the editor is to tell is asked of it when it says that it may be asked.
    fn register(&mut self) {
        for (method, params) in self.abilities.registrations() {
            self.ask(method, params);
        }
        self.watched.get_or_insert_default();
        self.watch();
        self.loading = Loading::Done;
        self.tell_loading();
    }

    /// A file that a source reads is looked at again when it changes by itself.
    fn watch(&mut self) {
        let read = self.workspace.read();
        if let Some(watched) = self.watched.take_if(|watched| *watched != read) {
            let asked = self.abilities.register_read(&read, !watched.is_empty());
            self.watched = Some(read);
            for (method, params) in asked {
                self.ask(method, params);
            }
        }
    }

    /// Has checked what changed.
    fn compile(&mut self) {
        self.tell_loading();
        if let Some(job) = self.workspace.job() {
            let _ = self.checker.send(job);
        }
    }

    /// A worker is done with a project.
    fn worked(&mut self, worked: Worked) {
        if worked.compilation.is_none() {
            self.log("a bug in colabc: the project could not be checked");
        }
        let (key, built) = (worked.key.clone(), worked.emitted.is_some());
        let files = catch_unwind(AssertUnwindSafe(|| self.workspace.take_in(worked)));
        let _ = self.grave.send(self.workspace.take_old());
        let Ok(files) = files else {
            return self.log("a bug in colabc: the findings could not be told");
        };
        self.watch();
        let changed = !files.is_empty();
        for params in files {
            self.publish(params);
        }
        if changed && self.abilities.refresh && self.abilities.pull {
            self.ask("workspace/diagnostic/refresh", Value::Null);
        }
        if let Some(job) = self.workspace.job_to_build(&key) {
            let _ = self.builder.send(job);
        }
        // Of the text that was changed the editor fetches all anew by itself; of others it does not know.
        if built && self.workspace.has_several_open() {
            for method in self.abilities.refreshes.clone() {
                self.ask(method, Value::Null);
            }
        }
        // What was imported until now may be a project of its own.
        self.compile();
        self.answer_waiting();
    }

    /// What is wrong with the syntax is told at once: it waits for no rule.
    fn publish_syntax(&mut self, params: &Value) {
        let uri = params["textDocument"]["uri"].as_str().unwrap_or("");
        let found = catch_unwind(AssertUnwindSafe(|| self.workspace.syntax_findings(uri)));
        if let Ok(Some(params)) = found {
            self.publish(params);
        }
    }

    fn publish(&mut self, params: Value) {
        if !self.abilities.pull {
            self.notify("textDocument/publishDiagnostics", params);
        }
    }

    fn log(&mut self, message: &str) {
        self.notify("window/logMessage", json!({ "type": 1, "message": message }));
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(&wire::telling(None, method, params));
    }

    fn ask(&mut self, method: &str, params: Value) {
        self.asked += 1;
        self.send(&wire::telling(Some(self.asked), method, params));
    }

    fn reply(&mut self, id: Value, result: Result<Value, Error>) {
        self.send(&wire::answer(id, result));
    }

    fn send(&mut self, message: &Value) {
        // The editor is gone: the loop ends by itself.
        let _ = wire::write(self.output, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bug;
    use std::sync::Mutex;

    /// What the server says to all of these.
    fn said(messages: &[Value]) -> Vec<Value> {
        let mut input = Vec::new();
        messages.iter().for_each(|message| wire::write(&mut input, message).expect("in memory"));
        let mut output = Vec::new();
        assert!(serve(input.as_slice(), &mut output).expect("there are threads"));
        let text = String::from_utf8(output).expect("messages are texts");
        let bodies = text.split("Content-Length: ").skip(1);
        bodies
            .map(|body| serde_json::from_str(&body[body.find('{').expect("a body")..]))
            .collect::<Result<_, _>>()
            .expect("messages are JSON")
    }

    /// The same, with what is said of faults.
    fn said_and_told(messages: &[Value]) -> (Vec<Value>, String) {
        static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
        static ONE: Mutex<()> = Mutex::new(());
        let _one = ONE.lock();
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(|info| {
            TOLD.lock().expect("nobody panics here").push(bug::text(info));
        }));
        let said = said(messages);
        std::panic::set_hook(usual);
        let told = std::mem::take(&mut *TOLD.lock().expect("nobody panics there"));
        (said, told.join("\n"))
    }

    /// A document that is opened, and these requests about it, with numbers from 2 on: what is said, and what of
    /// faults.
    fn asked(name: &str, methods: &[&str]) -> (Vec<Value>, String) {
        let document = json!({ "uri": format!("file:///nowhere/at/{name}.colab"), "version": 1,
            "text": "node box { description = \"hunter2\" }" });
        let about = json!({ "textDocument": document });
        let mut messages = vec![
            json!({ "id": 1, "method": "initialize", "params": {} }),
            json!({ "method": "textDocument/didOpen", "params": about }),
        ];
        let numbered = (2..).zip(methods.iter().chain(&["shutdown"]));
        let asks =
            numbered.map(|(id, method)| json!({ "id": id, "method": method, "params": about }));
        messages.extend(asks);
        messages.push(json!({ "method": "exit" }));
        said_and_told(&messages)
    }

    /// The answer to a request.
    fn answer(said: &[Value], id: i64) -> &Value {
        said.iter().find(|message| message["id"] == id).expect("an answer")
    }

    #[test]
    fn a_fault_in_one_answer_is_that_answers() {
        let (said, told) = asked("all", &["test/panic", "textDocument/documentSymbol"]);
        assert_eq!(answer(&said, 2)["error"]["code"], code::A_BUG);
        assert_eq!(answer(&said, 3)["result"][0]["name"], "box");
        assert!(answer(&said, 4)["error"].is_null());
        assert!(told.contains("answers.rs"), "{told}");
        for text in [told, answer(&said, 2).to_string()] {
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_fault_in_a_check_is_said_without_its_text() {
        let asks = ["textDocument/documentSymbol", "textDocument/diagnostic"];
        let (said, told) = asked("fault", &asks);
        assert_eq!(answer(&said, 2)["result"][0]["name"], "box");
        assert!(answer(&said, 4)["error"].is_null());
        assert!(told.contains("work.rs"), "{told}");
        for text in [told, json!(said).to_string()] {
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}
