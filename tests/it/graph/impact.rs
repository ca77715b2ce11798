//! What fails with what: facts of the repository's cluster, and laws on clusters nobody wrote.

use super::{clusters, compile, own};
use crate::schema::faults;
use colabc::graph::impact::{Fate, boot_order, impact};
use colabc::graph::report::{self, Report};
use colabc::graph::{Edge, Graph, Need};
use std::collections::BTreeSet;

fn graph() -> (colabc::Compilation, Graph) {
    let run = compile(&own());
    let graph = Graph::of(&run.resolved.model);
    (run, graph)
}

fn fates(graph: &Graph, gone: &str, fate: Fate) -> BTreeSet<String> {
    let gone = graph.find(gone);
    assert!(!gone.is_empty());
    impact(graph, &gone)
        .iter()
        .filter(|effect| effect.fate == fate && !gone.contains(&effect.vertex))
        .map(|effect| report::name(graph, effect.vertex))
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| name.to_string()).collect()
}

#[test]
fn the_repositorys_losses() {
    let (_, graph) = graph();
    assert_eq!(fates(&graph, "caddy", Fate::Fails), set(&["site git.ism.la", "site mng.ism.la"]));
    // What is open to two networks lives on by the other.
    assert_eq!(fates(&graph, "lan", Fate::Fails), set(&["service ollama"]));
    assert!(fates(&graph, "lan", Fate::Degrades).contains("site mng.ism.la"));
    // Tunnels that stand go on without their coordinator.
    assert_eq!(fates(&graph, "headscale", Fate::Fails), set(&[]));
    assert_eq!(fates(&graph, "headscale", Fate::Degrades), set(&["network mesh"]));
    // On its server a share is a folder; elsewhere Samba brings it.
    assert_eq!(fates(&graph, "samba", Fate::Fails), set(&["service ollama"]));
    assert_eq!(fates(&graph, "projector", Fate::Fails), set(&["service ollama"]));
    assert_eq!(fates(&graph, "projector", Fate::Degrades), set(&["service open-webui"]));
    // Whoever runs has its secrets already.
    assert!(fates(&graph, "infisical", Fate::Degrades).contains("service gitea"));
    let left = fates(&graph, "node cooperator", Fate::Survives);
    assert_eq!(left, set(&["network lan", "node zerouter", "secrets bootstrap"]));
}

