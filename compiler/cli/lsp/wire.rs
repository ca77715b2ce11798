//! The frames of the protocol: what an editor sends, cut into messages, and how ours are put. A frame
//! that cannot be read is a message as well, which is answered; only the end of the input ends the talk.

use serde_json::{Map, Value, json};
use std::io::{self, BufRead, Read, Write};

/// What an editor sends.
#[derive(Debug)]
pub enum Message {
    Request(Request),
    Notification {
        method: String,
        params: Value,
    },
    /// An answer to what the server asked: it waits for none.
    Answer,
    /// A frame that is no message; the number of the request, as far as there is one.
    Unreadable {
        id: Value,
        error: Error,
    },
}

#[derive(Debug)]
pub struct Request {
    /// A number or a text, answered as it came.
    pub id: Value,
    pub method: String,
    pub params: Value,
}

/// Why a request is not answered.
#[derive(Debug)]
pub struct Error {
    pub code: i64,
    pub message: String,
    /// What the editor may do about it.
    pub data: Value,
}

impl Error {
    pub fn new(code: i64, message: impl Into<String>) -> Error {
        Error { code, message: message.into(), data: Value::Null }
    }
}

/// What the protocol calls what can go wrong.
pub mod code {
    pub const NO_JSON: i64 = -32700;
    pub const NO_REQUEST: i64 = -32600;
    pub const UNKNOWN_METHOD: i64 = -32601;
    pub const A_BUG: i64 = -32603;
    pub const NOT_GREETED: i64 = -32002;
    pub const CANCELLED: i64 = -32800;
    /// The places of a request are of a text that is gone.
    pub const TEXT_CHANGED: i64 = -32801;
    pub const REFUSED: i64 = -32803;
    /// The server gave it up; `data` says whether to ask again.
    pub const ASK_AGAIN: i64 = -32802;
}

/// More than any text that an editor holds: a longer frame is passed over.
const LONGEST: u64 = 512 << 20;
/// No header of the protocol is as long.
const LONGEST_LINE: u64 = 4096;

/// The next message; none at the end of the input. Lines that are no header are passed over, so that
/// whoever loses step finds it again with the next frame.
pub fn read(input: &mut impl BufRead) -> io::Result<Option<Message>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_ascii();
        let (name, value) = line.split_at(line.iter().position(|b| *b == b':').unwrap_or(0));
        if name.eq_ignore_ascii_case(b"content-length") {
            let digits = std::str::from_utf8(&value[1..]).unwrap_or("").trim();
            length = digits.parse::<u64>().ok();
        } else if let (true, Some(length)) = (line.is_empty(), length) {
            return body(input, length);
        }
    }
}

fn body(input: &mut impl BufRead, length: u64) -> io::Result<Option<Message>> {
    let mut frame = input.by_ref().take(length);
    if length > LONGEST {
        let passed = io::copy(&mut frame, &mut io::sink())?;
        let error = Error::new(code::NO_REQUEST, format!("a message of {length} bytes"));
        return Ok((passed == length).then_some(Message::Unreadable { id: Value::Null, error }));
    }
    // The space comes with the bytes: a length that is only claimed costs nothing.
    let mut bytes = Vec::new();
    frame.read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == length).then(|| message(&bytes)))
}

fn message(bytes: &[u8]) -> Message {
    let mut fields = match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return unreadable(Value::Null, code::NO_REQUEST, "a message is an object"),
        Err(error) => {
            let place = format!("no JSON at {}:{}", error.line(), error.column());
            return unreadable(Value::Null, code::NO_JSON, &place);
        }
    };
    let mut take = |name: &str| fields.get_mut(name).map(Value::take);
    let (id, method, params) = (take("id"), take("method"), take("params").unwrap_or(Value::Null));
    let number = match id {
        None => None,
        Some(id @ (Value::Number(_) | Value::String(_))) => Some(id),
        Some(_) if method.is_none() => return Message::Answer,
        Some(_) => {
            return unreadable(Value::Null, code::NO_REQUEST, "an `id` is a number or a text");
        }
    };
    match (number, method) {
        (Some(id), Some(Value::String(method))) => Message::Request(Request { id, method, params }),
        (None, Some(Value::String(method))) => Message::Notification { method, params },
        (Some(_), None) => Message::Answer,
        (id, _) => {
            unreadable(id.unwrap_or_default(), code::NO_REQUEST, "a message has a `method`, a text")
        }
    }
}

