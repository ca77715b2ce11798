//! What `build` costs beside the least that it could: a program that has all the bytes in memory and
//! only writes them, with the same calls for folders, files and durability. Cold, unchanged, and after
//! a change in one service; on a tmpfs and on the disk. `cargo bench --bench build [-- --full | NODES...]`.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench touches the world, measures time and prints"
)]

#[path = "../tests/it/generate/mod.rs"]
mod generate;

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const SERVICES: usize = 10;
const SIZES: [usize; 3] = [10, 100, 1_000];
const FULL: [usize; 2] = [5_000, 20_000];
/// Up to this many files are brought to the disk one by one, beyond it the file system as a whole:
/// as `cli/disk/stage.rs` does.
const FEW: usize = 1_000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [limit, from, to] = &args[..]
        && limit == "--limit"
    {
        return just_write(Path::new(from), Path::new(to));
    }
    let asked: Vec<usize> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    let full = args.iter().any(|arg| arg == "--full");
    let sizes = match asked.is_empty() {
        true => SIZES.into_iter().chain(FULL.into_iter().filter(|_| full)).collect(),
        false => asked,
    };
    let shm = Path::new("/dev/shm");
    if shm.is_dir() {
        table("tmpfs", shm, &sizes);
    }
    table("disk", Path::new(env!("CARGO_TARGET_TMPDIR")), &sizes);
}

fn table(name: &str, place: &Path, sizes: &[usize]) {
    println!("\nbuild on {name}: best of several runs; memory is the whole process's peak\n");
    println!(
        "| nodes | services | files | MB | just writing | cold | x | unchanged | of cold | one service changed | peak |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for &nodes in sizes {
        let folder = place.join(format!("colabc-build-{}", std::process::id()));
        row(nodes, &folder);
        let _ = fs::remove_dir_all(&folder);
    }
}

fn row(nodes: usize, folder: &Path) {
    let runs = if nodes > 1_000 { 1 } else { 5 };
    let project = folder.join("project");
    for (name, text) in generate::scale(nodes, SERVICES, 1) {
        let path = project.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let (out, copy) = (folder.join("out"), folder.join("copy"));
    let mut cold = Duration::MAX;
    let mut peak = 0;
    for _ in 0..runs {
        let _ = fs::remove_dir_all(&out);
        let (time, memory) = build(&project, &out);
        cold = cold.min(time);
        peak = peak.max(memory);
    }
    let mut limit = Duration::MAX;
    for _ in 0..runs {
        let _ = fs::remove_dir_all(&copy);
        let own = std::env::current_exe().unwrap();
        let done = Command::new(own).arg("--limit").args([&out, &copy]).output().unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        limit = limit.min(Duration::from_nanos(text.trim().parse().unwrap()));
    }
    let unchanged = (0..runs).map(|_| build(&project, &out).0).min().unwrap();
    let changed = change(&project).map(|()| build(&project, &out).0).unwrap();
    let (files, bytes) = all(&out).iter().fold((0, 0), |(files, bytes), path| {
        (files + 1, bytes + fs::metadata(path).unwrap().len())
    });
    println!(
        "| {nodes} | {} | {files} | {:.1} | {} | {} | {:.1} | {} | {:.2} | {} | {} MB |",
        nodes * SERVICES,
        bytes as f64 / 1e6,
        ms(limit),
        ms(cold),
        cold.as_secs_f64() / limit.as_secs_f64(),
        ms(unchanged),
        unchanged.as_secs_f64() / cold.as_secs_f64(),
        ms(changed),
        peak * 1_024 / 1_000_000,
    );
}

/// Another amount of memory for one service of the first node.
fn change(project: &Path) -> Option<()> {
    let file = all(&project.join("services")).into_iter().min()?;
    let text = fs::read_to_string(&file).ok()?;
    fs::write(file, text.replacen("memory = 256MiB", "memory = 320MiB", 1)).ok()
}

fn build(project: &Path, out: &Path) -> (Duration, u64) {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_colabc"))
        .arg("build")
        .args([project, Path::new("--out"), out])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    let status = loop {
        if let Some(memory) = peak_kib(child.id()) {
            peak = memory;
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_micros(500));
    };
    assert!(status.success());
    (begun.elapsed(), peak)
}

fn peak_kib(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Every file below a folder.
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found
}

/// The limit: reads a tree, then writes it elsewhere on all cores, and says in how many nanoseconds.
fn just_write(from: &Path, to: &Path) {
    let files: Vec<(PathBuf, Vec<u8>)> = all(from)
        .into_iter()
        .map(|path| (to.join(path.strip_prefix(from).unwrap()), fs::read(&path).unwrap()))
        .collect();
    let begun = Instant::now();
    let mut made = std::collections::BTreeSet::new();
    for (path, _) in &files {
        let folder = path.parent().unwrap();
        if made.insert(folder) {
            fs::create_dir_all(folder).unwrap();
        }
    }
    let next = AtomicUsize::new(0);
    let few = files.len() <= FEW;
    let write = || {
        while let Some((path, bytes)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(path).unwrap();
            file.write_all(bytes).unwrap();
            if few {
                file.sync_data().unwrap();
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(write);
        }
    });
    if few {
        for folder in made {
            fs::File::open(folder).unwrap().sync_all().unwrap();
        }
    } else {
        rustix::fs::syncfs(fs::File::open(to).unwrap()).unwrap();
    }
    println!("{}", begun.elapsed().as_nanos());
}

fn ms(time: Duration) -> String {
    match time.as_secs_f64() * 1e3 {
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1e4 => format!("{ms:.0} ms"),
        ms => format!("{:.1} s", ms / 1e3),
    }
}
