//! A string that may be written to in colour. What the colours stand for is said here, once; who
//! wants them is said by the terminal, through `cli/`.

use std::fmt;

/// A string that may be written to in colour.
pub struct Ink {
    pub out: String,
    colour: bool,
}

pub const PLAIN: &str = "";
pub const BOLD: &str = "\x1b[1m";
pub const FAINT: &str = "\x1b[94m";
pub const ERROR: &str = "\x1b[1;31m";
pub const WARNING: &str = "\x1b[1;33m";
pub const HELP: &str = "\x1b[1;36m";
pub const UNDER_ERROR: &str = "\x1b[31m";
pub const UNDER_WARNING: &str = "\x1b[33m";
pub const GONE: &str = "\x1b[31m";
pub const COME: &str = "\x1b[32m";

impl Ink {
    pub fn new(colour: bool) -> Self {
        Ink { out: String::new(), colour }
    }

    pub fn paint(&mut self, colour: &str, text: &str) {
        let coloured = self.colour && !colour.is_empty();
        if coloured {
            self.out.push_str(colour);
        }
        self.out.push_str(text);
        if coloured {
            self.out.push_str("\x1b[0m");
        }
    }

    pub fn line(&mut self, colour: &str, text: &str) {
        self.paint(colour, text);
        self.out.push('\n');
    }

    /// Everything from here on has this colour.
    pub fn set(&mut self, colour: &str) -> fmt::Result {
        if self.colour {
            self.out.push_str(colour);
        }
        Ok(())
    }
}
