//! What is printed of it all: for each sink how many texts came back equal, how many were refused by which
//! code, and what is wrong.

use std::collections::BTreeMap;
use std::fmt;

#[derive(Default)]
pub struct Table {
    rows: BTreeMap<String, BTreeMap<String, usize>>,
    /// By sink: how often its reader was asked.
    asked: BTreeMap<String, usize>,
    /// By folder of `out/`: how many programs were started for it.
    programs: BTreeMap<String, usize>,
    pub executed: usize,
    /// By what is short for it, one example.
    pub faults: BTreeMap<String, String>,
}

impl Table {
    pub fn count(&mut self, sink: &str, what: &str) {
        *self.rows.entry(sink.to_owned()).or_default().entry(what.to_owned()).or_default() += 1;
    }

    /// Sinks of the stage: one that no text reaches has a row of nothing.
    pub fn has(&mut self, sinks: impl IntoIterator<Item = String>) {
        for sink in sinks {
            self.rows.entry(sink).or_default();
        }
    }

    pub fn asked(&mut self, sinks: impl IntoIterator<Item = String>) {
        sinks.into_iter().for_each(|sink| *self.asked.entry(sink).or_default() += 1);
    }

    pub fn started(&mut self, programs: &BTreeMap<String, usize>) {
        for (folder, count) in programs {
            *self.programs.entry(folder.clone()).or_default() += count;
        }
    }

    /// The most that one sink's reader was asked.
    pub fn most_asked(&self) -> usize {
        self.asked.values().copied().max().unwrap_or(0)
    }

    /// The faults, each with an example.
    pub fn listed(&self) -> String {
        self.faults.iter().map(|(what, example)| format!("  {what}: {example:.1300}\n")).collect()
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
        let (mut good, mut no, mut bad, mut lost) = (0, 0, 0, 0);
        writeln!(
            f,
            "{:<16} {:>7} {:>7} {:>7} {:>5}  refused by",
            "sink", "equal", "refused", "changed", "asked"
        )?;
        for (sink, row) in &self.rows {
            let of = |what: &str| row.get(what).copied().unwrap_or(0);
            let (equal, changed, astray) = (of("equal"), of("changed"), of("astray"));
            let refused = row.values().sum::<usize>() - equal - changed - astray;
            let codes = row.iter().filter(|(what, _)| what.starts_with('E'));
            let codes: Vec<String> = codes.map(|(code, count)| format!("{code} {count}")).collect();
            let asked = self.asked.get(sink).unwrap_or(&0);
            let codes = codes.join(", ");
            writeln!(f, "{sink:<16} {equal:>7} {refused:>7} {changed:>7} {asked:>5}  {codes}")?;
            (good, no, bad, lost) = (good + equal, no + refused, bad + changed, lost + astray);
        }
        let programs: Vec<String> =
            self.programs.iter().map(|(folder, count)| format!("{folder} {count}")).collect();
        writeln!(f, "programs started: {}", programs.join(", "))?;
        let all = good + no + bad + lost;
        let ran = self.executed;
        write!(f, "{all} cells, {good} equal, {no} refused, {bad} changed, {ran} executed")?;
        if lost > 0 { write!(f, ", {lost} refused at another line") } else { Ok(()) }
    }
}