#[test]
fn what_is_declared_stands_beside() {
    let (run, graph) = graph();
    let gone = graph.find("cooperator");
    let report = Report::of(&run.resolved.model, &graph, &gone);
    assert_eq!(report.declared.impact.as_deref(), Some("No external access, no gateway services"));
    let text = report::text(&graph, &report, 80);
    assert!(text.contains("Direct connection to other nodes"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let bare = Report::of(&run.resolved.model, &graph, &graph.find("pihole"));
    assert!(report::text(&graph, &bare, 80).contains("nothing; `down {"));
}

/// The same, worked out in another way: by asking each thing again until nothing changes.
fn slowly(graph: &Graph, gone: &[usize]) -> Vec<Fate> {
    let mut fates = vec![Fate::Survives; graph.vertices.len()];
    for &at in gone {
        fates[at] = Fate::Fails;
    }
    loop {
        let before = fates.clone();
        for (at, fate) in fates.iter_mut().enumerate().filter(|(_, fate)| **fate != Fate::Fails) {
            let down = |e: &&Edge| before[e.to] == Fate::Fails;
            let needs: Vec<&Edge> = graph.needs(at).collect();
            let fails = needs.iter().filter(|edge| edge.need.is_hard()).any(|edge| {
                let mut same = needs.iter().filter(|other| other.need == edge.need);
                if edge.need.is_choice() { same.all(down) } else { same.any(down) }
            });
            if fails {
                *fate = Fate::Fails;
            } else if needs.iter().any(down) {
                *fate = Fate::Degrades;
            }
        }
        if fates == before {
            return fates;
        }
    }
}

#[test]
fn laws_of_losses() {
    for (name, run) in clusters() {
        let graph = Graph::of(&run.resolved.model);
        let mut failed: Vec<BTreeSet<usize>> = Vec::new();
        for at in 0..graph.vertices.len() {
            let effects = impact(&graph, &[at]);
            let fast: Vec<Fate> = effects.iter().map(|effect| effect.fate).collect();
            assert_eq!(fast, slowly(&graph, &[at]), "{name}: {}", report::name(&graph, at));
            // Each reason is a need of something that fails.
            for effect in &effects {
                if let Some((of, need)) = effect.because {
                    assert_eq!(effects[of].fate, Fate::Fails, "{name}");
                    assert!(graph.needs(effect.vertex).any(|e| e.to == of && e.need == need));
                }
            }
            let fails = effects.iter().filter(|effect| effect.fate == Fate::Fails);
            failed.push(fails.map(|effect| effect.vertex).collect());
        }
        // More is never lost with less.
        for pair in (0..graph.vertices.len()).collect::<Vec<_>>().windows(2) {
            let both: BTreeSet<usize> = impact(&graph, pair)
                .iter()
                .filter(|effect| effect.fate == Fate::Fails)
                .map(|effect| effect.vertex)
                .collect();
            assert!(pair.iter().all(|&at| failed[at].is_subset(&both)), "{name}");
        }
    }
}

#[test]
fn what_is_needed_starts_first() {
    for (name, run) in clusters() {
        let graph = Graph::of(&run.resolved.model);
        let order = boot_order(&graph);
        assert!(order.circle.is_empty(), "{name}");
        let mut step = vec![0; graph.vertices.len()];
        for (nth, all) in order.steps.iter().enumerate() {
            all.iter().for_each(|&at| step[at] = nth);
        }
        assert_eq!(order.steps.iter().map(Vec::len).sum::<usize>(), graph.vertices.len());
        for edge in graph.edges.iter().filter(|edge| edge.need.is_hard()) {
            assert!(step[edge.to] < step[edge.from], "{name}: {edge:?}");
        }
    }
}

#[test]
fn single_points_are_those_with_followers() {
    let (run, graph) = graph();
    let points = report::single_points(&run.resolved.model, &graph);
    let counts: Vec<usize> = points.iter().map(|report| report.fails.len()).collect();
    assert!(counts.is_sorted_by(|a, b| a >= b) && counts.iter().all(|&count| count > 0));
    assert_eq!(report::name(&graph, points[0].gone[0]), "node cooperator");
    let alone = |at: usize| impact(&graph, &[at]).iter().filter(|e| e.fate == Fate::Fails).count();
    let with: usize = (0..graph.vertices.len()).filter(|&at| alone(at) > 1).count();
    assert_eq!(points.len(), with);
}

#[test]
fn json_is_as_its_schema_says() {
    let (run, graph) = graph();
    let schema: serde_json::Value = serde_json::from_str(report::SCHEMA).unwrap();
    let all = report::single_points(&run.resolved.model, &graph);
    let mut texts = vec![report::all_json(&graph, &all)];
    texts.extend(all.iter().map(|report| report::json(&graph, report)));
    for text in texts {
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(faults(&schema, &json), [""; 0]);
        let mut broken = json.clone();
        broken["format"] = 2.into();
        assert_ne!(faults(&schema, &broken), [""; 0]);
    }
}

/// An instance is one thing; a need is read once however often it is stated.
#[test]
fn instances_stand_for_themselves() {
    let text = "cluster home { edition = 1 }\n\
        node a { arch = arm64   os = debian(\"13\") }\nnode b { arch = arm64   os = debian(\"13\") }\n\
        service web {\n  on = [a, b]\n  container main { image = \"example.org/web:1\" }\n}\n";
    let run = compile(&[("cluster.colab".to_string(), text.to_string())].into());
    let graph = Graph::of(&run.resolved.model);
    assert_eq!(graph.find("web").len(), 2);
    assert_eq!(graph.find("web@b").len(), 1);
    assert_eq!(graph.find("service web@b").len(), 1);
    assert_eq!(graph.find("service.web@b").len(), 1);
    assert_eq!(graph.find("node web").len(), 0);
    assert_eq!(fates(&graph, "a", Fate::Fails), set(&["service web@a"]));
    assert!(graph.edges.iter().all(|edge| edge.need == Need::On));
}
