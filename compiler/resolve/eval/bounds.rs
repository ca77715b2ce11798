//! How much a cluster may make: sources of a few lines can ask for more than any machine holds.

use super::Eval;
use crate::diag::codes;
use crate::model::value::Value;
use crate::source::Span;

const LONGEST_TEXT: usize = 16 << 20;
const LARGEST_LIST: usize = 1 << 20;
/// Bytes of all texts and lists that expressions make.
pub(super) const MOST: usize = 1 << 30;
const PER_ELEMENT: usize = 64;

impl Eval<'_> {
    /// The value that an expression made, unless it is larger than any can be.
    pub(super) fn bounded(&mut self, value: Value, span: Span) -> Value {
        let (size, limit, what) = match &value {
            Value::Text(text) => (text.len(), LONGEST_TEXT, "this text grows beyond 16 MiB"),
            Value::List(items) => {
                (items.len(), LARGEST_LIST, "this list grows beyond a million elements")
            }
            _ => return value,
        };
        let bytes = if matches!(value, Value::List(_)) { size * PER_ELEMENT } else { size };
        let before = self.made;
        self.made = before.saturating_add(bytes);
        let message = if size > limit {
            what
        } else if self.made <= self.most {
            return value;
        } else if before <= self.most {
            self.torn = true;
            "all texts and lists together grow beyond 1 GiB here"
        } else {
            // Said once.
            return Value::Poison;
        };
        let diagnostic = self
            .fault(&codes::E0303, span, message)
            .help("no tool of a cluster reads that much: look for what doubles itself");
        self.report(diagnostic);
        Value::Poison
    }
}
