//! Names are looked up on several threads; nothing of what comes of it may tell how many there were.

use crate::generate::{Project, scale};
use crate::laws::own_cluster;
use crate::memory::Memory;
use colabc::{Emit, Request};
use std::fmt::Debug;

/// All that is known of a project once its names are looked up, a line each.
fn lowered(texts: &Project, threads: usize) -> Vec<String> {
    let mut memory = Memory::new(texts.clone());
    let beside: Vec<String> = texts.keys().cloned().collect();
    let request = Request {
        root: "cluster.colab",
        beside: &beside,
        question: None,
        today: None,
        emit: Emit::Nothing,
        last: None,
        editing: true,
        threads,
        crowd: colabc::CROWD,
        phase: &mut |_| {},
    };
    let c = colabc::run(&mut memory, request);
    let (p, usage) = (&c.resolved.program, &c.usage);
    let sorted = |mut lines: Vec<String>| {
        lines.sort_unstable();
        lines
    };
    let all = [
        lines(&p.nodes),
        lines(&p.spans),
        lines(&p.blocks),
        lines(&p.defs),
        lines(&p.froms),
        lines(p.decls.iter()),
        lines(&p.templates),
        lines(&p.lets),
        lines(&p.asserts),
        lines(p.labels.iter()),
        lines(&p.layers),
        lines(c.names.iter()),
        lines(p.defs.iter().map(|def| p.home(def.home, &c.names))),
        sorted(lines(&usage.decls)),
        sorted(lines(&usage.lets)),
        sorted(lines(&usage.templates)),
        lines(&usage.references),
        lines(&usage.blocks),
        lines(usage.wants.iter().map(|(span, ty)| (span, p.schema.ty(*ty)))),
        lines(usage.bases.iter().map(|(span, ty, label)| (span, p.schema.ty(*ty), label))),
        lines(&c.diagnostics),
    ];
    all.concat()
}

fn lines<T: Debug>(all: impl IntoIterator<Item = T>) -> Vec<String> {
    all.into_iter().map(|one| format!("{one:?}")).collect()
}

/// With faults in each file, and variables whose types others see.
fn spoiled(mut texts: Project) -> Project {
    for (number, (name, text)) in texts.iter_mut().enumerate() {
        text.push_str(&format!(
            "\nrole spoiled-{number} {{ node {{ var grade-{number}: int = {number}\n vars {{ grade-{} = \"high\" }} }} }}\n\
             service faulty-{number} {{ on = nowhere   nothing = 1   container node {{ image = [1, 2] }} }}\n\
             service faulty-{number} {{ description = \"{name} ${{node.vars.grade-{}}} ${{node}}\" }}\n",
            number / 2,
            number + 1,
        ));
    }
    texts
}

#[test]
fn any_number_of_threads_lowers_the_same() {
    let generated = scale(50, 10, 3);
    assert!(generated.values().map(String::len).sum::<usize>() > 2 * (64 << 10));
    for texts in [own_cluster(), generated.clone(), spoiled(generated), spoiled(own_cluster())] {
        let one = lowered(&texts, 1);
        for threads in [2, 3, 8] {
            let more = lowered(&texts, threads);
            let first = one.iter().zip(&more).find(|(one, more)| one != more);
            assert!(first.is_none() && one.len() == more.len(), "{threads} threads: {first:#?}");
        }
    }
}
