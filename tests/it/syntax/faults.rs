//! Each fault is found where it is, once, and the rest is kept.

use super::corpus::fenced;
use super::read;
use colabc::diag::{Safety, codes::CODES};
use colabc::syntax::tree::*;

/// `code line:column of the primary place`
fn places(text: &str) -> Vec<String> {
    let (_, faults, _) = read(text);
    faults
        .iter()
        .map(|fault| {
            let start = fault.primary().start as usize;
            let line = text[..start].matches('\n').count() + 1;
            let column = start - text[..start].rfind('\n').map_or(0, |at| at + 1) + 1;
            format!("{} {line}:{column}", fault.code.id)
        })
        .collect()
}

/// The text after all fixes that are certain.
fn fixed(text: &str) -> String {
    let (_, faults, _) = read(text);
    let safe =
        faults.iter().flat_map(|fault| &fault.fixes).filter(|fix| fix.safety == Safety::Safe);
    let mut edits: Vec<_> = safe.flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text
}

#[test]
fn ten_faults_are_ten_messages_and_the_rest_is_kept() {
    let text = r#"import "a"
node a {
  os: linux
  memory = 4 GiB
  roles = [a b, c]
  mode = 010   swap = 1GiB;
  a.b = 5
  name = “smart”
  image =
  depends = [x]
  raw = 'it
  # comment
  ok = "fine ${x} and ${y"
}
node b {
  z = 1

node c { q = 5 }
"#;
    let expected = [
        "E0116 3:5",
        "E0105 4:13",
        "E0110 5:13",
        "E0105 6:10",
        "E0110 6:27",
        "E0114 7:3",
        "E0101 8:10",
        "E0108 9:10",
        "E0102 11:9",
        "E0115 12:3",
        "E0102 13:23",
        "E0103 15:8",
    ];
    assert_eq!(places(text), expected);
    let (tree, _, names) = read(text);
    let words = |run: Run| -> Vec<&str> {
        let word = |id: &StmtId| match &tree.stmt(*id).kind {
            StmtKind::Entry(entry) => names.text(entry.word.sym),
            _ => "other",
        };
        tree.stmts_of(run).iter().map(word).collect()
    };
    assert_eq!(words(tree.top), ["other", "node", "node", "node"]);
    let StmtKind::Entry(Entry { op: EntryOp::Block(block), .. }) =
        &tree.stmt(tree.stmts_of(tree.top)[1]).kind
    else {
        panic!("the node has a block");
    };
    let fields = words(block.stmts);
    for field in ["os", "memory", "roles", "mode", "swap", "name", "image", "depends", "raw", "ok"]
    {
        assert!(fields.contains(&field), "{field} is lost: {fields:?}");
    }
}

#[test]
fn certain_fixes_make_the_text_sound() {
    for (wrong, right) in [
        ("os: linux", "os = linux"),
        ("os == linux", "os = linux"),
        ("memory = 4 GiB", "memory = 4GiB"),
        ("l { cpu = 4 cpu }", "l { cpu = 4cpu }"),
        ("x = [a b]", "x = [a, b]"),
        ("x = [a; b]", "x = [a, b]"),
        ("x = 1;", "x = 1"),
        ("x = “smart”", "x = \"smart\""),
        ("# note", "// note"),
        ("port in = 80", "port \"in\" = 80"),
        ("port 80 { a = 1 }", "port \"80\" { a = 1 }"),
        ("x = a.default", "x = a[\"default\"]"),
        ("x =\n  5", "x = 5"),
        ("a\u{a0}= 1", "a = 1"),
        ("assert \"x\" { a = 1 }", "assert \"x\" { a == 1 }"),
        ("kind a plural b { c = int }", "kind a plural b { c : int }"),
        ("global: { a = 1 }", "global { a = 1 }"),
        ("os = windows(wsl: true)", "os = windows(wsl = true)"),
        ("on = where(a.b = c)", "on = where(a.b == c)"),
        ("x = a and b", "x = a && b"),
        ("x = a or b", "x = a || b"),
        ("x = not b", "x = !b"),
        ("port web = 80 => 8080", "port web = 80 -> 8080"),
        ("mount = /srv/data", "mount = \"/srv/data\""),
        ("l { mount = ./data, a = 1 }", "l { mount = \"./data\", a = 1 }"),
        ("import nodes/attic.colab", "import \"nodes/attic.colab\""),
        ("include \"a.colab\"", "import \"a.colab\""),
        ("-- it is", "// it is"),
    ] {
        assert_eq!(read(wrong).1.len(), 1, "{wrong}: {:?}", read(wrong).1);
        let text = fixed(wrong);
        assert_eq!(text, right);
        assert!(read(&text).1.is_empty(), "{text}");
    }
}

/// What continues in the language as it stands is no slip of another one.
#[test]
fn words_of_other_languages_stay_words() {
    for text in [
        "a = b and = 3",
        "a = b and c = 3",
        "a = b and \"c\" = 3",
        "a = b or { c = 1 }",
        "a = not b = 3",
        "a = [not, and, or]",
        "import from c",
        "include \"c\" { d = 1 }",
        "a = f(b, c)",
        "a = 5\n-- 3",
    ] {
        assert!(read(text).1.is_empty(), "{text}: {:?}", read(text).1);
    }
}

#[test]
fn one_mistake_is_one_message() {
    for (text, expected) in [
        ("x = (1\ny = 2", "E0103 1:5"),
        ("x = f(a, [b)\ny = 2", "E0103 1:10"),
        ("a {\n  b {\n    c = 1\n  d = 2\n}\ne = 3", "E0103 2:5"),
        ("a {\n  b = 1\n  }\n  c = 2\n}\nd = 3", "E0103 3:3"),
        ("a { b = \"x }\nc = 1", "E0102 1:9"),
        ("a { b = f(\"x) }\nc = 1", "E0102 1:11"),
        ("a { b = \"${c\" }\nd = 1", "E0102 1:13"),
        ("a = 1 2\nb = 3", "E0109 1:5"),
        ("a = = 2\nb = 3", "E0108 1:5"),
        ("a b c { d = 1 }\ne = 1", "E0109 1:5"),
        ("a = [1, , 2]", "E0110 1:9"),
        ("a = [1, 2 3, 4]\n", "E0110 1:10"),
        ("a = f(b c)", "E0110 1:8"),
        ("a = if b then c\nd = 1", "E0109 1:16"),
        ("a = b +\nc = 1", "E0108 1:8"),
        ("a = b.\nc = 1", "E0109 1:7"),
        ("a\nb = 1", "E0109 1:2"),
        ("a b\nc = 1", "E0109 1:4"),
        ("kind a { b: int }", "E0109 1:8"),
        ("kind a plural as {\n  b:\n  c: int\n}", "E0107 1:15"),
        ("template t for x { }", "E0109 1:12"),
        ("let x: = 5", "E0108 1:8"),
        ("type t = enum { }", "E0109 1:17"),
        ("type t = list<int", "E0109 1:18"),
        ("a = 1 < 2 < 3", "E0117 1:11"),
        ("a = 1 + if b then c else d", "E0117 1:9"),
        ("default = 5", "E0109 1:1"),
        ("override a { }", "E0112 1:1"),
        ("a = { let b = 1 }", "E0113 1:7"),
        ("unset \"x\"", "E0109 1:7"),
        ("a = 0x1F", "E0105 1:5"),
        ("a = 10gb", "E0105 1:5"),
        ("a = 300.1.1.1", "E0105 1:5"),
        ("a = 10.0.0.0/33", "E0105 1:13"),
        ("a = fd00::1::2", "E0105 1:5"),
        ("a = aa:bb:cc:dd:ee:f", "E0105 1:5"),
        ("a = \"\\q\"", "E0106 1:6"),
        ("a = \"\\u{d800}\"", "E0106 1:6"),
        ("a = 'it's'\nb = 1", "E0102 1:8"),
        ("a = /* b */ 1\nc = 2", "E0115 1:5"),
        ("größe = 1\nb = 2", "E0101 1:3"),
        ("a = 1 // \u{202e}hidden", "E0101 1:10"),
        ("a = \"\u{200f}\"", "E0101 1:6"),
        ("a = 1,\nb = 2", "E0110 1:6"),
        ("a { b = 1 } }\nc = 1", "E0103 1:13"),
        ("{ a = 1 }\nb = 2", "E0109 1:1"),
        ("all(i in a ?? b: c)", "E0109 1:4"),
        ("x = all(i in a ?? b: c)", "E0109 1:20"),
    ] {
        let found = places(text);
        let first = found.first().map_or("", String::as_str);
        assert_eq!(first, expected, "{text:?}: {:?}", read(text).1);
        let allowed = if text.contains("as {") { 2 } else { 1 };
        assert_eq!(found.len(), allowed, "{text:?}: {found:?}");
    }
}

#[test]
fn what_follows_an_open_bracket_survives() {
    let text = "node a {\n  hardware {\n    cpu = 1\n\nnode b {\n  x = 1\n}\n\nnode c { }\n";
    let (tree, faults, _) = read(text);
    assert_eq!(tree.top.len(), 3, "{faults:?}");
    assert_eq!(faults.len(), 1);
}

#[test]
fn half_typed_text_keeps_what_is_there() {
    let (tree, _, names) = read("node a {\n  os\n  x = cluster.\n  y = 1\n}");
    let entries: Vec<&Entry> = tree
        .stmts
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Entry(entry) => Some(entry),
            _ => None,
        })
        .collect();
    let missing =
        entries.iter().find(|entry| names.text(entry.word.sym) == "os").expect("`os` is kept");
    assert!(matches!(missing.op, EntryOp::Missing));
    let field = tree.exprs.iter().find_map(|expr| match &expr.kind {
        ExprKind::Field { name, .. } => Some(name),
        _ => None,
    });
    assert_eq!(field.map(|name| names.text(name.sym)), Some(""));
    assert!(entries.iter().any(|entry| names.text(entry.word.sym) == "y"));
}

