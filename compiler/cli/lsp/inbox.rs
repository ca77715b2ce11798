//! What came in and is not looked at yet. Who is about to begin with a request can see here whether
//! it was taken back since.

use super::Event;
use super::wire::Message;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::mpsc::Receiver;

pub struct Inbox<'e> {
    events: &'e Receiver<Event>,
    ahead: VecDeque<Event>,
}

impl<'e> Inbox<'e> {
    pub fn new(events: &'e Receiver<Event>) -> Inbox<'e> {
        Inbox { events, ahead: VecDeque::new() }
    }

    /// The next event, in the order in which they came; none when nobody can send one.
    pub fn next(&mut self) -> Option<Event> {
        match self.ahead.pop_front() {
            None => self.events.recv().ok(),
            first => first,
        }
    }

    /// Whether a request is taken back by what came after it.
    pub fn takes_back(&mut self, id: &Value) -> bool {
        self.ahead.extend(self.events.try_iter());
        self.ahead.iter().any(|event| match event {
            Event::Message(Message::Notification { method, params }) => {
                method == "$/cancelRequest" && params["id"] == *id
            }
            _ => false,
        })
    }
}
