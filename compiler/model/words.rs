//! A few words, each with a number, found by a text at hand: rules and targets ask for fields by
//! their words millions of times. What the numbers stand for is the owner's.

use rustc_hash::FxHashMap;

/// Words in a small open table, itself and nothing behind it: a short word is compared where it stands.
#[derive(Clone, Default, Debug)]
pub struct Words {
    /// None, or a power of two, more than half of them free.
    places: Vec<Option<(Print, u32)>>,
    /// How many of the places are taken.
    taken: usize,
    long: FxHashMap<Box<str>, u32>,
}

/// A word as it is looked for. Who names it in the program itself has it reckoned by the compiler of Rust.
#[derive(Clone, Copy, Debug)]
pub enum Word<'a> {
    Short(Print),
    Long(&'a str),
}

/// A text of 1 to 15 bytes and its length, in 16 bytes. Equal prints are equal texts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Print(u64, u64);

impl Word<'_> {
    #[inline(always)]
    pub fn of(text: &str) -> Word<'_> {
        match Print::of(text) {
            Some(print) => Word::Short(print),
            None => Word::Long(text),
        }
    }
}

impl Print {
    #[inline(always)]
    fn of(text: &str) -> Option<Print> {
        let bytes = text.as_bytes();
        let len = (bytes.len() as u64) << 56;
        Some(match bytes.len() {
            0 | 16.. => return None,
            // Both overlap at least by a byte: that one leaves room for the length.
            8.. => {
                let last = u64::from_le_bytes(*bytes.last_chunk()?);
                Print(u64::from_le_bytes(*bytes.first_chunk()?), last >> 8 | len)
            }
            4.. => {
                let first = u32::from_le_bytes(*bytes.first_chunk()?);
                let last = u32::from_le_bytes(*bytes.last_chunk()?);
                Print(u64::from(first) | u64::from(last) << 32, len)
            }
            at => {
                let [first, middle, last] = [bytes[0], bytes[at / 2], bytes[at - 1]].map(u64::from);
                Print(first | middle << 8 | last << 16, len)
            }
        })
    }

    #[inline(always)]
    fn hash(self) -> usize {
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        ((self.0 ^ self.1.rotate_left(25)).wrapping_mul(MIX) >> 40) as usize
    }
}

impl Words {
    /// Gives a word its number. The first one that it was given stays.
    pub fn add(&mut self, word: &str, number: u32) {
        let Some(print) = Print::of(word) else {
            self.long.entry(word.into()).or_insert(number);
            return;
        };
        if self.of_print(print).is_some() {
            return;
        }
        if (self.taken + 1) * 2 > self.places.len() {
            let larger = vec![None; (self.places.len() * 2).max(8)];
            for (print, number) in std::mem::replace(&mut self.places, larger).into_iter().flatten()
            {
                self.put(print, number);
            }
        }
        self.put(print, number);
        self.taken += 1;
    }

    /// Into the first free place from its own on: there always is one.
    fn put(&mut self, print: Print, number: u32) {
        let mask = self.places.len() - 1;
        let mut at = print.hash() & mask;
        while self.places[at].is_some() {
            at = (at + 1) & mask;
        }
        self.places[at] = Some((print, number));
    }

    #[inline]
    pub fn find(&self, word: Word) -> Option<u32> {
        match word {
            Word::Short(print) => self.of_print(print),
            Word::Long(text) => self.of_long(text),
        }
    }

    #[cold]
    fn of_long(&self, text: &str) -> Option<u32> {
        self.long.get(text).copied()
    }

    #[inline]
    fn of_print(&self, print: Print) -> Option<u32> {
        let mask = self.places.len().wrapping_sub(1);
        let mut at = print.hash() & mask;
        loop {
            match self.places.get(at)? {
                Some((known, number)) if *known == print => return Some(*number),
                Some(_) => at = (at + 1) & mask,
                None => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text of up to five letters of two, and longer ones that differ in one letter alone.
    fn texts() -> Vec<String> {
        let mut texts = vec![String::new()];
        for from in 0..31 {
            texts.extend(["a", "b"].map(|letter| format!("{}{letter}", texts[from])));
        }
        for len in 6..40 {
            let plain = "a".repeat(len);
            let other = |at: usize| format!("{}b{}", &plain[..at], &plain[at + 1..]);
            texts.extend((0..len).map(other));
            texts.push(plain);
        }
        texts
    }

    #[test]
    fn each_word_has_its_own_number_and_no_other_text_has_one() {
        let texts = texts();
        let mut words = Words::default();
        assert_eq!(words.find(Word::of("a")), None);
        let of = |at: usize| at.is_multiple_of(2).then_some(at as u32);
        for (at, text) in texts.iter().enumerate() {
            if let Some(number) = of(at) {
                words.add(text, number);
                words.add(text, 7);
            }
        }
        for (at, text) in texts.iter().enumerate() {
            assert_eq!(words.find(Word::of(text)), of(at), "{text}");
        }
    }
}
