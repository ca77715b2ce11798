//! What `check` costs: time by phase and peak memory for clusters of 10 to 20,000 nodes, and what the
//! repository's own costs as a whole process. `cargo bench --bench scale [-- --full | --rules | --start]`;
//! figures in `docs/figures.md`.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench touches the world, measures time and prints"
)]

#[path = "../tests/it/generate/mod.rs"]
mod generate;
#[path = "../tests/it/memory.rs"]
mod memory;

use memory::Memory;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const SERVICES: usize = 10;
const PHASES: [&str; 5] = ["read", "names", "values", "rules", "files"];
const SIZES: [usize; 3] = [10, 100, 1_000];
const FULL: [usize; 2] = [5_000, 20_000];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["--nothing"] => {}
        ["--one", nodes] => one(nodes.parse().unwrap()),
        ["--rules"] => rules(),
        ["--start"] => processes(),
        rest => phases(rest.contains(&"--full")),
    }
}

/// What each rule over the whole cluster costs, and how that grows: ten times the services should cost ten times as much.
fn rules() {
    let sizes = [100, 1_000];
    let mut times: Vec<Vec<Duration>> = Vec::new();
    for nodes in sizes {
        let project = generate::scale(nodes, SERVICES, 1);
        let run = memory::check(Memory::new(project), "cluster.colab", memory::Ask::default());
        let model = &run.resolved.model;
        let best = |check: &colabc::check::Check| {
            let once = || {
                let started = Instant::now();
                (check.run)(model, &mut Vec::new());
                started.elapsed()
            };
            (0..9).map(|_| once()).min().unwrap()
        };
        times.push(colabc::check::CHECKS.iter().map(best).collect());
    }
    println!("\n### Each rule\n");
    println!(
        "| rule | {} services | {} services | times |",
        sizes[0] * SERVICES,
        sizes[1] * SERVICES
    );
    println!("|---|---|---|---|");
    for (at, check) in colabc::check::CHECKS.iter().enumerate() {
        let (small, large) = (times[0][at], times[1][at]);
        let growth = large.as_secs_f64() / small.as_secs_f64().max(1e-9);
        println!("| {} | {small:.2?} | {large:.2?} | {growth:.1} |", check.name);
    }
}

/// In a process of its own, so that the peak of memory is this size's.
fn one(nodes: usize) {
    let runs = if nodes > 1_000 { 3 } else { 7 };
    let project = generate::scale(nodes, SERVICES, 1);
    let bytes: usize = project.values().map(String::len).sum();
    let mut best = [Duration::MAX; PHASES.len()];
    let mut peak = 0;
    for run in 0..runs {
        let spent = check(&project);
        for (best, spent) in best.iter_mut().zip(spent) {
            *best = spent.min(*best);
        }
        if run == 0 {
            peak = peak_kib();
        }
    }
    let micros: Vec<String> = best.iter().map(|d| d.as_micros().to_string()).collect();
    println!("{bytes} {peak} {}", micros.join(" "));
}

/// One run, with the time that each phase took.
fn check(project: &generate::Project) -> [Duration; PHASES.len()] {
    let mut reader = Memory::new(project.clone());
    let mut spent = [Duration::ZERO; PHASES.len()];
    let mut last = Instant::now();
    let mut phase = |name: &'static str| {
        let at = PHASES.iter().position(|phase| *phase == name).expect("a phase of the table");
        spent[at] = last.elapsed();
        last = Instant::now();
    };
    let request = colabc::Request {
        root: "cluster.colab",
        beside: &[],
        question: None,
        today: None,
        emit: colabc::Emit::Findings,
        last: None,
        editing: false,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        crowd: colabc::CROWD,
        phase: &mut phase,
    };
    let found = colabc::run(&mut reader, request);
    assert_eq!(found.errors(), 0, "the generated cluster is sound");
    spent
}

/// The most memory that this process ever had, as Linux counts it.
fn peak_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn phases(full: bool) {
    println!("\n### `check`, by phase, in ms\n");
    println!("| nodes | services | sources | {} | all | exponent | peak |", PHASES.join(" | "));
    println!("|---|---|---|{}---|---|---|", "---|".repeat(PHASES.len()));
    let mut before: Option<(usize, f64)> = None;
    for nodes in SIZES.into_iter().chain(FULL.into_iter().filter(|_| full)) {
        let out = Command::new(std::env::current_exe().unwrap())
            .args(["--one", &nodes.to_string()])
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        let numbers: Vec<f64> = text.split_whitespace().map(|n| n.parse().unwrap()).collect();
        let [bytes, peak, micros @ ..] = numbers.as_slice() else {
            println!("| {nodes} | failed |");
            continue;
        };
        let ms: Vec<f64> = micros.iter().map(|us| us / 1_000.0).collect();
        let all: f64 = ms.iter().sum();
        let exponent = before.map_or("".to_owned(), |(n, t)| {
            format!("{:.2}", (all / t).ln() / (nodes as f64 / n as f64).ln())
        });
        before = Some((nodes, all));
        let ms: Vec<String> = ms.iter().map(|ms| format!("{ms:.1}")).collect();
        println!(
            "| {nodes} | {} | {:.0} kB | {} | {all:.1} | {exponent} | {:.0} MB |",
            nodes * SERVICES,
            bytes / 1e3,
            ms.join(" | "),
            peak * 1_024.0 / 1e6
        );
    }
}

/// Whole processes, from their start to their end, beside one that does nothing.
fn processes() {
    println!("\n### Start-up, in ms\n");
    println!("| whole process | best | median | over nothing |\n|---|---|---|---|");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = std::env::current_exe().unwrap();
    let colabc = Path::new(env!("CARGO_BIN_EXE_colabc"));
    let shm = Path::new("/dev/shm");
    let place = if shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() };
    let out = place.join(format!("colabc-start-{}", std::process::id()));
    let run = |args: &[&str], paths: &[&Path]| {
        Command::new(colabc).args(args).args(paths).output().unwrap()
    };
    let gone = || drop(std::fs::remove_dir_all(&out));
    let mut rows: Vec<(&str, Box<dyn Fn() -> Output>, Vec<Duration>)> = vec![
        (
            "a Rust program that does nothing",
            Box::new(|| Command::new(&own).arg("--nothing").output().unwrap()),
            Vec::new(),
        ),
        ("`colabc --version`", Box::new(|| run(&["--version"], &[])), Vec::new()),
        (
            "`colabc check`, the repository's cluster",
            Box::new(|| run(&["check"], &[root])),
            Vec::new(),
        ),
        (
            "`colabc build`, the same, unchanged",
            Box::new(|| run(&["build", "--out"], &[&out, root])),
            Vec::new(),
        ),
    ];
    // In turns, so that what else the machine does befalls all of them.
    for _ in 0..41 {
        for (what, run, times) in &mut rows {
            let begun = Instant::now();
            let done = run();
            times.push(begun.elapsed());
            assert!(done.status.success(), "{what}");
        }
    }
    let mut cold = Vec::new();
    for _ in 0..21 {
        gone();
        let begun = Instant::now();
        assert!(run(&["build", "--out"], &[&out, root]).status.success());
        cold.push(begun.elapsed());
    }
    gone();
    rows.push(("`colabc build`, the same, cold", Box::new(|| run(&[], &[])), cold));
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    let mut nothing = None;
    for (what, _, mut times) in rows {
        times.sort();
        let (best, median) = (ms(times[0]), ms(times[times.len() / 2]));
        let least = *nothing.get_or_insert(median);
        println!("| {what} | {best:.1} | {median:.1} | {:.1} |", median - least);
    }
}
