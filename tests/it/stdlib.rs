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
