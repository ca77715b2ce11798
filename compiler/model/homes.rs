//! Where definitions stand, in words: `service gitea > container app`. A block inside another one holds
//! its own step alone, for hardly any is ever asked.

use crate::names::{Names, Sym};

/// By number; 0 is the top of all files.
#[derive(Clone, Debug)]
pub struct Homes(Vec<Home>);

#[derive(Clone, Debug)]
enum Home {
    Whole(Box<str>),
    Inside { outer: u32, step: Step },
}

/// A word and a label.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub word: Sym,
    pub label: Sym,
    /// The label is no name: it is shown in quotes.
    pub quoted: bool,
}

impl Default for Homes {
    fn default() -> Homes {
        Homes(vec![Home::Whole("".into())])
    }
}

impl Homes {
    pub fn whole(&mut self, text: &str) -> u32 {
        self.add(Home::Whole(text.into()))
    }

    pub fn inside(&mut self, outer: u32, step: Step) -> u32 {
        self.add(Home::Inside { outer, step })
    }

    /// Without the top: what stands behind other homes.
    pub fn none() -> Homes {
        Homes(Vec::new())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn append(&mut self, others: &mut Homes) {
        self.0.append(&mut others.0);
    }

    /// Whatever lies in a home from number `known` on, lies in those from `to` on.
    pub fn shift(&mut self, known: u32, to: u32) {
        for home in &mut self.0 {
            if let Home::Inside { outer, .. } = home
                && *outer >= known
            {
                *outer += to - known;
            }
        }
    }

    fn add(&mut self, home: Home) -> u32 {
        self.0.push(home);
        self.0.len() as u32 - 1
    }

    /// The block that stands directly in a file and holds this home.
    pub fn outermost(&self, mut home: u32) -> u32 {
        let is_top =
            |home: u32| matches!(&self.0[home as usize], Home::Whole(text) if text.is_empty());
        while let Home::Inside { outer, .. } = self.0[home as usize] {
            if is_top(outer) {
                break;
            }
            home = outer;
        }
        home
    }

    /// Empty for the top of all files.
    pub fn text(&self, mut home: u32, names: &Names) -> String {
        let mut steps = Vec::new();
        let outermost = loop {
            match &self.0[home as usize] {
                Home::Whole(text) => break &**text,
                Home::Inside { outer, step } => {
                    let (word, label) = (names.text(step.word), names.text(step.label));
                    let quote = if step.quoted { "\"" } else { "" };
                    steps.push([word, " ", quote, label, quote].concat());
                    home = *outer;
                }
            }
        };
        if !outermost.is_empty() {
            steps.push(outermost.to_owned());
        }
        steps.reverse();
        steps.join(" > ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_told_from_the_outermost_step_on() {
        let mut names = Names::default();
        let (mut homes, mut word) = (Homes::default(), |text: &str| names.intern(text));
        let (service, gitea, volume, data) =
            (word("service"), word("gitea"), word("volume"), word("/data"));
        let step = |word, label, quoted| Step { word, label, quoted };
        let outer = homes.inside(0, step(service, gitea, false));
        let inner = homes.inside(outer, step(volume, data, true));
        let whole = homes.whole("template std.postgres");
        let below = homes.inside(whole, step(volume, data, true));
        let texts = [0, outer, inner, whole, below].map(|home| homes.text(home, &names));
        let wanted = [
            "",
            "service gitea",
            "service gitea > volume \"/data\"",
            "template std.postgres",
            "template std.postgres > volume \"/data\"",
        ];
        assert_eq!(texts, wanted);
        let outermost = [0, outer, inner, whole, below].map(|home| homes.outermost(home));
        assert_eq!(outermost, [0, outer, outer, whole, whole]);
    }
}
