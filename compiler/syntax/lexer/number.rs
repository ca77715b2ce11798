//! Numbers, quantities, modes and addresses: what they look like, not what they are worth.
//! Longest first: IPv6, MAC, IPv4, quantity, mode, float, int.

use super::super::faults;
use super::super::token::{Kind, is_time_unit, is_unit};
use super::{Lexer, is_hex, is_word_byte};

/// The longest run of digits in one number: all such fit 64 bits.
const MAX_DIGITS: usize = 18;

impl Lexer<'_> {
    /// Whether one to four hex digits and a colon stand here, or two colons.
    pub(super) fn address_ahead(&self) -> bool {
        let digits = (0..5).take_while(|&ahead| is_hex(self.byte(ahead))).count();
        digits <= 4 && self.byte(digits) == b':'
    }

    /// Two colons begin an address or nothing.
    pub(super) fn address_or_bad(&mut self) {
        if !self.address() {
            let start = self.at;
            self.faults.push(faults::bad_ip6(self.span(start, start + 2), "::"));
            self.push(Kind::Bad, start, start + 2);
        }
    }

    /// Reads an IPv6 address or a MAC, if what stands here is one or can be nothing else.
    pub(super) fn address(&mut self) -> bool {
        let start = self.at;
        let run = ColonRun::read(&self.bytes[start..]);
        let mut end = start + run.len;
        let touches = self.bytes.get(end).copied().is_some_and(is_word_byte);
        if run.is_ip6() && !touches {
            let kind = match self.prefix(end, 128) {
                Prefix::None => Kind::Ip6,
                Prefix::Good(to) => {
                    end = to;
                    Kind::Cidr6
                }
                Prefix::Bad(to) => {
                    self.faults.push(faults::bad_prefix(
                        self.span(end, to),
                        128,
                        &self.text[end..to],
                    ));
                    end = to;
                    Kind::Bad
                }
            };
            self.push(kind, start, end);
            return true;
        }
        if run.is_mac() && !touches {
            self.push(Kind::Mac, start, end);
            return true;
        }
        // No value begins with a slash: `fd10:10:/64` lacks a colon.
        let colon = run.double == 0
            && self.bytes.get(end) == Some(&b':')
            && matches!(self.prefix(end + 1, 128), Prefix::Good(_));
        if run.double == 0 && run.colons < 2 && !colon {
            return false;
        }
        end = self.blob(end + usize::from(colon));
        if let Prefix::Good(to) = self.prefix(end, 128) {
            end = to;
        }
        let span = self.span(start, end);
        let fault = if run.double == 0 && run.colons == 5 {
            faults::bad_mac(span)
        } else {
            faults::bad_ip6(span, &self.text[start..end])
        };
        self.faults.push(fault);
        self.push(Kind::Bad, start, end);
        true
    }

    pub(super) fn number(&mut self) {
        if self.address_ahead() && self.address() {
            return;
        }
        let start = self.at;
        let mut groups = 1;
        let mut first = self.digits(start);
        let mut end = first;
        let mut longest = first - start;
        while self.bytes.get(end) == Some(&b'.')
            && self.bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
        {
            let next = self.digits(end + 1);
            longest = longest.max(next - end - 1);
            end = next;
            groups += 1;
        }
        if groups == 4 {
            return self.ip4(start, end);
        }
        if groups == 1 {
            first = end;
        }
        let touches = self.bytes.get(end).copied().is_some_and(is_word_byte);
        let zero = first - start > 1 && self.bytes[start] == b'0';
        if groups == 1 && zero && !touches && is_mode(&self.bytes[start..end]) {
            return self.push(Kind::Mode, start, end);
        }
        if groups == 3
            && let Prefix::Good(end) = self.prefix(end, 32)
        {
            return self.bad_number(start, end, faults::short_range);
        }
        if groups < 4
            && let Some(end) = self.stars(end, 4 - groups)
        {
            return self.bad_number(start, end, faults::starred_range);
        }
        if groups > 2 {
            let end = self.blob(end);
            return self.bad_number(start, end, faults::dotted_number);
        }
        if zero {
            let end = self.blob(end);
            if let Some(from) = self.day_ending(end) {
                self.faults.push(faults::bare_date(self.span(from, end), &self.text[from..end]));
                return self.push(Kind::Bad, start, end);
            }
            return self.bad_number(start, end, faults::leading_zero);
        }
        if longest > MAX_DIGITS {
            let end = self.blob(end);
            return self.bad_number(start, end, faults::long_number);
        }
        if touches {
            return match self.units(end) {
                Some(end) => self.push(Kind::Quantity, start, end),
                None => {
                    let end = self.blob(end);
                    self.bad_number(start, end, faults::unknown_unit)
                }
            };
        }
        self.push(if groups == 1 { Kind::Int } else { Kind::Float }, start, end);
    }

    /// The end of `unit ( int time-unit )*`, if that is what stands here up to no more letters.
    fn units(&self, start: usize) -> Option<usize> {
        let mut end = self.letters(start);
        let unit = &self.bytes[start..end];
        if !is_unit(unit) {
            return None;
        }
        if is_time_unit(unit) {
            while self.bytes.get(end).is_some_and(u8::is_ascii_digit) {
                let digits = self.digits(end);
                let zero = digits - end > 1 && self.bytes[end] == b'0';
                let next = self.letters(digits);
                if zero || digits - end > MAX_DIGITS || !is_time_unit(&self.bytes[digits..next]) {
                    return None;
                }
                end = next;
            }
        }
        let touches = self.bytes.get(end).copied().is_some_and(is_word_byte);
        (!touches).then_some(end)
    }

    /// The end of so many `.*`, with the length that may follow them.
    fn stars(&self, start: usize, count: usize) -> Option<usize> {
        let rest = &self.text[start..];
        let stars = rest.as_bytes().chunks(2).take_while(|two| *two == b".*").count();
        let one_x = count == 1 && rest.starts_with(".x");
        let end = start + 2 * if one_x { 1 } else { stars };
        let ends = !self.bytes.get(end).copied().is_some_and(is_word_byte);
        (ends && (one_x || (1..=count).contains(&stars))).then_some(end)
    }

    /// Where a day of the calendar begins that ends here: `2027-06-30`, of which the lexer took the year for a number.
    fn day_ending(&self, end: usize) -> Option<usize> {
        let mut from = end;
        while from > 0 && (self.bytes[from - 1].is_ascii_digit() || self.bytes[from - 1] == b'-') {
            from -= 1;
        }
        let lengths: Vec<usize> = self.text[from..end].split('-').map(str::len).collect();
        (lengths == [4, 2, 2]).then_some(from)
    }

    fn ip4(&mut self, start: usize, mut end: usize) {
        let touches = self.bytes.get(end).copied().is_some_and(is_word_byte);
        if touches || !self.bytes[start..end].split(|&b| b == b'.').all(is_octet) {
            let end = self.blob(end);
            return self.bad_number(start, end, faults::bad_ip4);
        }
        let kind = match self.prefix(end, 32) {
            Prefix::None => Kind::Ip4,
            Prefix::Good(to) => {
                end = to;
                Kind::Cidr4
            }
            Prefix::Bad(to) => {
                self.faults.push(faults::bad_prefix(self.span(end, to), 32, &self.text[end..to]));
                end = to;
                Kind::Bad
            }
        };
        self.push(kind, start, end);
    }

    /// A `/` and digits that touch an address.
    fn prefix(&self, slash: usize, max: u32) -> Prefix {
        if self.bytes.get(slash) != Some(&b'/')
            || !self.bytes.get(slash + 1).is_some_and(u8::is_ascii_digit)
        {
            return Prefix::None;
        }
        let end = self.digits(slash + 1);
        let digits = &self.bytes[slash + 1..end];
        let touches = self.bytes.get(end).copied().is_some_and(is_word_byte);
        let zero = digits.len() > 1 && digits[0] == b'0';
        if touches || zero || digits.len() > 3 || decimal(digits) > max {
            return Prefix::Bad(self.blob(end));
        }
        Prefix::Good(end)
    }

    fn bad_number(
        &mut self,
        start: usize,
        end: usize,
        fault: fn(crate::source::Span, &str) -> crate::diag::Diagnostic,
    ) {
        self.faults.push(fault(self.span(start, end), &self.text[start..end]));
        self.push(Kind::Bad, start, end);
    }

    fn digits(&self, start: usize) -> usize {
        start + self.bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count()
    }

    fn letters(&self, start: usize) -> usize {
        start + self.bytes[start..].iter().take_while(|b| b.is_ascii_alphabetic()).count()
    }

    /// The end of what a person would call one number: letters, digits, single dots and hyphens.
    fn blob(&self, start: usize) -> usize {
        let mut end = start;
        while let Some(&byte) = self.bytes.get(end) {
            let joins = matches!(byte, b'.' | b'-' | b'+')
                && self.bytes.get(end + 1).copied().is_some_and(is_word_byte)
                && end > 0
                && is_word_byte(self.bytes[end - 1]);
            if !is_word_byte(byte) && !joins {
                break;
            }
            end += 1;
        }
        end
    }
}

