//! Parser against grammar: the same verdict, and the same outline of what is sound.

use super::generate::{render, sound};
use super::mutate::mutate;
use super::{grammar, outline, read};
use crate::generate::Dice;
use std::path::Path;

const PROGRAMS: usize = 110_000;

/// Panics where the two differ; says whether the text is sound.
fn same(text: &str) -> bool {
    let (tree, faults, _) = read(text);
    match grammar::outline(text) {
        // How deep brackets may lie is no matter of the grammar.
        Ok(_) if faults.iter().any(|fault| fault.code.id == "E0104") => false,
        Ok(expected) => {
            let messages: Vec<_> =
                faults.iter().map(|fault| (fault.primary().start, &fault.message)).collect();
            assert!(
                messages.is_empty(),
                "the grammar takes what the parser refuses: {messages:?}\n{text}"
            );
            let found = outline::of_tree(&tree, text);
            if found != expected {
                let at = found
                    .bytes()
                    .zip(expected.bytes())
                    .take_while(|(a, b)| a == b)
                    .count()
                    .saturating_sub(60);
                let tail = |text: &str| {
                    String::from_utf8_lossy(&text.as_bytes()[at..])
                        .chars()
                        .take(160)
                        .collect::<String>()
                };
                panic!("{text}\nparser:  {}\ngrammar: {}", tail(&found), tail(&expected));
            }
            true
        }
        Err(error) => {
            assert!(
                !faults.is_empty(),
                "the parser takes what the grammar refuses: {error}\n{text}"
            );
            false
        }
    }
}

/// pest recurses deeply, more so in a text of many lines: it gets a stack to do it on.
fn on_large_stack(work: impl FnOnce() + Send + 'static) {
    let thread =
        std::thread::Builder::new().stack_size(256 << 20).spawn(work).expect("a thread starts");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn generated(seed: u64, count: usize) {
    let mut dice = Dice::new(seed);
    let mut refused = 0;
    for at in 0..count {
        let program = sound(&mut dice);
        if at % 3 == 0 {
            let text = render(&program, &mut dice);
            assert!(
                same(&text),
                "a program made by the grammar is refused: {:?}\n{text}",
                grammar::outline(&text).err()
            );
        } else if !same(&mutate(&program, &mut dice)) {
            refused += 1;
        }
    }
    assert!(refused > count / 4, "the faults are hardly any: {refused} of {count}");
}

#[test]
fn grammar_and_parser_agree_on_generated_programs() {
    on_large_stack(|| {
        std::thread::scope(|scope| {
            for seed in 0..2 {
                let builder = std::thread::Builder::new().stack_size(128 << 20);
                builder
                    .spawn_scoped(scope, move || generated(seed, PROGRAMS / 2))
                    .expect("a thread starts");
            }
        });
    });
}

#[test]
fn grammar_and_parser_agree_on_every_text_of_the_repository() {
    on_large_stack(|| {
        let texts = texts();
        assert!(texts.len() >= 20, "only {} texts found", texts.len());
        for (name, text) in texts {
            let agreed = std::panic::catch_unwind(|| same(&text));
            assert!(agreed.is_ok(), "in {name}");
        }
    });
}

/// Every `.colab` text of the repository, with the name of its file.
pub fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let wanted = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        name != "target" && name != "node_modules" && !(name.starts_with('.') && entry.depth() > 0)
    };
    #[allow(clippy::manual_flatten, reason = "a folder that cannot be read holds no case")]
    for entry in walkdir::WalkDir::new(env!("CARGO_MANIFEST_DIR")).into_iter().filter_entry(wanted)
    {
        // Other tests make and remove files meanwhile.
        if let Ok(entry) = entry {
            collect(entry.path(), &mut texts);
        }
    }
    texts
}

/// The `.colab` texts of one file: itself, its fenced blocks, or the files of a case.
fn collect(path: &Path, texts: &mut Vec<(String, String)>) {
    let name = path.display().to_string();
    let read = || std::fs::read_to_string(path).unwrap_or_default();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("colab") => texts.push((name, read())),
        Some("md") => {
            for (at, block) in fenced(&read()).into_iter().enumerate() {
                texts.push((format!("{name} block {}", at + 1), block));
            }
        }
        Some("case") => texts.push((name, read())),
        _ => {}
    }
}

/// The blocks fenced as colab.
pub fn fenced(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block: Option<String> = None;
    for line in page.split_inclusive('\n') {
        match &mut block {
            Some(text) if line.starts_with("```") => {
                blocks.push(std::mem::take(text));
                block = None;
            }
            Some(text) => text.push_str(line),
            None if line.trim_end() == "```colab" => block = Some(String::new()),
            None => {}
        }
    }
    blocks
}
