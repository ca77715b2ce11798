//! What is worked out beside the talk: for whom, and how it is given up.

use super::answers;
use super::awaited::Awaited;
use super::commands::Order;
use super::wire::{Error, code};
use super::work::{Answer, Later, Slow};
use super::{Event, Server};
use serde_json::{Value, json};
use std::thread::{Builder, Scope};

/// One request that is worked out aside.
pub struct Running {
    /// Its number here: an editor may use its own twice.
    pub ticket: u64,
    pub id: Value,
    pub awaited: Awaited,
    /// The file that it is about, and its version then.
    about: (String, Option<i64>),
    /// Under what name the editor is told how it goes.
    token: Option<Value>,
}

/// All that is worked out aside.
#[derive(Default)]
pub struct Aside {
    running: Vec<Running>,
    tickets: u64,
}

impl Aside {
    /// Something is begun for a request.
    pub fn begin(&mut self, id: Value, params: &Value, version: Option<i64>) -> &Running {
        self.tickets += 1;
        let token = params.get("workDoneToken").filter(|token| !token.is_null()).cloned();
        let (ticket, awaited) = (self.tickets, Awaited::default());
        let about = (answers::about(params).to_owned(), version);
        self.running.push(Running { ticket, id, awaited, about, token });
        self.running.last().expect("it was just put there")
    }

    /// It came to its end; none where nobody waits for it any more.
    pub fn end(&mut self, ticket: u64) -> Option<Running> {
        self.take(|running| running.ticket == ticket)
    }

    /// A request is taken back.
    pub fn give_up(&mut self, id: &Value) -> Option<Running> {
        let running = self.take(|running| running.id == *id)?;
        running.awaited.give_up();
        Some(running)
    }

    /// The request whose progress has such a name.
    pub fn under(&self, token: &Value) -> Option<&Value> {
        self.running.iter().find(|r| r.token.as_ref() == Some(token)).map(|r| &r.id)
    }

    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    fn take(&mut self, is_meant: impl Fn(&Running) -> bool) -> Option<Running> {
        let at = self.running.iter().position(is_meant)?;
        Some(self.running.remove(at))
    }
}

impl Running {
    /// What the editor is told of the beginning, where it asked to be.
    pub fn begun(&self, title: &str) -> Option<Value> {
        let begun = json!({ "kind": "begin", "title": title, "cancellable": true });
        self.token.as_ref().map(|token| json!({ "token": token, "value": begun }))
    }

    /// And of the end.
    pub fn ended(&self) -> Option<Value> {
        let ended = json!({ "kind": "end" });
        self.token.as_ref().map(|token| json!({ "token": token, "value": ended }))
    }
}

/// Whether the editor is told that projects are looked at for the first time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Loading {
    /// It did not say yet that it may be told anything.
    Ungreeted,
    Done,
    Told,
}

impl Server<'_> {
    /// A command runs beside the talk.
    pub(super) fn carry_out<'s>(
        &mut self,
        scope: &'s Scope<'s, '_>,
        id: Value,
        params: &Value,
        order: Order,
    ) {
        let events = self.events.clone();
        let running = self.aside.begin(id, params, None);
        let (ticket, awaited) = (running.ticket, running.awaited.clone());
        let begun = running.begun(order.title());
        self.progress(begun);
        let started = Builder::new().spawn_scoped(scope, move || {
            let _ = events.send(Event::Done(ticket, order.carry_out(&awaited)));
        });
        if let Err(error) = started {
            let why = format!("the system gives no thread: {error}");
            self.done(ticket, Err(Error::new(code::REFUSED, why)));
        }
    }

    pub(super) fn done(&mut self, ticket: u64, result: Result<Value, Error>) {
        // What was taken back is answered already.
        if let Some(running) = self.aside.end(ticket) {
            self.end(running, result);
        }
    }

    fn end(&mut self, running: Running, result: Result<Value, Error>) {
        self.progress(running.ended());
        self.reply(running.id, result);
    }

    pub(super) fn found(&mut self, ticket: u64, answer: Option<Answer>) {
        // What was taken back is answered already.
        let Some(running) = self.aside.end(ticket) else { return };
        let (uri, version) = &running.about;
        let result = match answer {
            _ if self.workspace.version(uri) != *version => Err(answers::outdated("")),
            Some(answer) => answer.map_err(|why| Error::new(code::REFUSED, why)),
            None => Err(Error::new(code::A_BUG, "a bug in colabc: it could not be tried")),
        };
        self.end(running, result);
    }

    /// So does the search for an answer that takes its time.
    pub(super) fn find_aside(
        &mut self,
        id: Value,
        params: &Value,
        version: Option<i64>,
        later: Later,
    ) {
        let running = self.aside.begin(id, params, version);
        let slow = Slow { ticket: running.ticket, awaited: running.awaited.clone(), later };
        let begun = running.begun("trying what it would change");
        self.progress(begun);
        let _ = self.slow.send(slow);
    }

    pub(super) fn cancel(&mut self, id: &Value) {
        if let Some(at) = self.waiting.iter().position(|w| w.id == *id) {
            let id = self.waiting.remove(at).id;
            self.reply(id, Err(Error::new(code::CANCELLED, "cancelled")));
        } else if let Some(running) = self.aside.give_up(id) {
            self.end(running, Err(Error::new(code::CANCELLED, "cancelled")));
        }
    }

    /// Says that projects are looked at for the first time, as long as one of them is: later checks are too short to
    /// speak of.
    pub(super) fn tell_loading(&mut self) {
        let name = "colabc/first check";
        let new = self.workspace.projects.iter().any(|project| project.checked == 0);
        let value = match (self.loading, new) {
            (Loading::Done, true) if self.abilities.progress => {
                self.ask("window/workDoneProgress/create", json!({ "token": name }));
                self.loading = Loading::Told;
                json!({ "kind": "begin", "title": "colabc", "message": "checking the cluster" })
            }
            (Loading::Told, false) => {
                self.loading = Loading::Done;
                json!({ "kind": "end" })
            }
            _ => return,
        };
        self.progress(Some(json!({ "token": name, "value": value })));
    }

    fn progress(&mut self, said: Option<Value>) {
        if let Some(said) = said {
            self.notify("$/progress", said);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_taken_back_is_ended_once() {
        let mut aside = Aside::default();
        let (one, two) = (json!(1), json!("a"));
        let first = aside.begin(one.clone(), &json!({ "workDoneToken": 7 }), None).ticket;
        let second = aside.begin(two.clone(), &Value::Null, None).ticket;
        assert_eq!(aside.under(&json!(7)), Some(&one));
        assert!(!aside.give_up(&one).expect("it runs").awaited.still());
        assert!(aside.give_up(&one).is_none() && aside.end(first).is_none());
        assert!(aside.end(second).expect("it runs").begun("x").is_none());
        assert!(aside.is_empty());
    }
}
