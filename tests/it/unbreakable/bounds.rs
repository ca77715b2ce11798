//! Sources of a few lines that ask for more than a machine has, and sources of very many: an answer,
//! or a coded error, in bounded time and memory.

use super::{BASE, chain};
use crate::cli::Project;
use crate::memory::{Memory, shared};
use colabc::model::value::Value;
use std::fmt::Write;

/// The codes of the errors, each once.
fn errors(text: &str) -> Vec<&'static str> {
    let text = format!("{BASE}{text}");
    let mut project = Memory::new([("cluster.colab", text)]);
    // The command has far more of a stack; a thread of the tests has less than the deepest sources take.
    let found = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(8 << 20);
        let found = thread.spawn_scoped(scope, || colabc::compile(&mut project, "cluster.colab"));
        found.expect("a thread can be started").join().expect("no fault")
    });
    let mut codes: Vec<_> = found.diagnostics.iter().map(|d| d.code.id).collect();
    codes.retain(|code| code.starts_with('E'));
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn what_doubles_itself_ends_in_an_error() {
    let last = "role ann { description = a60 }\n";
    let sums = chain("\"xxxxxxxxxx\"", 60, |a| format!("{a} + {a}"));
    assert_eq!(errors(&format!("{sums}{last}")), ["E0303"]);
    let texts = chain("\"xxxxxxxxxx\"", 60, |a| format!("\"${{{a}}}${{{a}}}\""));
    assert_eq!(errors(&format!("{texts}{last}")), ["E0303"]);
    let lists = chain("[\"x\"]", 60, |a| format!("{a} + {a}"));
    assert_eq!(
        errors(&format!("{lists}node ann {{ arch = arm64   os = macos   tags = a60 }}\n")),
        ["E0303"]
    );
    // The same is asked for while services find their places.
    let place = "service s { on = where(count(a60) > 0)   container c { image = \"a:1\" } }\n";
    assert!(errors(&format!("{lists}{place}")).contains(&"E0303"));
}

#[test]
fn many_texts_end_in_an_error_together() {
    let mut text = chain("\"xxxxxxxxxx\"", 20, |a| format!("{a} + {a}"));
    for at in 0..200 {
        writeln!(text, "role u{at} {{ description = a20 + \"{at}\" }}").unwrap();
    }
    assert_eq!(errors(&text), ["E0303"]);
}

#[test]
fn lets_that_lead_through_many_others_end_in_an_error() {
    let short = chain("1", 300, str::to_owned);
    assert_eq!(errors(&format!("{short}role ann {{ description = \"${{a300}}\" }}\n")), [""; 0]);
    let mut backwards: Vec<String> =
        chain("1", 100_000, str::to_owned).lines().map(str::to_owned).collect();
    backwards.reverse();
    let text = backwards.join("\n");
    assert_eq!(
        errors(&format!("{text}\nrole ann {{ description = \"${{a100000}}\" }}\n")),
        ["E0309"]
    );
}

/// Where several share the values, each has less of a stack: what is deeper than it is worked out by one.
#[test]
fn deep_values_are_the_same_for_many_threads() {
    for (count, within, parts) in [(45, 60, 4), (300, 1, 1)] {
        let deep = |inner: &str| format!("{}{inner}{}", "[".repeat(within), "][0]".repeat(within));
        let mut text = format!("{BASE}{}", chain("1", count, deep));
        for at in 0..4 {
            writeln!(text, "node n{at} {{ arch = x86_64   os = debian(\"13\") }}").unwrap();
        }
        let env = format!("DEEP = \"${{a{count}}}\"");
        writeln!(
            text,
            "service s {{ on = all   container app {{ image = \"a:1\"   env {{ {env} }} }} }}"
        )
        .unwrap();
        let project = Memory::new([("cluster.colab", text)]);
        let found = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(64 << 20);
            let found = thread.spawn_scoped(scope, || shared(project, 4)).unwrap();
            found.join().unwrap()
        });
        assert_eq!(found.errors(), 0, "{:#?}", found.diagnostics);
        assert_eq!(found.resolved.parts(), parts, "{count}");
        let model = &found.resolved.model;
        for instance in &model.instances {
            let app = model.children(instance.thing, "container")[0];
            assert_eq!(model.get(app, "env").get("DEEP"), Some(&Value::text("1")));
        }
    }
}

#[test]
fn a_hundred_thousand_errors_are_all_found() {
    let mut text = String::new();
    for at in 0..50_000 {
        writeln!(text, "node n{at} {{ arch = foo   os = bar }}").unwrap();
    }
    let mut project = Memory::new([("cluster.colab", format!("{BASE}{text}"))]);
    let found = colabc::compile(&mut project, "cluster.colab");
    assert_eq!(found.errors(), 100_000);
}

#[test]
fn ten_thousand_imports_are_read() {
    let file = |at: usize| (format!("many/f{at}.colab"), format!("role u{at} {{ }}\n"));
    let mut project = Memory::new((0..10_000).map(file));
    let root = format!("{BASE}import \"many/*.colab\"\n");
    project.files.insert("cluster.colab".into(), root.into());
    let found = colabc::compile(&mut project, "cluster.colab");
    assert_eq!(found.errors(), 0);
    assert_eq!(found.resolved.model.all("role").len(), 10_000);

    // Each importing the next.
    let file = |at: usize| {
        let next = format!("import \"f{}.colab\"\n", at + 1);
        (
            format!("f{at}.colab"),
            if at < 9_999 { next } else { "role last { description = \"x\" }\n".to_owned() },
        )
    };
    let mut project = Memory::new((0..10_000).map(file));
    project.files.insert("cluster.colab".into(), format!("{BASE}import \"f0.colab\"\n").into());
    let found = colabc::compile(&mut project, "cluster.colab");
    assert_eq!(found.errors(), 0);
    assert_eq!(found.resolved.model.all("role").len(), 1);
}