enum Prefix {
    None,
    Good(usize),
    Bad(usize),
}

/// Hex groups and the colons between them, as far as they go.
#[derive(Default)]
struct ColonRun {
    len: usize,
    groups: usize,
    colons: usize,
    /// How many `::`.
    double: usize,
    /// All groups have two digits.
    pairs: bool,
    /// A group has more than four.
    wide: bool,
}

impl ColonRun {
    fn read(bytes: &[u8]) -> ColonRun {
        let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
        let mut run = ColonRun { pairs: true, ..ColonRun::default() };
        loop {
            let digits = bytes[run.len..].iter().take_while(|&&b| is_hex(b)).count();
            if digits > 0 {
                run.groups += 1;
                run.pairs &= digits == 2;
                run.wide |= digits > 4;
                run.len += digits;
            }
            if at(run.len) == b':' && at(run.len + 1) == b':' {
                run.double += 1;
                run.colons += 2;
                run.len += 2;
            } else if digits > 0 && at(run.len) == b':' && is_hex(at(run.len + 1)) {
                run.colons += 1;
                run.len += 1;
            } else {
                return run;
            }
        }
    }

    fn is_ip6(&self) -> bool {
        let sound = match self.double {
            0 => self.groups == 8,
            1 => self.groups <= 7,
            _ => false,
        };
        sound && !self.wide
    }

    fn is_mac(&self) -> bool {
        self.double == 0 && self.groups == 6 && self.pairs
    }
}

fn is_octet(digits: &[u8]) -> bool {
    let zero = digits.len() > 1 && digits[0] == b'0';
    !zero && digits.len() <= 3 && decimal(digits) <= 255
}

fn is_mode(digits: &[u8]) -> bool {
    matches!(digits.len(), 4 | 5) && digits.iter().all(|b| (b'0'..=b'7').contains(b))
}

/// The value of at most three digits.
fn decimal(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'))
}
