//! A scripted session as text: files, then steps with what they answer. How to write one stands in
//! `tests/lsp/README.md`.

use std::collections::BTreeMap;

pub struct Session {
    /// All before the first step, as it was written.
    pub head: String,
    /// The files without their marks.
    pub files: BTreeMap<String, String>,
    /// Where each mark stands: its file and byte.
    pub marks: BTreeMap<String, (String, usize)>,
    pub steps: Vec<Step>,
}

pub struct Step {
    /// `hover 1`
    pub line: String,
    pub expected: String,
}

impl Step {
    pub fn verb(&self) -> &str {
        self.line.split(' ').next().unwrap_or_default()
    }

    /// What follows the verb, parted by blanks; a text in double quotes is one.
    pub fn words(&self) -> Vec<String> {
        let mut rest = self.line[self.verb().len()..].trim_start();
        let mut words = Vec::new();
        while !rest.is_empty() {
            if rest.starts_with('"') {
                let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                let word = stream.next().expect("it begins").expect("a quoted text is JSON");
                words.push(word);
                rest = rest[stream.byte_offset()..].trim_start();
            } else {
                let end = rest.find(' ').unwrap_or(rest.len());
                words.push(rest[..end].to_owned());
                rest = rest[end..].trim_start();
            }
        }
        words
    }
}

impl Session {
    pub fn read(text: &str) -> Session {
        let mut session = Session {
            head: String::new(),
            files: BTreeMap::new(),
            marks: BTreeMap::new(),
            steps: Vec::new(),
        };
        let mut file: Option<String> = None;
        for line in text.split_inclusive('\n') {
            if let Some(step) = line.strip_prefix(">> ") {
                let line = step.trim_end().to_owned();
                session.steps.push(Step { line, expected: String::new() });
            } else if let Some(step) = session.steps.last_mut() {
                step.expected.push_str(line);
            } else {
                session.head.push_str(line);
                if let Some(name) = line.strip_prefix("== ") {
                    file = Some(name.trim().to_owned());
                    session.files.insert(name.trim().to_owned(), String::new());
                } else if let Some(name) = &file {
                    session.line(&name.clone(), line);
                }
            }
        }
        for text in session.files.values_mut() {
            text.truncate(text.trim_end_matches('\n').len());
            text.push('\n');
        }
        for step in &mut session.steps {
            step.expected.truncate(step.expected.trim_end().len());
        }
        session
    }

    /// A line of a file, its marks `<1>` taken out.
    fn line(&mut self, name: &str, line: &str) {
        let text = self.files.get_mut(name).expect("the file has begun");
        let mut rest = line;
        while let Some(at) = rest.find('<') {
            let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
            let end = at + 1 + digits;
            if digits > 0 && rest[end..].starts_with('>') {
                text.push_str(&rest[..at]);
                let mark = rest[at + 1..end].to_owned();
                let twice = self.marks.insert(mark.clone(), (name.to_owned(), text.len()));
                assert!(twice.is_none(), "mark <{mark}> stands twice");
                rest = &rest[end + 1..];
            } else {
                text.push_str(&rest[..=at]);
                rest = &rest[at + 1..];
            }
        }
        text.push_str(rest);
    }

    /// The session with its answers as they are now.
    pub fn written(&self, answers: &[String]) -> String {
        let mut out = self.head.trim_end().to_owned();
        for (step, answer) in self.steps.iter().zip(answers) {
            out.push_str(&format!("\n\n>> {}", step.line));
            if !answer.is_empty() {
                out.push('\n');
                out.push_str(answer);
            }
        }
        out.push('\n');
        out
    }
}
