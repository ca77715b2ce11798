//! The laws of the language, on clusters that nobody wrote and on the repository's own.

pub mod dump;
mod rewrite;

use crate::generate::{Dice, Project, break_one, scale, varied};
use crate::memory::Memory;
use colabc::Compilation;
use colabc::diag::short;
use colabc::model::value::Value;
use colabc::model::{Model, ThingId};
use colabc::resolve::hir::{DefId, Node, Op, Program};
use colabc::syntax::tree::{EntryOp, StmtKind, Strength};
use dump::dump;
use rewrite::parse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const SEEDS: u64 = 60;

pub fn compile(project: &Project) -> Compilation {
    let files = project.iter().map(|(name, text)| (name.clone(), text.clone()));
    colabc::compile(&mut Memory::new(files), "cluster.colab")
}

fn findings(compilation: &Compilation) -> String {
    short::render(&compilation.diagnostics, &compilation.sources)
}

/// The dump of a project that must be sound.
fn resolved(project: &Project) -> BTreeSet<String> {
    let found = compile(project);
    assert_eq!(found.errors(), 0, "{}\n{}", findings(&found), show(project));
    dump(&found.resolved.model)
}

fn show(project: &Project) -> String {
    project.iter().map(|(name, text)| format!("=== {name}\n{text}")).collect()
}