#[test]
fn large_maps_and_lists_are_read() {
    let mut text = "node b2 { arch = arm64   os = macos   vars {\n".to_owned();
    for at in 0..100_000 {
        writeln!(text, "a{at} = \"x\"").unwrap();
    }
    text.push_str("} }\n");
    assert_eq!(errors(&text), [""; 0]);
    let list = "\"item\",\n".repeat(1_000_000);
    assert_eq!(
        errors(&format!("let l = [{list}]\nrole ann {{ description = \"${{count(l)}}\" }}\n")),
        [""; 0]
    );
}

#[test]
fn a_very_large_file_is_answered() {
    let large = [
        ("a".repeat(60 << 20), "E0109"),
        ("x = [".repeat(12 << 20), "E0201"),
        ("a".repeat(100 << 20), "E0704"),
    ];
    for (text, code) in large {
        let project = Project::new(&[("cluster.colab", &text)]);
        let done = project.run(&["check", "--format", "short"]);
        assert_eq!(done.code, Some(1));
        assert!(done.err.contains(code), "{}", &done.err[..done.err.len().min(500)]);
        assert!(done.err.len() < 100_000, "{} bytes are said of it", done.err.len());
    }
}

/// What looks at all that stands before it, or at all of its line, takes minutes for each of these.
#[test]
fn very_many_of_one_slip_take_no_longer_than_their_text() {
    let slips = [
        ("=======\n", "E0101"),
        ("=", "E0108"),
        ("import a/*.colab\n", "E0109"),
        ("a = \n", "E0108"),
        ("\"\\u{110000}\"", "E0109"),
        ("a[\"x\n\"${a[\"b\n", "E0104"),
    ];
    for (slip, code) in slips {
        let codes = errors(&format!("role r {{ description =\n{}\n}}\n", slip.repeat(100_000)));
        assert!(codes.contains(&code), "{slip:?}: {codes:?}");
    }
}

/// The same of what stands at the top of a file, each with another name.
#[test]
fn very_many_strange_declarations_take_no_longer_than_their_text() {
    type Slip = fn(usize) -> String;
    let slips: [(Slip, &str); 6] = [
        (|at| format!("a{at}.b = {at}\n"), "E0201"),
        (|at| format!("* on = a{at}\nx\n"), "E0109"),
        (|at| format!("assert a{at} {{ that = 1 == 2 }}\n"), "E0109"),
        (|at| format!("\"a{at}\": {{ \"b\": 1 }},\n"), "E0110"),
        (|at| format!("let a{at} = [\"a, \"b\", \"c\"]\n"), "E0102"),
        (|at| format!("def a{at}(port)\nprint(port):\n"), "E0109"),
    ];
    for (slip, code) in slips {
        let text: String = (0..60_000).map(slip).collect();
        let codes = errors(&text);
        assert!(codes.contains(&code), "{}: {codes:?}", slip(0));
    }
}

#[test]
fn many_layers_that_contradict_each_other_are_told() {
    let mut text = String::new();
    for at in 0..1000 {
        writeln!(text, "global {{ node {{ shell = \"s{at}\" }} }}").unwrap();
        writeln!(text, "node m{at} {{ arch = x86_64   os = debian }}").unwrap();
    }
    assert_eq!(errors(&text), ["E0401"]);
}

/// Names that are not there are compared with those that are nearly the same, not with all.
#[test]
fn very_many_names_that_are_not_there_are_looked_for_each_once() {
    let count = 40_000;
    let mut text = format!("{BASE}node director {{ arch = x86_64   os = macos }}\n");
    for at in 0..count {
        writeln!(text, "role r{at} {{ }}").unwrap();
        writeln!(text, "group g{at} {{ nodes = [zz{at}, zz{at}] }}").unwrap();
    }
    text.push_str("group last { nodes = [directr] }\n");
    let mut project = Memory::new([("cluster.colab", text)]);
    let found = colabc::compile(&mut project, "cluster.colab");
    // Both places of a name are one finding.
    assert_eq!(found.errors(), count + 1);
    let last = found.diagnostics.last().unwrap();
    assert_eq!(last.fixes[0].title, "did you mean `director`?");
}

/// A block that nobody could read excuses what is missed in it, without a look at every other block.
#[test]
fn very_many_blocks_that_nobody_can_read_are_gone_through_once() {
    let count = 10_000;
    let mut text = BASE.to_owned();
    for at in 0..count {
        writeln!(
            text,
            "service s{at} {{ on = ann   container c {{ image = \"a:1\"   ports = [1] }} }}"
        )
        .unwrap();
        writeln!(text, "role r{at} {{ node {{ unset tagz   tegs = [s{at}.c.web] }} }}").unwrap();
    }
    let mut project = Memory::new([("cluster.colab", text)]);
    let found = colabc::compile(&mut project, "cluster.colab");
    let codes: Vec<_> = found.diagnostics.iter().map(|d| d.code.id).collect();
    assert!(codes.len() > count && codes.len() < 4 * count, "{}", codes.len());
}
