//! Diagnostics as each reader gets them: text for people, lines for editors and runners, JSON and
//! SARIF for programs.

use crate::generate::Dice;
use crate::schema;
use colabc::diag::human::{self, Look};
use colabc::diag::{Diagnostic, Spread, codes, github, json, sarif, short, sort_and_fold};
use colabc::source::{FileId, Place, Sources, Span};
use serde_json::Value;

/// The place of `what` in a file, where it stands for the first time.
fn at(sources: &Sources, file: FileId, what: &str) -> Span {
    let start = sources.file(file).text.find(what).expect("the text holds it") as u32;
    Span::new(file, start, start + what.len() as u32)
}

fn one_file(text: &str) -> (Sources, FileId) {
    let mut sources = Sources::default();
    let file = sources.add("cluster.colab", Place::Project, text);
    (sources, file)
}

fn plain(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    human::render(diagnostics, sources, &Look::default())
}

/// A finding with everything that a finding can have, in two files.
fn rich() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let node = sources.add(
        "nodes/director.colab",
        Place::Project,
        "node director {\n\tservice gitea {\n    memory = 30s // 大きさ\n  }\n}\n",
    );
    let global = sources.add(
        "global.colab",
        Place::Project,
        "global {\r\n  node {\r\n    default memory = 4GiB\r\n  }\r\n}\r\n",
    );
    let value = at(&sources, node, "30s");
    let mut found = Diagnostic::new(&codes::E0101, value, "expected bytes, found duration")
        .here("this is a duration")
        .label(at(&sources, global, "4GiB"), "the default is bytes")
        .label(at(&sources, node, "director"), "for this node")
        .at("node director > service gitea > memory")
        .note("memory is counted in bytes")
        .fix("write `30MB`", value, "30MB")
        .suggest("set the default instead", at(&sources, global, "4GiB"), "30MB\r\n    y = 1")
        .help("leave the field out");
    found.spread =
        Some(Spread { found: 5, of: 7, what: "nodes", examples: vec!["a".into(), "b".into()] });
    (sources, vec![found])
}