#[test]
fn a_comment_documents_what_is_right_below_it() {
    let text =
        "/// one\n/// two\na = 1\n/// far\n\nb = 2\nc = 3 /// beside\nd = 4\n/// x\n// y\ne = 5\n";
    let (tree, _, _) = read(text);
    let docs: Vec<Option<&str>> = tree
        .stmts
        .iter()
        .map(|stmt| stmt.doc.map(|doc| &text[doc.start as usize..doc.end as usize]))
        .collect();
    assert_eq!(docs, [Some("/// one\n/// two"), None, None, None, None]);
}

/// What the text of `x = ...` says.
fn says(source: &str) -> String {
    let (tree, faults, names) = read(source);
    assert!(faults.is_empty(), "{faults:?}");
    let part = |part: &StrPart| match part {
        StrPart::Text { text, .. } => names.text(*text).to_owned(),
        StrPart::Expr(_) => "<>".to_owned(),
    };
    let text = tree.exprs.iter().rev().find_map(|expr| match &expr.kind {
        ExprKind::Str { parts, .. } => Some(tree.parts[parts.range()].iter().map(part).collect()),
        ExprKind::Raw { text, .. } => Some(names.text(*text).to_owned()),
        _ => None,
    });
    text.expect("there is a text")
}

#[test]
fn text_says_what_it_should() {
    assert_eq!(says(r#"x = "a\n\t\\\"\$\u{e9}$ ${b}""#), "a\n\t\\\"$é$ <>");
    assert_eq!(says(r"x = 'a\n${b}'"), r"a\n${b}");
    assert_eq!(says("x = \"\"\"\n    a\n      b\n\n    c\n    \"\"\""), "a\n  b\n\nc\n");
    assert_eq!(says("x = \"\"\"\n    a\n    b\"\"\""), "a\nb");
    assert_eq!(says("x = \"\"\"\r\n    a\r\n    ${b}\r\n  \"\"\""), "  a\n  <>\n");
    assert_eq!(says("x = \"\"\"first\n  second\n  \"\"\""), "first\nsecond\n");
    assert_eq!(says("x = '''\n  a\\n\n  b\n  '''"), "a\\n\nb\n");
    assert_eq!(says("x = \"\"\"\"quoted\" \"\"\""), "\"quoted\" ");
}

#[test]
fn the_pages_show_what_they_say() {
    for code in CODES.iter().filter(|code| code.id.starts_with("E01")) {
        let (wrong, right) = code.page.split_once("## Right").expect("a page has its sections");
        for section in ["## What", "## Why", "## Wrong"] {
            assert!(wrong.contains(section), "{} lacks {section}", code.id);
        }
        for text in fenced(wrong) {
            let found: Vec<&str> = read(&text).1.iter().map(|fault| fault.code.id).collect();
            assert_eq!(found, [code.id], "{text}");
        }
        for text in fenced(right) {
            assert!(read(&text).1.is_empty(), "{}: {:?}", code.id, read(&text).1);
        }
    }
}

#[test]
fn all_faults_come_in_order_of_place_with_text_in_every_message() {
    let text = "a = \nb: 1\nc = [1 2]\nd = 1.2.3\n}\n";
    let (_, faults, _) = read(text);
    assert!(faults.windows(2).all(|pair| pair[0].primary().start <= pair[1].primary().start));
    for fault in faults {
        let sound = fault.message.starts_with("expected") && !fault.message.ends_with('.');
        assert!(sound, "{}", fault.message);
    }
}
