//! Conflicts of a merge that nobody settled: `<<<<<<<`, `=======`, `>>>>>>>` at the beginnings of lines.
//! A conflict is one fault. The first of its versions is read, the others are not.

use super::super::faults;
use super::super::token::Token;
use super::Lexer;
use crate::source::Span;

const SIGNS: usize = 7;

impl Lexer<'_> {
    /// Takes the marker that begins the line here, and what of its conflict is not read.
    pub(super) fn conflict(&mut self) -> bool {
        let start = self.at;
        let Some(sign) = self.marker(start) else { return false };
        if sign == b'<' {
            let others = self.markers_of(start).into_iter().map(|at| self.marker_line(at));
            let (first, others) = (self.marker_line(start), others.collect::<Vec<_>>());
            self.faults.push(faults::conflict(first, &others));
            self.at = first.end as usize;
            return true;
        }
        // Conflicts do not lie in each other: if this line is of one, it is of the last.
        let last = self.faults.iter().rev().find(|fault| fault.code.id == "E0101");
        let open = last.filter(|f| f.labels.iter().any(|l| l.span.start as usize == start));
        let end = open.and_then(|fault| fault.labels.last()).map(|label| label.span.end as usize);
        let line = self.marker_line(start);
        match end {
            // What stands between this line and the conflict's last one is the other version.
            Some(end) => self.at = end,
            None => {
                self.faults.push(faults::conflict(line, &[]));
                self.at = line.end as usize;
            }
        }
        self.flags |= Token::NEWLINE;
        true
    }

    /// The sign of the marker that stands at the beginning of a line here.
    fn marker(&self, start: usize) -> Option<u8> {
        let first = start == 0 || self.bytes[start - 1] == b'\n';
        let signs = self.bytes.get(start..start + SIGNS).filter(|_| first)?;
        let same = signs.iter().all(|byte| *byte == signs[0]);
        let after = self.bytes.get(start + SIGNS).copied().unwrap_or(b'\n');
        (same && matches!(after, b' ' | b'\n' | b'\r')).then_some(signs[0])
    }

    fn marker_line(&self, start: usize) -> Span {
        let line = self.text[start..].lines().next().unwrap_or("");
        self.span(start, start + line.len())
    }

    /// The other markers of the conflict that begins here, if all of it is there.
    fn markers_of(&self, start: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut at = start;
        while let Some(next) = self.text[at..].find('\n') {
            at += next + 1;
            match self.marker(at) {
                Some(b'<') => break,
                Some(b'>') => {
                    found.push(at);
                    return found;
                }
                Some(b'=' | b'|') => found.push(at),
                _ => {}
            }
        }
        Vec::new()
    }
}
