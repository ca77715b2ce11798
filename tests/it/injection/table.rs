//! What is printed of it all: for each sink how many texts came back equal, how many were refused by which
//! code, and what is wrong.

use std::collections::BTreeMap;
use std::fmt;

#[derive(Default)]
pub struct Table {
    rows: BTreeMap<String, BTreeMap<String, usize>>,
    /// By what is short for it, one example.
    pub faults: BTreeMap<String, String>,
}

impl Table {
    pub fn count(&mut self, sink: &str, what: &str) {
        *self.rows.entry(sink.to_owned()).or_default().entry(what.to_owned()).or_default() += 1;
    }

    /// The faults, each with an example.
    pub fn listed(&self) -> String {
        self.faults.iter().map(|(what, example)| format!("  {what}: {example:.400}\n")).collect()
    }
}

/// The tool that a file is for, and where it has several formats, which.
pub fn sink(path: &str) -> String {
    let (folder, rest) = path.split_once('/').unwrap_or((path, ""));
    let end = rest.rsplit_once('.').map_or("", |(_, end)| end);
    match (folder, end) {
        ("systemd", end) if !["service", "timer", "conf"].contains(&end) => "systemd files".into(),
        ("docs" | "prometheus" | "pihole" | "systemd" | "backup" | "windows" | "macos", end) => {
            format!("{folder} {end}").trim_end().to_owned()
        }
        _ => folder.to_owned(),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (mut good, mut all) = (0, 0);
        writeln!(f, "{:<18} {:>7} {:>7} {:>5}  refused by", "sink", "equal", "refused", "wrong")?;
        for (sink, row) in &self.rows {
            let (equal, wrong) = (row.get("equal").unwrap_or(&0), row.get("wrong").unwrap_or(&0));
            let codes: Vec<String> = row
                .iter()
                .filter(|(what, _)| what.starts_with('E'))
                .map(|(code, count)| format!("{code} {count}"))
                .collect();
            let sum: usize = row.values().sum();
            let refused = sum - equal - wrong;
            (good, all) = (good + sum - wrong, all + sum);
            let codes = codes.join(", ");
            writeln!(f, "{sink:<18} {equal:>7} {refused:>7} {wrong:>5}  {codes}")?;
        }
        let share = 100.0 * good as f64 / all.max(1) as f64;
        writeln!(f, "{good} of {all} equal or refused: {share:.2} %")
    }
}