#[test]
fn a_person_sees_every_place_and_every_way_out() {
    let (sources, found) = rich();
    let expected = "\
error[E0101]: expected bytes, found duration
  in node director > service gitea > memory
  on 5 of 7 nodes: a, b, ...
  ┌─ nodes/director.colab:3:14
  │
1 │ node director {
  │      -------- for this node
2 │     service gitea {
3 │     memory = 30s // 大きさ
  │              ^^^ this is a duration
  │
  ┌─ global.colab:3:22
  │
3 │     default memory = 4GiB
  │                      ---- the default is bytes
  │
  = note: memory is counted in bytes
  = help: write `30MB`
    - memory = 30s // 大きさ
    + memory = 30MB // 大きさ
  = help: set the default instead
    in global.colab, line 3:
    - default memory = 4GiB
    + default memory = 30MB
    + y = 1
  = help: leave the field out

1 error in 1 file
for more: colabc explain E0101
";
    assert_eq!(plain(&found, &sources), expected);
}

#[test]
fn an_ascii_terminal_gets_ascii_and_a_colourful_one_colours() {
    let (sources, file) = one_file("let a = 1\n");
    let found = [Diagnostic::new(&codes::E0101, at(&sources, file, "a"), "x").note("y").help("z")];
    let ascii = human::render(&found, &sources, &Look { ascii: true, ..Look::default() });
    assert!(ascii.is_ascii(), "{ascii}");
    let coloured = human::render(&found, &sources, &Look { colour: true, ..Look::default() });
    assert!(coloured.starts_with("\x1b[1;31merror[E0101]"), "{coloured:?}");
    let mut stripped = String::new();
    let mut pieces = coloured.split("\x1b[");
    stripped.push_str(pieces.next().unwrap());
    for piece in pieces {
        stripped.push_str(piece.split_once('m').expect("a colour").1);
    }
    assert_eq!(stripped.replace("  \n", "\n"), plain(&found, &sources));
}

#[test]
fn columns_are_characters_from_one() {
    let (sources, file) = one_file("\u{feff}// ok\r\n\tx = \"größe\" oops\r\n");
    let found = [Diagnostic::new(&codes::E0101, at(&sources, file, "oops"), "x")];
    assert_eq!(short::render(&found, &sources), "cluster.colab:2:14: error[E0101]: x\n");
    assert!(plain(&found, &sources).contains("cluster.colab:2:14\n"));
    let answer: Value = serde_json::from_str(&json::render(&found, &sources)).unwrap();
    assert_eq!(answer["diagnostics"][0]["labels"][0]["end"]["column"], 18);
}

#[test]
fn odd_places_are_shown_sensibly() {
    let shown = |text: &str, start: u32, end: u32| {
        let (sources, file) = one_file(text);
        let found = Diagnostic::new(&codes::E0101, Span::new(file, start, end), "x").here("here");
        let text = human::one(&found, &sources, &Look::default());
        text.lines().skip(3).map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_eq!(shown("", 0, 0), "1 │\n  │ ^ here\n\n", "an empty file");
    assert_eq!(shown("ab", 2, 2), "1 │ ab\n  │   ^ here\n\n", "the end of a file");
    assert_eq!(shown("ab\n", 3, 3), "2 │\n  │ ^ here\n\n", "behind the last line");
    assert_eq!(shown("ab\r\ncd\r\n", 0, 4), "1 │ ab\n  │ ^^ here\n\n", "with the line's end");
    assert_eq!(shown("ab\r\ncd", 3, 4), "1 │ ab\n  │   ^ here\n\n", "amid a line's end");
    assert_eq!(shown("\tab", 1, 3), "1 │     ab\n  │     ^^ here\n\n", "behind a tab");
    assert_eq!(shown("大きx", 6, 7), "1 │ 大きx\n  │     ^ here\n\n", "behind wide characters");
    assert_eq!(shown("大x", 1, 2), "1 │ 大x\n  │ ^^ here\n\n", "amid a character");
    assert_eq!(shown("ab", 7, 90), "1 │ ab\n  │   ^ here\n\n", "outside of the file");
    assert_eq!(shown("ab\rcd\0", 3, 5), "1 │ ab\\rcd\\u{0}\n  │     ^^ here\n\n", "controls");
}

#[test]
fn of_very_many_places_the_first_are_shown() {
    let text = "a\n".repeat(40);
    let (sources, file) = one_file(&text);
    let found = |count: u32| {
        let first = Diagnostic::new(&codes::E0502, Span::new(file, 0, 1), "x");
        let place = |at: u32| Span::new(file, 2 * at, 2 * at + 1);
        (1..count).fold(first, |found, at| found.label(place(at), "this one"))
    };
    let shown = human::one(&found(40), &sources, &Look::default());
    assert_eq!(shown.matches("this one").count(), 15);
    assert!(shown.contains("note: 24 more places; --format json has them all"), "{shown}");
    let all = human::one(&found(17), &sources, &Look::default());
    assert_eq!(all.matches("this one").count(), 16);
    assert!(!all.contains("more places"));
    let told = json::render(&[found(40)], &sources);
    assert_eq!(told.matches("this one").count(), 39);
}

#[test]
fn a_long_line_is_shown_around_the_place() {
    let text = format!("{}30s{}\n", "ä".repeat(50_000), "y".repeat(50_000));
    let (sources, file) = one_file(&text);
    let place = at(&sources, file, "30s");
    let found = [Diagnostic::new(&codes::E0101, place, "x")
        .label(Span::new(file, 0, 2), "the line begins")
        .label(Span::new(file, 149_000, 149_002), "and ends")
        .fix("write `30MB`", place, "30MB")];
    let report = plain(&found, &sources);
    assert!(report.contains("cluster.colab:1:50001\n"), "{report}");
    assert!(report.contains("ä30sy") && report.contains("- ...ä") && report.contains("ä30MBy"));
    assert!(report.lines().all(|line| line.chars().count() <= 130), "{report}");
    let carets = report.lines().find(|line| line.contains('^')).expect("a line of carets");
    let source = report.lines().find(|line| line.starts_with("1 │")).expect("the line");
    let column = |line: &str, what: char| line.chars().position(|c| c == what);
    assert_eq!(column(carets, '^'), column(source, '3'), "{report}");
}

#[test]
fn a_label_over_a_whole_file_shows_its_ends() {
    for count in [10, 3_000] {
        let text = format!("node a {{\n{}}}\n", "  x = 1\n".repeat(count));
        let (sources, file) = one_file(&text);
        let end = text.len() as u32;
        let found = [Diagnostic::new(&codes::E0101, Span::new(file, 0, end), "x").here("open")];
        let report = plain(&found, &sources);
        assert!(report.contains("node a {") && report.contains("open"), "{report}");
        assert!(report.lines().count() < 16, "{report}");
    }
}

#[test]
fn nothing_hidden_reaches_a_terminal_or_a_runner() {
    let hostile =
        "a\u{1b}[2Jb\r\n::error::c\u{202e}d\u{2066}e\u{200b}f\0g\u{9b}h\u{7f}\u{2028}%0A\t";
    let mut sources = Sources::default();
    let file = sources.add(format!("{hostile}.colab"), Place::Project, hostile);
    let span = Span::new(file, 0, hostile.len() as u32);
    let mut found = Diagnostic::new(&codes::E0101, span, hostile)
        .here(hostile)
        .label(span, hostile)
        .note(hostile)
        .fix(hostile, span, format!("{hostile}!"))
        .at(hostile);
    found.spread =
        Some(Spread { found: 1, of: 2, what: "nodes", examples: vec![hostile.to_owned()] });
    let found = [found];
    for text in
        [plain(&found, &sources), short::render(&found, &sources), github::render(&found, &sources)]
    {
        let seen = |c: char| c == '\n' || !colabc::diag::text::is_hidden(c);
        assert!(text.chars().all(seen), "{text:?}");
    }
    let runner = github::render(&found, &sources);
    assert_eq!(runner.lines().count(), 1, "one command a finding: {runner}");
    assert!(runner.contains("%250A") && runner.contains(r"\u{1b}[2Jb\r\n%3A%3Aerror"), "{runner}");
    assert_eq!(short::render(&found, &sources).lines().count(), 1);
    // A program gets the text as it is.
    let answer: Value = serde_json::from_str(&json::render(&found, &sources)).unwrap();
    assert_eq!(answer["diagnostics"][0]["message"], hostile);
}

#[test]
fn annotations_of_a_pull_request() {
    let (sources, found) = rich();
    let line = github::render(&found, &sources);
    let head =
        "::error file=nodes/director.colab,line=3,col=14,endLine=3,endColumn=17,title=E0101%3A ";
    assert!(line.starts_with(head), "{line}");
    let body = "::expected bytes, found duration%0Ain node director > service gitea > memory%0A\
        on 5 of 7 nodes: a, b, ...%0Athis is a duration%0Aglobal.colab:3:22: the default is bytes%0A\
        nodes/director.colab:1:6: for this node%0Anote: memory is counted in bytes%0A\
        help: write `30MB`%0Ahelp: set the default instead%0Ahelp: leave the field out\n";
    assert!(line.ends_with(body), "{line}");
}

#[test]
fn a_hundred_are_shown_and_the_rest_is_counted() {
    let text = "x\n".repeat(250);
    let (sources, file) = one_file(&text);
    let found =
        (0..250).map(|n| Diagnostic::new(&codes::E0101, Span::new(file, 2 * n, 2 * n + 1), "x"));
    let report = plain(&sort_and_fold(found.collect(), &sources), &sources);
    assert_eq!(report.matches("error[E0101]").count(), 100);
    let end = "\n150 errors more, not shown here; --format short lists all\n250 errors in 1 file\n\
        for more: colabc explain E0101\n";
    assert!(report.ends_with(end), "{report}");
    assert_eq!(plain(&[], &sources), "");
}

#[test]
fn a_hundred_thousand_on_one_line_cost_one_walk() {
    let text = "x ".repeat(100_000);
    let (sources, file) = one_file(&text);
    let found: Vec<_> = (0..100_000)
        .map(|n| Diagnostic::new(&codes::E0101, Span::new(file, 2 * n, 2 * n + 1), "x"))
        .collect();
    let lines = short::render(&sort_and_fold(found, &sources), &sources);
    assert!(lines.ends_with("cluster.colab:1:199999: error[E0101]: x\n"));
}

#[test]
fn json_is_as_its_schema_says() {
    let schema: Value = serde_json::from_str(json::SCHEMA).unwrap();
    let (sources, found) = rich();
    let answer: Value = serde_json::from_str(&json::render(&found, &sources)).unwrap();
    assert_eq!(schema::faults(&schema, &answer), [""; 0]);
    let first = &answer["diagnostics"][0];
    assert_eq!(first["count"], 5);
    assert_eq!(first["fixes"][0]["safety"], "safe");
    assert_eq!(first["fixes"][0]["edits"][0]["text"], "30MB");
    assert_eq!(first["fixes"][2]["edits"], Value::Array(Vec::new()));
    let empty: Value = serde_json::from_str(&json::render(&[], &sources)).unwrap();
    assert_eq!(schema::faults(&schema, &empty), [""; 0]);
}

#[test]
fn sarif_has_rules_places_and_fixes() {
    let (sources, found) = rich();
    let log: Value = serde_json::from_str(&sarif::render(&found, &sources)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let result = &run["results"][0];
    let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!((&rule["id"], &rule["helpUri"]), (&"E0101".into(), &"docs/errors/E0101.md".into()));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "nodes/director.colab");
    assert_eq!(
        (&place["region"]["startLine"], &place["region"]["endColumn"]),
        (&3.into(), &17.into())
    );
    assert_eq!(result["relatedLocations"].as_array().unwrap().len(), 2);
    let fixes = result["fixes"].as_array().unwrap();
    assert_eq!(fixes.len(), 2, "advice without edits is no fix");
    assert_eq!(
        fixes[0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"],
        "30MB"
    );
    assert!(result["message"]["text"].as_str().unwrap().ends_with("help: leave the field out"));
}

#[test]
fn no_place_and_no_text_stops_a_renderer() {
    let pieces = [
        "a",
        " ",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "大",
        "e\u{301}",
        "🦀",
        "\u{1b}",
        "\u{202e}",
        "`x`",
        "\0",
        "memory = 30s",
        "{\n}\n",
        "\n\n\n\n\n",
    ];
    let mut dice = Dice::new(7);
    for round in 0..4_000 {
        let mut sources = Sources::default();
        for name in ["a.colab", "b.colab"] {
            let count = dice.below(if round % 10 == 0 { 400 } else { 12 });
            let text: String = (0..count).map(|_| pieces[dice.below(pieces.len())]).collect();
            sources.add(name, Place::Project, text);
        }
        let mut span = || {
            let file = FileId(dice.below(2) as u32);
            let length = sources.file(file).text.len();
            let start = dice.below(length + 3);
            let end =
                if dice.below(8) == 0 { dice.below(length + 3) } else { start + dice.below(9) };
            Span::new(file, start as u32, end as u32)
        };
        let mut found =
            Diagnostic::new(&codes::E0101, span(), "x").here("here").fix("f", span(), "y\nz");
        for number in 0..round % 4 {
            found = found.label(span(), if number % 2 == 0 { "there" } else { "" });
        }
        let found = sort_and_fold(vec![found], &sources);
        for look in [Look::default(), Look { colour: true, ascii: true, width: 1, limit: 1 }] {
            let report = human::render(&found, &sources, &look);
            assert!(report.contains("E0101") && report.lines().count() < 150, "{report}");
        }
        assert_eq!(short::render(&found, &sources).lines().count(), 1);
        assert_eq!(github::render(&found, &sources).lines().count(), 1);
        for text in [json::render(&found, &sources), sarif::render(&found, &sources)] {
            serde_json::from_str::<Value>(&text).unwrap();
        }
    }
}
