//! What the library promises of its templates: whoever uses one may say anything, without a word.

use crate::memory::{Ask, Memory, check};
use colabc::names::Names;
use colabc::resolve::hir::{BlockId, Op, Program};
use colabc::syntax::tree::Strength;

/// What a block states plainly, field by field.
fn stated((program, names): (&Program, &Names), block: BlockId, out: &mut Vec<String>) {
    let block = program.block(block);
    for &id in &block.defs {
        let def = program.def(id);
        match def.op {
            Op::Block { block, .. } => stated((program, names), block, out),
            Op::Set(_) if def.strength == Strength::Default => {}
            _ => out.push(format!("{:?} in {}", def.op, program.home(def.home, names))),
        }
    }
    for layer in block.layers() {
        stated((program, names), layer.block, out);
    }
}

fn plain_in_templates(source: &str, library: bool) -> Vec<String> {
    let run = check(Memory::new([("cluster.colab", source)]), "cluster.colab", Ask::default());
    let program = &run.resolved.program;
    let mut out = Vec::new();
    let templates = program.templates.iter().filter(|t| t.library == library);
    assert!(!library || templates.clone().count() >= 14, "the library has lost templates");
    for template in templates {
        stated((program, &run.names), template.block, &mut out);
    }
    out
}

#[test]
fn templates_of_the_library_hold_only_defaults() {
    assert_eq!(plain_in_templates("", true), [""; 0]);
}

#[test]
fn a_plain_value_in_a_template_is_seen() {
    let of = |body: &str| {
        let text = format!("template t() for container {{ {body} }}");
        plain_in_templates(&text, false).len()
    };
    assert_eq!(of("default image = \"x:1\"   health { default every = 30s }"), 0);
    assert_eq!(of("image = \"x:1\""), 1);
    assert_eq!(of("limits { memory = 1GiB }"), 1);
    assert_eq!(of("port web = 80"), 1);
    assert_eq!(of("env { A = \"b\" }   profiles += [x]"), 2);
}

/// The example of each template, as somebody would copy it: its word, its label and what it is made from.
#[test]
fn an_example_of_a_template_can_be_copied() {
    let mut count = 0;
    for row in colabc::stdlib::FILES.iter().filter(|row| row.0.contains("templates/")) {
        let text = row.1.replace("\n/// ", " ");
        for example in text.split("Example: `").skip(1) {
            let example = example.split('`').next().unwrap();
            let source = format!(
                "cluster c {{ }}\nnetwork mesh {{ driver = mesh }}\nnode a {{ }}\nservice s {{ on = a   {example} }}\n"
            );
            let run =
                check(Memory::new([("cluster.colab", &*source)]), "cluster.colab", Ask::default());
            let wrong = run.diagnostics.iter().find(|d| {
                d.code.id.starts_with("E01")
                    || matches!(d.code.id, "E0201" | "E0202" | "E0205" | "E0211" | "E0213")
            });
            assert!(wrong.is_none(), "{example}: {:?}", wrong.map(|d| &d.message));
            count += 1;
        }
    }
    assert!(count >= 14, "{count}");
}
