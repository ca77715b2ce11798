//! Texts that are too deep, too long or too wrong: an answer in bounded time and memory.

use super::read;

/// The parser must get by on the stack of an ordinary thread.
fn codes(text: &str) -> Vec<&'static str> {
    read(text).1.iter().map(|fault| fault.code.id).collect()
}

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("x = {}{inner}{}\ny = 1\n", open.repeat(depth), close.repeat(depth))
}

#[test]
fn brackets_lie_at_most_128_deep() {
    for (open, inner, close) in
        [("(", "1", ")"), ("[", "1", "]"), ("{ a = ", "1", "}"), ("\"${", "1", "}\"")]
    {
        assert_eq!(codes(&nested(open, inner, close, 128)), [""; 0], "{open}");
        assert_eq!(codes(&nested(open, inner, close, 129)), ["E0104"], "{open}");
    }
    assert_eq!(codes(&format!("{}{}", "a { ".repeat(128), "}".repeat(128))), [""; 0]);
    assert_eq!(codes(&format!("{}{}", "a { ".repeat(129), "}".repeat(129))), ["E0104"]);
}

#[test]
fn a_million_brackets_are_one_fault() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{ a = ", "}"), ("a[", "]"), ("f(", ")")] {
        let text = nested(open, "1", close, 1_000_000);
        let (tree, faults, _) = read(&text);
        assert_eq!(faults.len(), 1, "{open}");
        assert_eq!(tree.top.len(), 2, "{open}: what follows is kept");
    }
}

#[test]
fn a_million_brackets_without_partners_are_few_faults() {
    for text in [
        "(".repeat(1_000_000),
        "[{(".repeat(300_000),
        ")".repeat(1_000_000),
        "\"${".repeat(300_000),
    ] {
        let faults = codes(&text);
        assert!(!faults.is_empty() && faults.len() <= 200, "{} faults", faults.len());
    }
    let crossed = format!("x = {}{}", "(".repeat(300_000), "]".repeat(300_000));
    assert!(!codes(&crossed).is_empty());
}

#[test]
fn long_chains_end_in_a_fault_not_in_a_crash() {
    let chains = [
        format!("x = {}1", "!".repeat(1_000_000)),
        format!("x = 1{}", " + 1".repeat(1_000_000)),
        format!("x = a{}", ".a".repeat(1_000_000)),
        format!("x = a{}", "()".repeat(1_000_000)),
        format!("x = {}1", "if a then b else ".repeat(1_000_000)),
        format!("x = {}1", "if ".repeat(1_000_000)),
        format!("type x = {}int{}", "list<".repeat(300_000), ">".repeat(300_000)),
    ];
    for text in chains {
        let faults = codes(&text);
        assert!(faults.contains(&"E0104"), "{}: {faults:?}", &text[..30]);
        assert!(faults.len() <= 4, "{}: {} faults", &text[..30], faults.len());
    }
}

#[test]
fn every_one_of_many_faults_is_found() {
    let text = "a = \nb = 1\n".repeat(100_000);
    let (tree, faults, _) = read(&text);
    assert_eq!(faults.len(), 100_000);
    assert_eq!(tree.top.len(), 200_000);
}

#[test]
fn a_large_list_is_read_whole() {
    let text = format!("x = [{}]", "\"item\",\n".repeat(1_000_000));
    let (tree, faults, _) = read(&text);
    assert!(faults.is_empty());
    assert_eq!(tree.expr_lists.len(), 1_000_000);
}

#[test]
fn marks_without_text_are_read() {
    for text in ["", "\u{feff}", "\n", "\r\n", "// only", "///", "\u{feff}\t\n"] {
        assert_eq!(codes(text), [""; 0], "{text:?}");
    }
}
