//! `--watch`, with the real command: it follows saves of every sort, writes only what differs, says a
//! line a turn, and outlives a broken state. Waits for what it looks for; no time proves anything.

use super::*;
use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn new(project: &Project, args: &[&str]) -> Watching {
        let mut child = command(&project.folder, args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (say, lines) = channel();
        let heard = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            heard.lines().map_while(Result::ok).try_for_each(|line| say.send(line))
        });
        Watching { child, lines }
    }

    /// Everything up to the line that ends a turn.
    fn turn(&self) -> String {
        let mut all = String::new();
        loop {
            let line =
                self.lines.recv_timeout(Duration::from_secs(120)).expect("it says something");
            all.push_str(&line);
            all.push('\n');
            if line.ends_with(" ms)") {
                return all;
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const HOSTS: &str = "cluster home { edition = 1   reach = [lan] }\nimport \"nodes/*.colab\"\n\
    network lan { driver = physical   range = 192.168.254.0/24 }\n";
const BOX: &str = "node box { arch = arm64   os = macos   address { lan = 192.168.254.10 } }\n";
const SHED: &str = "node shed { arch = arm64   os = macos   address { lan = 192.168.254.11 } }\n";

fn watched(args: &[&str]) -> (Project, Watching) {
    let project = Project::new(&[("cluster.colab", HOSTS), ("nodes/box.colab", BOX)]);
    let watching = Watching::new(&project, args);
    (project, watching)
}

#[test]
fn a_build_follows_every_sort_of_save() {
    let (project, watching) = watched(&["build", "--watch"]);
    let path = |name: &str| project.folder.join(name);
    assert!(watching.turn().contains("0 changed, 0 removed"));
    assert!(project.read("out/hosts/box").contains("192.168.254.10"));
    let untouched = std::fs::metadata(path("out/manifest.json")).unwrap().len();
    assert!(untouched > 0);

    // Written in place.
    std::fs::write(path("nodes/box.colab"), BOX.replace("254.10", "254.110")).unwrap();
    let said = watching.turn();
    assert!(said.starts_with("nodes/box.colab: ") && said.lines().count() == 1, "{said}");
    assert!(project.read("out/hosts/box").contains("192.168.254.110"));

    // As editors do it: another file takes the place.
    std::fs::write(path("nodes/.box.swp"), BOX.replace("254.10", "254.99")).unwrap();
    std::fs::rename(path("nodes/.box.swp"), path("nodes/box.colab")).unwrap();
    assert!(watching.turn().starts_with("nodes/box.colab: "));
    assert!(project.read("out/hosts/box").contains("192.168.254.99"));

    // A new file, and one that goes.
    std::fs::write(path("nodes/shed.colab"), SHED).unwrap();
    assert!(watching.turn().starts_with("nodes/shed.colab: "));
    assert!(project.read("out/hosts/shed").contains("192.168.254.11"));
    std::fs::remove_file(path("nodes/shed.colab")).unwrap();
    assert!(watching.turn().starts_with("nodes/shed.colab: "));
    assert!(!path("out/hosts/shed").exists());
}

#[test]
fn a_broken_state_is_said_and_outlived() {
    let (project, watching) = watched(&["build", "--watch"]);
    watching.turn();
    let path = project.folder.join("nodes/box.colab");
    let before = project.read("out/hosts/box");
    std::fs::write(&path, BOX.replace("arm64", "arm65")).unwrap();
    let said = watching.turn();
    assert!(said.contains("E0209") && said.contains("nothing was written"), "{said}");
    assert_eq!(project.read("out/hosts/box"), before);
    std::fs::remove_file(project.folder.join("cluster.colab")).unwrap();
    assert!(watching.turn().contains("error: "));
    std::fs::write(project.folder.join("cluster.colab"), HOSTS).unwrap();
    watching.turn();
    std::fs::write(&path, BOX.replace("254.10", "254.12")).unwrap();
    let said = watching.turn();
    assert!(said.contains("files, 0 added"), "{said}");
    assert!(project.read("out/hosts/box").contains("192.168.254.12"));
}

#[test]
fn what_is_embedded_is_watched_as_well() {
    let (project, watching) = watched(&["check", "--watch"]);
    assert!(watching.turn().contains("no errors"));
    let file = "file \"/etc/motd\" { on = [box]   by = ansible   mode = 0644   content = embed(\"motd.txt\") }\n";
    std::fs::write(project.folder.join("nodes/motd.colab"), file).unwrap();
    assert!(watching.turn().contains("E07"), "the file is missing");
    std::fs::write(project.folder.join("nodes/motd.txt"), "hello\n").unwrap();
    let said = watching.turn();
    assert!(said.starts_with("nodes/motd.txt: ") && said.contains("no errors"), "{said}");
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_told_to() {
    let (project, mut watching) = watched(&["build", "--watch"]);
    watching.turn();
    let id = watching.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(!watching.child.wait().unwrap().success());
    let left: Vec<String> = std::fs::read_dir(&project.folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".colabc"))
        .collect();
    assert_eq!(left, [""; 0]);
    assert_eq!(project.run(&["build", "--check"]).code, Some(0));
}

#[test]
fn it_watches_files_only() {
    let project = sound();
    assert_eq!(project.feed(&["check", "--watch", "-"], SOUND).code, Some(2));
    assert_eq!(project.run(&["build", "--watch", "--check"]).code, Some(2));
    assert_eq!(sound().run(&["check", "--watch", "nowhere"]).code, Some(2));
}