/// The cluster that this repository describes.
pub fn own_cluster() -> Project {
    let root = crate::ratchet::root();
    let mut project = Project::new();
    for folder in ["", "nodes", "services"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "colab") {
                let name = path.strip_prefix(&root).unwrap_or(Path::new("")).to_str().unwrap();
                project.insert(name.to_owned(), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    project
}

fn clusters() -> Vec<(String, Project)> {
    let mut all: Vec<_> =
        (0..SEEDS).map(|seed| (format!("varied({seed})"), varied(seed))).collect();
    all.push(("scale(12, 10, 5)".into(), scale(12, 10, 5)));
    all.push(("the repository's cluster".into(), own_cluster()));
    all
}

/// Fails with the lines that only one of the two has.
fn same(name: &str, law: &str, before: &BTreeSet<String>, after: &BTreeSet<String>) {
    let lines = |a: &BTreeSet<String>, b: &BTreeSet<String>| -> String {
        a.difference(b).take(20).map(|line| format!("  {line}\n")).collect()
    };
    assert!(
        before == after,
        "{name}: {law}\nonly before:\n{}only after:\n{}",
        lines(before, after),
        lines(after, before)
    );
}

/// Figures of one day can be held against those of another only where both are of the same cluster.
#[test]
fn a_seed_gives_the_same_bytes() {
    let hash = |project: &Project| {
        let all: String = project.iter().map(|(name, text)| format!("{name}\n{text}")).collect();
        colabc::manifest::Hash::of(all.as_bytes()).to_string()
    };
    assert_eq!(scale(60, 10, 1), scale(60, 10, 1));
    assert_ne!(scale(60, 10, 1), scale(60, 10, 2));
    assert_eq!(
        hash(&scale(60, 10, 1)),
        "6b090bf5c3526c40d67eb7e42fe8e1cb69797fd9a6a4576f402dd5cb118e934b",
        "docs/figures.md is of another cluster now"
    );
}

#[test]
fn generated_clusters_are_sound() {
    for seed in 0..200 {
        let found = compile(&varied(seed));
        assert_eq!(found.errors(), 0, "varied({seed})\n{}", findings(&found));
    }
    let found = compile(&scale(120, 10, 3));
    assert!(found.diagnostics.is_empty(), "{}", findings(&found));
    assert!(scale(60, 10, 3) == scale(60, 10, 3) && scale(60, 10, 3) != scale(60, 10, 4));
}

/// One slip is never more than findings: the same ones every time, each with a place in the text.
#[test]
fn a_slip_is_found_where_it_is_made() {
    let mut faulty = 0;
    for seed in 0..400 {
        let project = break_one(seed);
        let found = compile(&project);
        faulty += usize::from(found.errors() > 0);
        for diagnostic in &found.diagnostics {
            let place = diagnostic.primary();
            let text = &found.sources.file(place.file).text;
            let inside = place.start <= place.end && place.end as usize <= text.len();
            assert!(inside, "break_one({seed}): {}", diagnostic.code.id);
        }
        assert_eq!(findings(&found), findings(&compile(&project)), "break_one({seed})");
    }
    assert!(faulty > 200, "{faulty} of 400 slips are faults");
}

#[test]
fn the_order_of_files_and_declarations_does_not_matter() {
    for (name, project) in clusters() {
        let before = resolved(&project);
        let mut dice = Dice::new(11);
        for _ in 0..3 {
            let shuffled = rewrite::shuffle(&project, &mut dice);
            same(&name, "another order, another value", &before, &resolved(&shuffled));
        }
    }
}

#[test]
fn saying_it_again_changes_nothing() {
    for (name, project) in clusters() {
        let before = compile(&project);
        let again = compile(&project);
        let (a, b) = (dump(&before.resolved.model), dump(&again.resolved.model));
        same(&name, "the same sources, another value", &a, &b);
        assert_eq!(findings(&before), findings(&again), "{name}");
        let mut twice = project.clone();
        let root = twice.get_mut("cluster.colab").unwrap();
        let imports: String =
            root.lines().filter(|l| l.starts_with("import")).map(|l| format!("{l}\n")).collect();
        root.push_str(&imports);
        same(&name, "imported twice, another value", &a, &resolved(&twice));
    }
}

#[test]
fn comments_and_blank_lines_change_nothing() {
    for (name, project) in clusters() {
        let before = resolved(&project);
        same(&name, "a comment changed a value", &before, &resolved(&rewrite::comment(&project)));
    }
}

#[test]
fn fmt_keeps_the_resolved_cluster() {
    for (name, project) in clusters() {
        let before = resolved(&project);
        same(&name, "fmt changed a value", &before, &resolved(&rewrite::format(&project)));
    }
}

#[test]
fn renaming_a_thing_everywhere_changes_only_its_name() {
    let names = |kinds: &[&str], model: &Model| -> Vec<String> {
        let all = kinds.iter().flat_map(|kind| model.all(kind).to_vec());
        all.map(|id| model.label(id).to_owned()).collect()
    };
    for (name, project) in clusters() {
        let before = compile(&project);
        let lines = dump(&before.resolved.model);
        let kinds = ["node", "network", "group", "share", "secrets", "backup"];
        for from in names(&kinds, &before.resolved.model).into_iter().take(12) {
            // What sorts where the old name did, so that sets by name keep their order.
            let to = format!("{from}_0");
            let text: String = project.values().map(String::as_str).collect();
            if senses(&text, &from) {
                continue;
            }
            let after = resolved(&rewrite::rename(&project, &from, &to));
            let expected = lines.iter().map(|l| rewrite::replace_word(l, &from, &to)).collect();
            same(
                &name,
                &format!("{from} renamed, and more than its name changed"),
                &expected,
                &after,
            );
        }
    }
}

/// Whether the word stands for something else as well: in a text or a comment, or as another label.
fn senses(text: &str, word: &str) -> bool {
    let quoted = |line: &str| {
        let inside: String = line.split('"').skip(1).step_by(2).collect::<Vec<_>>().join(" ");
        let comment = line.split_once("//").map_or("", |(_, after)| after);
        let hole = |t: &str| t.contains(&format!("${{{word}"));
        let changed = |t: &str| rewrite::replace_word(t, word, "") != t;
        (changed(&inside) && !hole(line)) || changed(comment)
    };
    let heads = text.split_whitespace().collect::<Vec<_>>();
    let labels =
        heads.windows(3).filter(|w| w[1] == word && matches!(w[2], "{" | "from" | "=")).count();
    labels > 1 || text.lines().any(quoted)
}

/// What the chain of a field says must win, by strength, then rank, then nothing else.
fn winner(program: &Program, chain: &[(DefId, u16)]) -> Option<DefId> {
    let weak = |link: &&(DefId, u16)| program.def(link.0).strength == Strength::Default;
    let plain = chain.iter().filter(|link| !weak(link)).max_by_key(|link| link.1);
    let best = plain.or_else(|| chain.iter().filter(weak).max_by_key(|link| link.1))?;
    Some(best.0)
}

#[test]
fn what_explain_names_as_winner_is_the_value() {
    let mut seen = 0;
    for (name, project) in clusters() {
        let mut found = compile(&project);
        let program = found.resolved.program.clone();
        for at in 0..found.resolved.model.things.len() {
            let thing = ThingId::new(at);
            let slots = found.resolved.model.things[at].slots.to_vec();
            for slot in slots {
                let Some(row) = found.resolved.model.origin(slot.origin) else { continue };
                let path = format!("{name}: {}.{}", found.resolved.model.path(thing), slot.field);
                assert_eq!((row.thing, row.field), (thing, slot.field), "{path}");
                let steps = found.resolved.trace(thing, slot.field).steps;
                let chain: Vec<(DefId, u16)> = steps.iter().map(|s| (s.def, s.rank)).collect();
                assert!(chain.iter().any(|link| link.0.0 == row.def), "{path}");
                let key = program.def(chain[0].0).key;
                let simple = chain.iter().all(|link| {
                    let def = program.def(link.0);
                    matches!(def.op, Op::Set(_)) && def.key == key
                });
                let Op::Set(expr) = program.defs[row.def as usize].op else { continue };
                if !simple {
                    continue;
                }
                let text = |def: u32| found.sources.text(program.defs[def as usize].span);
                let expected = winner(&program, &chain).expect("a chain has a winner");
                // Of one rank several may say the same.
                assert_eq!(text(expected.0), text(row.def), "{path}");
                if let Node::Const(value) = program.node(expr) {
                    assert!(*value == slot.value, "{path}: {value:?} is not {:?}", slot.value);
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 1000, "{seen} winners seen");
}

/// Whatever `final` is written before: the value stays, or the narrower definition is refused.
#[test]
fn final_never_lets_a_value_change() {
    let (mut kept, mut refused) = (0, 0);
    for (name, project) in clusters() {
        let before = resolved(&project);
        let mut places = rewrite::plain_values(&project);
        Dice::new(23).shuffle(&mut places);
        for (file, at) in places.into_iter().take(12) {
            let mut locked = project.clone();
            locked.get_mut(&file).unwrap().insert_str(at, "final ");
            let found = compile(&locked);
            if found.errors() == 0 {
                kept += 1;
                same(&name, "`final` changed a value", &before, &dump(&found.resolved.model));
            } else {
                refused += 1;
                let codes: BTreeSet<_> = found.diagnostics.iter().map(|d| d.code.id).collect();
                assert!(codes.contains("E0403"), "{name}, {file}:{at}\n{}", findings(&found));
            }
        }
    }
    assert!(kept > 100 && refused > 5, "{kept} kept, {refused} refused");
}

/// For each role, what every one of its nodes says alike moves into the role.
#[test]
fn lifting_a_value_into_a_role_keeps_every_value_or_is_refused() {
    let mut lifted = 0;
    for (name, project) in clusters() {
        // Of each node's own statements, by text: which nodes have it, and what roles they have.
        let mut says: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut roles: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for text in project.values() {
            let parsed = parse(text);
            for stmt in parsed.top() {
                let StmtKind::Entry(entry) = &stmt.kind else { continue };
                let (Some(label), Some(block)) = (entry.label, rewrite::body(entry)) else {
                    continue;
                };
                if parsed.names.text(entry.word.sym) != "node" {
                    continue;
                }
                let node = parsed.names.text(label.sym).to_owned();
                for inner in parsed.inside(block) {
                    let StmtKind::Entry(inside) = &inner.kind else { continue };
                    let word = parsed.names.text(inside.word.sym);
                    if word == "roles" {
                        let list = parsed.of(inner.span);
                        let list = list.split(['[', ']']).nth(1).unwrap_or("");
                        for role in list.split(", ").filter(|r| !r.is_empty() && !r.contains('.')) {
                            roles.entry(role.to_owned()).or_default().insert(node.clone());
                        }
                    } else if !matches!(word, "arch" | "os" | "managed" | "alias")
                        && inside.label.is_none()
                        && matches!(
                            inside.op,
                            EntryOp::Assign { body: None, .. } | EntryOp::Add { .. }
                        )
                    {
                        let text = parsed.of(inner.span).to_owned();
                        says.entry(text).or_default().insert(node.clone());
                    }
                }
            }
        }
        let before = resolved(&project);
        for (role, members) in &roles {
            for (line, nodes) in says.iter().filter(|(_, nodes)| *nodes == members) {
                let mut changed = project.clone();
                for text in changed.values_mut() {
                    *text = without(text, nodes, line);
                }
                let root =
                    changed.get_mut("layers.colab").map_or("cluster.colab", |_| "layers.colab");
                let text = changed.get_mut(root).unwrap();
                *text = text.replacen(
                    &format!("role {role} {{"),
                    &format!("role {role} {{ node {{ {line} }}\n"),
                    1,
                );
                let found = compile(&changed);
                if found.errors() == 0 {
                    lifted += 1;
                    same(
                        &name,
                        &format!("`{line}` lifted into {role}"),
                        &before,
                        &dump(&found.resolved.model),
                    );
                }
            }
        }
    }
    assert!(lifted > 10, "{lifted} lifted");
}

/// The text without that line in those nodes' blocks.
fn without(text: &str, nodes: &BTreeSet<String>, line: &str) -> String {
    let parsed = parse(text);
    let mut cuts = Vec::new();
    for stmt in parsed.top() {
        let StmtKind::Entry(entry) = &stmt.kind else { continue };
        let (Some(label), Some(block)) = (entry.label, rewrite::body(entry)) else { continue };
        if parsed.names.text(entry.word.sym) == "node"
            && nodes.contains(parsed.names.text(label.sym))
        {
            cuts.extend(parsed.inside(block).map(|s| s.span).filter(|&s| parsed.of(s) == line));
        }
    }
    let mut out = text.to_owned();
    for span in cuts.into_iter().rev() {
        out.replace_range(span.start as usize..span.end as usize, "");
    }
    out
}

/// A value of `same` type never gets lost: what is set stands in the dump.
#[test]
fn a_changed_value_changes_the_dump() {
    let project = own_cluster();
    let before = resolved(&project);
    let mut changed = project.clone();
    let root = changed.get_mut("cluster.colab").unwrap();
    *root = root.replace("timezone    = \"Etc/UTC\"", "timezone    = \"Europe/Paris\"");
    let after = resolved(&changed);
    assert!(after.difference(&before).count() > 5, "every container has the zone");
    assert!(matches!(compile(&changed).resolved.model.cluster, Some(id) if !matches!(
        compile(&changed).resolved.model.get(id, "timezone"),
        Value::None
    )));
}
