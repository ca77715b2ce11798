//! What `check` costs: time by phase and peak memory for clusters of 10 to 20,000 nodes, and for the
//! repository's own as a whole process. `cargo bench --bench scale [-- --full | --rules]`; figures in
//! `docs/figures.md`.
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
use std::process::{Command, Stdio};
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
        rest => {
            phases(rest.contains(&"--full"));
            processes();
        }
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

fn write(nodes: usize, folder: &Path) {
    for (name, text) in generate::scale(nodes, SERVICES, 1) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
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
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        last: None,
        editing: false,
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
    println!("check, by phase: best of several runs, ms; peak memory of the process\n");
    println!("| nodes | services | source | {} | all | x | peak |", PHASES.join(" | "));
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
        let growth = before.map_or("".to_owned(), |(n, t)| {
            format!("{:.1} for {} times the nodes", all / t, nodes / n)
        });
        before = Some((nodes, all));
        let ms: Vec<String> = ms.iter().map(|ms| format!("{ms:.1}")).collect();
        println!(
            "| {nodes} | {} | {:.0} kB | {} | {all:.1} | {growth} | {:.0} MB |",
            nodes * SERVICES,
            bytes / 1e3,
            ms.join(" | "),
            peak * 1_024.0 / 1e6
        );
    }
}

/// Whole processes, from the start to the end of `colabc check`.
fn processes() {
    println!("\nas a whole process, ms\n\n| what | best | median |\n|---|---|---|");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = std::env::current_exe().unwrap();
    let colabc = Path::new(env!("CARGO_BIN_EXE_colabc"));
    row("a program that does nothing", 40, || Command::new(&own).arg("--nothing").output());
    row("colabc --version", 40, || Command::new(colabc).arg("--version").output());
    row("colabc check, the repository's cluster", 40, || {
        Command::new(colabc).arg("check").arg(root).output()
    });
    let folder = std::env::temp_dir().join(format!("colabc-scale-{}", std::process::id()));
    write(1_000, &folder);
    row("colabc check, 1,000 nodes from the disk", 7, || {
        Command::new(colabc).arg("check").arg(&folder).output()
    });
    std::fs::remove_dir_all(&folder).unwrap();
}

fn row(what: &str, runs: usize, run: impl Fn() -> std::io::Result<std::process::Output>) {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let begun = Instant::now();
            let out = run().unwrap();
            assert!(out.status.success(), "{what}");
            begun.elapsed()
        })
        .collect();
    times.sort();
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    println!("| {what} | {:.1} | {:.1} |", ms(times[0]), ms(times[runs / 2]));
}
