//! What `build` costs beside the least that it could: a program that has all the bytes in memory and
//! only writes them, with the same calls for folders, files and durability. Cold, unchanged, and after
//! a change in one service; on a tmpfs and on the disk. `cargo bench --bench build [-- --full | NODES...]`.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench touches the world, measures time and prints"
)]

#[path = "../compiler/cli/disk/few.rs"]
mod few;
#[path = "../tests/it/generate/mod.rs"]
mod generate;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const SERVICES: usize = 10;
const SIZES: [usize; 3] = [10, 100, 1_000];
const FULL: [usize; 2] = [5_000, 20_000];

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
    println!("\n### `build` on {name}\n");
    println!("| nodes | services | files | MB | just writing | cold | times that | peak |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut rows = Vec::new();
    for &nodes in sizes {
        let folder = place.join(format!("colabc-build-{}", std::process::id()));
        let row = Row::measured(nodes, &folder);
        let _ = fs::remove_dir_all(&folder);
        println!(
            "| {} | {} | {} | {:.1} | {} | {} | {:.1} | {:.0} MB |",
            grouped(nodes),
            grouped(nodes * SERVICES),
            grouped(row.files),
            row.bytes as f64 / 1e6,
            ms(row.limit),
            ms(row.cold),
            row.cold.as_secs_f64() / row.limit.as_secs_f64(),
            row.peak as f64 * 1_024.0 / 1e6,
        );
        rows.push((nodes, row));
    }
    println!("\nAgain, where that build has been:\n");
    println!(
        "| nodes | unchanged | of cold | files touched | one service changed | of cold | files touched |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (nodes, row) in &rows {
        let of_cold = |time: Duration| time.as_secs_f64() / row.cold.as_secs_f64();
        println!(
            "| {} | {} | {:.2} | {} | {} | {:.2} | {} |",
            grouped(*nodes),
            ms(row.unchanged.0),
            of_cold(row.unchanged.0),
            row.unchanged.1,
            ms(row.changed.0),
            of_cold(row.changed.0),
            row.changed.1,
        );
    }
    println!("\nHow it grows, as the exponent of the nodes:\n");
    println!("| nodes | time of a cold build | peak memory | just writing |");
    println!("|---|---|---|---|");
    for pair in rows.windows(2) {
        let [(few, small), (many, large)] = pair else { continue };
        let exponent =
            |less: f64, more: f64| (more / less).ln() / (*many as f64 / *few as f64).ln();
        println!(
            "| {} to {} | {:.2} | {:.2} | {:.2} |",
            grouped(*few),
            grouped(*many),
            exponent(small.cold.as_secs_f64(), large.cold.as_secs_f64()),
            exponent(small.peak as f64, large.peak as f64),
            exponent(small.limit.as_secs_f64(), large.limit.as_secs_f64()),
        );
    }
}

/// What one cluster's builds came to: the best of several runs, and the most memory of any.
struct Row {
    files: usize,
    bytes: u64,
    limit: Duration,
    cold: Duration,
    /// In KiB.
    peak: u64,
    /// With the number of files that were touched, as for the next.
    unchanged: (Duration, usize),
    changed: (Duration, usize),
}

impl Row {
    fn measured(nodes: usize, folder: &Path) -> Row {
        let runs = if nodes > 1_000 { 2 } else { 7 };
        let project = folder.join("project");
        for (name, text) in generate::scale(nodes, SERVICES, 1) {
            let path = project.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let (out, copy) = (folder.join("out"), folder.join("copy"));
        let (mut cold, mut limit, mut peak) = (Duration::MAX, Duration::MAX, 0);
        for run in 0..runs {
            let _ = fs::remove_dir_all(&out);
            let (time, memory) = build(&project, &out);
            cold = cold.min(time);
            peak = peak.max(memory);
            // Beside each other, so that what else the machine does befalls both.
            let _ = fs::remove_dir_all(&copy);
            let own = std::env::current_exe().unwrap();
            let done = Command::new(own).arg("--limit").args([&out, &copy]).output().unwrap();
            let text = String::from_utf8(done.stdout).unwrap();
            limit = limit.min(Duration::from_nanos(text.trim().parse().unwrap()));
            if run == 0 {
                assert!(same(&out, &copy), "the limit wrote something else");
            }
        }
        let _ = fs::remove_dir_all(&copy);
        let before = stamps(&out);
        let time = (0..runs).map(|_| build(&project, &out).0).min().unwrap();
        let unchanged = (time, touched(&before, &stamps(&out)));
        // There and back again: each of the runs changes something.
        let service = all(&project.join("services")).into_iter().min().unwrap();
        let text = fs::read_to_string(&service).unwrap();
        let other = text.replacen("memory = 256MiB", "memory = 320MiB", 1);
        assert_ne!(text, other);
        let mut changed = (Duration::MAX, 0);
        for run in 0..runs {
            let before = stamps(&out);
            fs::write(&service, if run % 2 == 0 { &other } else { &text }).unwrap();
            changed.0 = changed.0.min(build(&project, &out).0);
            changed.1 = touched(&before, &stamps(&out));
        }
        let files = all(&out);
        let bytes = files.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
        Row { files: files.len(), bytes, limit, cold, peak, unchanged, changed }
    }
}

/// Which file each is, and when it was written.
type Stamps = BTreeMap<PathBuf, (u64, i64, i64)>;

fn stamps(folder: &Path) -> Stamps {
    let stamp = |path: PathBuf| {
        let meta = fs::metadata(&path).unwrap();
        (path, (meta.ino(), meta.mtime(), meta.mtime_nsec()))
    };
    all(folder).into_iter().map(stamp).collect()
}

fn touched(before: &Stamps, after: &Stamps) -> usize {
    let written = after.iter().filter(|(path, stamp)| before.get(*path) != Some(stamp)).count();
    written + before.keys().filter(|path| !after.contains_key(*path)).count()
}

fn same(one: &Path, other: &Path) -> bool {
    let files = all(one);
    let equal = |path: &PathBuf| {
        let twin = other.join(path.strip_prefix(one).unwrap());
        fs::read(path).unwrap() == fs::read(twin).unwrap()
    };
    files.len() == all(other).len() && files.iter().all(equal)
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
    let few = files.len() + made.len() <= few::FEW;
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

/// 10000 as 10,000.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn ms(time: Duration) -> String {
    match time.as_secs_f64() * 1e3 {
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1e4 => format!("{ms:.0} ms"),
        ms => format!("{:.1} s", ms / 1e3),
    }
}