fn unreadable(id: Value, code: i64, why: &str) -> Message {
    Message::Unreadable { id, error: Error::new(code, why) }
}

/// An answer as a message.
pub fn answer(id: Value, result: Result<Value, Error>) -> Value {
    match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(Error { code, message, data }) => {
            let mut error = json!({ "code": code, "message": message });
            if !data.is_null() {
                error["data"] = data;
            }
            json!({ "jsonrpc": "2.0", "id": id, "error": error })
        }
    }
}

/// What the server tells, or with a number asks.
pub fn telling(id: Option<i64>, method: &str, params: Value) -> Value {
    let mut fields = Map::new();
    fields.insert("jsonrpc".into(), "2.0".into());
    fields.extend(id.map(|id| ("id".into(), id.into())));
    fields.insert("method".into(), method.into());
    // The protocol has no `null` here.
    fields.extend((!params.is_null()).then(|| ("params".into(), params)));
    fields.into()
}

pub fn write(output: &mut dyn Write, message: &Value) -> io::Result<()> {
    let text = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut input: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        while let Some(message) = read(&mut input).expect("bytes in memory can be read") {
            found.push(match message {
                Message::Request(r) => format!("{} {} {}", r.id, r.method, r.params),
                Message::Notification { method, params } => format!("{method} {params}"),
                Message::Answer => "answer".into(),
                Message::Unreadable { id, error } => format!("{id} {}", error.code),
            });
        }
        found
    }

    fn framed(text: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{text}", text.len())
    }

    #[test]
    fn frames_are_messages() {
        let cases = [
            (r#"{"id":1,"method":"a","params":[2]}"#, "1 a [2]"),
            (r#"{"id":"x","method":"a"}"#, "\"x\" a null"),
            (r#"{"id":99999999999,"method":"a"}"#, "99999999999 a null"),
            (r#"{"method":"a","params":{}}"#, "a {}"),
            (r#"{"id":1,"result":null}"#, "answer"),
            (r#"{"id":null,"error":{}}"#, "answer"),
            (r#"{"id":null,"method":"a"}"#, "null -32600"),
            (r#"{"id":[1],"method":"a"}"#, "null -32600"),
            (r#"{"id":7,"method":8}"#, "7 -32600"),
            (r#"{}"#, "null -32600"),
            (r#"[{"id":1,"method":"a"}]"#, "null -32600"),
            (r#"{"id":1,"#, "null -32700"),
            ("\u{0}", "null -32700"),
            ("", "null -32700"),
        ];
        for (text, message) in cases {
            assert_eq!(all(framed(text).as_bytes()), [message], "{text}");
        }
        let deep = framed(&"[".repeat(100_000));
        assert_eq!(all(deep.as_bytes()), ["null -32700"]);
    }

    #[test]
    fn who_loses_step_finds_it_again() {
        let good = framed(r#"{"method":"a"}"#);
        for noise in [
            "\r\n\r\n",
            "Content-Type: x\r\n",
            "content-length: 99999999999999999999999\r\n\r\n",
            "Content-Length: -1\r\n\r\n",
            "Content-Length: two\n\n",
            "Content-Length\r\n\r\n",
            ":\r\n\u{0}\u{ff}\r\n",
            "Content-Length: 5\r\n",
        ] {
            assert_eq!(all(format!("{noise}{good}").as_bytes()), ["a null"], "{noise:?}");
        }
        let long = format!("{}\n{good}", "x".repeat(100_000));
        assert_eq!(all(long.as_bytes()), ["a null"]);
    }

    #[test]
    fn a_length_that_is_only_claimed_costs_nothing() {
        for length in [10, LONGEST, LONGEST + 1, u64::MAX] {
            assert_eq!(all(format!("Content-Length: {length}\r\n\r\n{{}}").as_bytes()), [""; 0]);
        }
    }
}
