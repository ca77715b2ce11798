//! `colabc lsp`: the language server on standard input and output. Only this file and its folder
//! know the protocol; the answers are `ide`'s. One thread speaks with the editor and never waits for
//! a project; two others check and emit what it changed.

mod answers;
mod capabilities;
mod commands;
mod findings;
mod library;
mod places;
mod project;
mod work;
mod workspace;

use super::Outcome;
use answers::Needs;
use capabilities::Abilities;
use clap::{ArgMatches, Command};
use colabc::Compilation;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Scope;
use work::{Job, Worked};
use workspace::Workspace;

pub fn args(command: Command) -> Command {
    command.about("Answer an editor, on standard input and output")
}

pub fn run(_matches: &ArgMatches) -> Outcome {
    let (connection, threads) = Connection::stdio();
    let served = serve(&connection);
    drop(connection);
    let _ = threads.join();
    match served {
        Ok(true) => Outcome::Fine,
        Ok(false) => Outcome::Findings,
        Err(error) => Outcome::Usage(format!("the editor's messages cannot be read: {error}")),
    }
}

/// What the server acts on.
pub enum Event {
    Message(Message),
    Worked(Worked),
    /// A command that took its time is done.
    Done(Response),
    /// The editor is gone.
    Closed,
}

/// Serves one editor to its end; whether it said goodbye.
fn serve(connection: &Connection) -> Result<bool, String> {
    let (id, params) = connection.initialize_start().map_err(|e| e.to_string())?;
    let abilities = Abilities::of(&params);
    let result = json!({
        "capabilities": abilities.capabilities(),
        "serverInfo": { "name": "colabc", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, result).map_err(|e| e.to_string())?;
    let (sender, events) = channel();
    std::thread::scope(|scope| {
        let messages = sender.clone();
        scope.spawn(move || {
            for message in &connection.receiver {
                if messages.send(Event::Message(message)).is_err() {
                    return;
                }
            }
            let _ = messages.send(Event::Closed);
        });
        let (grave, old) = channel::<Vec<Compilation>>();
        scope.spawn(move || old.into_iter().for_each(drop));
        let checker = work::start(scope, sender.clone(), false);
        let builder = work::start(scope, sender.clone(), true);
        let mut server = Server {
            connection,
            workspace: Workspace::new(&params, &abilities),
            abilities,
            workers: [checker, builder],
            grave,
            events: sender,
            waiting: Vec::new(),
            asked: 0,
            shut_down: false,
        };
        server.begin();
        Ok(server.run(scope, &events))
    })
}

struct Server<'a> {
    connection: &'a Connection,
    abilities: Abilities,
    workspace: Workspace,
    workers: [Sender<Job>; 2],
    /// Where compilations go that nobody needs: to free one takes its time.
    grave: Sender<Vec<Compilation>>,
    events: Sender<Event>,
    waiting: Vec<Waiting>,
    /// How many requests went to the editor.
    asked: i32,
    shut_down: bool,
}

/// A request that is not answered yet.
struct Waiting {
    id: RequestId,
    method: String,
    params: Value,
    needs: Needs,
    /// The version of the document that it was asked of: another one has other places.
    version: Option<i64>,
}

/// What the protocol calls that the places of a request are of a text that is gone.
const CONTENT_MODIFIED: i32 = -32801;

impl Server<'_> {
    fn begin(&mut self) {
        for (method, params) in self.abilities.registrations() {
            self.ask(method, params);
        }
        self.compile();
    }

    /// To the end of the talk; whether the editor said goodbye.
    fn run<'s>(&mut self, scope: &'s Scope<'s, '_>, events: &Receiver<Event>) -> bool {
        while let Ok(event) = events.recv() {
            match event {
                Event::Message(Message::Request(request)) => self.request(scope, request),
                Event::Message(Message::Notification(note)) if note.method == "exit" => {
                    return self.shut_down;
                }
                Event::Message(Message::Notification(note)) => self.notification(note),
                Event::Message(Message::Response(_)) => {}
                Event::Worked(worked) => self.worked(worked),
                Event::Done(response) => self.send(Message::Response(response)),
                Event::Closed => return self.shut_down,
            }
        }
        self.shut_down
    }

    fn request<'s>(&mut self, scope: &'s Scope<'s, '_>, request: Request) {
        let Request { id, method, params } = request;
        if method == "shutdown" {
            self.shut_down = true;
            return self.send(Message::Response(Response::new_ok(id, Value::Null)));
        }
        if self.shut_down {
            let code = ErrorCode::InvalidRequest as i32;
            let response = Response::new_err(id, code, "the server is shutting down".into());
            return self.send(Message::Response(response));
        }
        if method == "workspace/executeCommand"
            && let Some(order) = commands::Order::read(&params, &self.workspace)
        {
            let events = self.events.clone();
            scope.spawn(move || {
                let _ = events.send(Event::Done(order.carry_out(id)));
            });
            return;
        }
        let Some(needs) = answers::needs(&method, &params) else {
            let code = ErrorCode::MethodNotFound as i32;
            let response = Response::new_err(id, code, format!("`{method}` is not known here"));
            return self.send(Message::Response(response));
        };
        let uri = params["textDocument"]["uri"].as_str().unwrap_or("");
        let version = self.workspace.version(uri);
        self.waiting.push(Waiting { id, method, params, needs, version });
        self.answer_waiting();
    }

    /// Answers whatever need not wait any longer.
    fn answer_waiting(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        for request in waiting {
            let uri = request.params["textDocument"]["uri"].as_str().unwrap_or("");
            if self.workspace.version(uri) != request.version {
                let text = "the text changed meanwhile".to_owned();
                let response = Response::new_err(request.id, CONTENT_MODIFIED, text);
                self.send(Message::Response(response));
            } else if self.workspace.has(uri, request.needs) {
                self.answer(request);
            } else {
                self.waiting.push(request);
            }
        }
    }

    /// A fault in one answer is that answer's: the server lives.
    fn answer(&mut self, request: Waiting) {
        let Waiting { id, method, params, .. } = request;
        let answered = catch_unwind(AssertUnwindSafe(|| {
            answers::answer(&mut self.workspace, &method, &params)
        }));
        let response = match answered {
            Ok(Ok(result)) => Response::new_ok(id, result),
            Ok(Err(message)) => Response::new_err(id, ErrorCode::RequestFailed as i32, message),
            Err(_) => {
                self.workspace.renew();
                let text = format!("a bug in colabc: `{method}` could not be answered");
                Response::new_err(id, ErrorCode::InternalError as i32, text)
            }
        };
        self.send(Message::Response(response));
        for (method, params) in self.workspace.take_requests() {
            self.ask(&method, params);
        }
        self.compile();
    }

    fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        if method == "$/cancelRequest" {
            return self.cancel(&params["id"]);
        }
        let changed = catch_unwind(AssertUnwindSafe(|| self.workspace.notice(&method, &params)));
        match changed {
            Ok(true) => {
                for params in self.workspace.closed() {
                    self.publish(params);
                }
                self.publish_syntax(&params);
                self.compile();
                self.answer_waiting();
            }
            Ok(false) => {}
            Err(_) => {
                self.log("a bug in colabc: a change could not be followed; restart the server")
            }
        }
    }

    fn cancel(&mut self, id: &Value) {
        let is = |w: &Waiting| match (id.as_i64(), id.as_str()) {
            (Some(number), _) => i32::try_from(number).is_ok_and(|n| w.id == RequestId::from(n)),
            (_, Some(text)) => w.id == RequestId::from(text.to_owned()),
            _ => false,
        };
        if let Some(at) = self.waiting.iter().position(is) {
            let id = self.waiting.remove(at).id;
            let code = ErrorCode::RequestCanceled as i32;
            self.send(Message::Response(Response::new_err(id, code, "cancelled".into())));
        }
    }

    /// Hands what changed to the workers.
    fn compile(&mut self) {
        if let Some(job) = self.workspace.job() {
            for worker in &self.workers {
                let _ = worker.send(job.clone());
            }
        }
    }

    /// A worker is done with a project.
    fn worked(&mut self, worked: Worked) {
        if worked.compilation.is_none() {
            self.log("a bug in colabc: the project could not be checked");
        }
        let files = catch_unwind(AssertUnwindSafe(|| self.workspace.take_in(worked)));
        let _ = self.grave.send(self.workspace.take_old());
        let Ok(files) = files else {
            return self.log("a bug in colabc: the findings could not be told");
        };
        let changed = !files.is_empty();
        for params in files {
            self.publish(params);
        }
        if changed && self.abilities.refresh && self.abilities.pull {
            self.ask("workspace/diagnostic/refresh", Value::Null);
        }
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

    fn log(&self, message: &str) {
        self.notify("window/logMessage", json!({ "type": 1, "message": message }));
    }

    fn notify(&self, method: &str, params: Value) {
        self.send(Message::Notification(Notification { method: method.into(), params }));
    }

    fn ask(&mut self, method: &str, params: Value) {
        self.asked += 1;
        let id = RequestId::from(self.asked);
        self.send(Message::Request(Request { id, method: method.into(), params }));
    }

    fn send(&self, message: Message) {
        // The editor is gone: the loop ends by itself.
        let _ = self.connection.sender.send(message);
    }
}
