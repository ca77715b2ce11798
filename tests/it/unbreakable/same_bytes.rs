//! The same sources give the same bytes: whatever the order of their files, the line ends, the
//! threads beside, the language, the time zone and the place.

use super::Executions;
use crate::cli::Project;
use crate::generate::{Dice, Project as Texts, scale, varied};
use crate::laws::own_cluster;
use crate::memory::Memory;
use colabc::source::{ReadError, Reader};
use sha2::{Digest, Sha256};

/// Lists its files in an order of its own.
struct Shuffled {
    memory: Memory,
    dice: Dice,
}

impl Reader for Shuffled {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.memory.read(path)
    }

    fn list(&mut self, folder: &str) -> Result<Vec<String>, ReadError> {
        let mut names = self.memory.list(folder)?;
        self.dice.shuffle(&mut names);
        Ok(names)
    }
}

fn digest(tree: &colabc::tree::OutTree) -> Vec<u8> {
    let mut sum = Sha256::new();
    for (path, file) in tree.iter() {
        sum.update(path.as_bytes());
        sum.update([0]);
        sum.update(&file.bytes);
        sum.update([0]);
    }
    sum.finalize().to_vec()
}

/// The cluster built in an order and with a number of threads that the number decides.
fn built(texts: &Texts, number: u64) -> Vec<u8> {
    let memory = Memory::new(texts.clone());
    let mut reader = Shuffled { memory, dice: Dice::new(number) };
    let threads = 1 + number as usize % 8;
    let crowd = if number.is_multiple_of(3) { colabc::CROWD } else { 0 };
    let request = colabc::Request {
        root: "cluster.colab",
        beside: &[],
        question: None,
        today: None,
        emit: colabc::Emit::Everything,
        last: None,
        editing: false,
        threads,
        crowd,
        phase: &mut |_| {},
    };
    let found = colabc::run(&mut reader, request);
    assert_eq!(found.resolved.parts(), if crowd == 0 { threads } else { 1 });
    digest(&found.tree.expect("the cluster is sound"))
}

#[test]
fn order_line_ends_and_threads_change_nothing() {
    let own = own_cluster();
    let other = varied(11);
    let sums = [&own, &other].map(|texts| built(texts, 0));
    assert_ne!(sums[0], sums[1]);
    // Eight at once, and each in its own order.
    Executions { always: 100, full: 1_000 }.each("orders and line ends", |number| {
        for (texts, sum) in [&own, &other].into_iter().zip(&sums) {
            let mut texts = texts.clone();
            if number % 2 == 1 {
                texts.values_mut().for_each(|text| *text = text.replace('\n', "\r\n"));
            }
            assert_eq!(built(&texts, number), *sum);
        }
    });
}

/// Large clusters are worked out by as many as there are: nobody can tell.
#[test]
fn who_works_out_a_value_changes_nothing() {
    let texts = scale(60, 10, 7);
    let sum = built(&texts, 0);
    for number in [1, 2, 4, 7] {
        assert_eq!(built(&texts, number), sum, "{number}");
    }
}

#[test]
fn language_time_zone_and_place_change_nothing() {
    let texts: Vec<(String, String)> = varied(11).into_iter().collect();
    let mut first: Option<String> = None;
    let worlds = [
        ("C", "UTC"),
        ("de_DE.UTF-8", "Europe/Berlin"),
        ("tr_TR.UTF-8", "Asia/Kathmandu"),
        ("ar_EG.UTF-8", "Pacific/Kiritimati"),
        ("zz_ZZ", "nowhere"),
    ];
    for (number, (language, zone)) in worlds.into_iter().cycle().take(20).enumerate() {
        let folder = if number % 2 == 0 { "a" } else { "b/ü ü/c" };
        let files: Vec<(String, &str)> =
            texts.iter().map(|(name, text)| (format!("{folder}/{name}"), text.as_str())).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), *t)).collect();
        let project = Project::new(&files);
        let root = format!("{folder}/cluster.colab");
        let out = format!("{folder}/out");
        let env = [("LC_ALL", language), ("TZ", zone), ("RAYON_NUM_THREADS", "1"), ("HOME", "/")];
        let done = project.run_with(&["build", &root, "-o", &out], &env);
        assert_eq!(done.code, Some(0), "{}", done.err);
        let manifest = project.read(&format!("{out}/manifest.json"));
        assert_eq!(*first.get_or_insert_with(|| manifest.clone()), manifest, "{language} {zone}");
    }
}

/// The real program, on one core and on more: it asks the system how many there are, and writes more files than
/// it takes for the disk to be worth several threads.
#[test]
fn cores_change_nothing() {
    if crate::consumers::missing(&["taskset"]) {
        return;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let own = scale(40, 5, 1);
    let files: Vec<(&str, &str)> = own.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let mut first: Option<String> = None;
    for count in 1..=cores.min(8) {
        let project = Project::new(&files);
        let done = std::process::Command::new("taskset")
            .args(["-c", &format!("0-{}", count - 1), env!("CARGO_BIN_EXE_colabc")])
            .args(["build", "-o", "out"])
            .current_dir(project.path(""))
            .output()
            .expect("taskset can be started");
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        let manifest = project.read("out/manifest.json");
        let rows = manifest.matches("sha256").count();
        assert!(rows >= 256, "only {rows} files");
        assert_eq!(*first.get_or_insert_with(|| manifest.clone()), manifest, "{count} cores");
    }
}
