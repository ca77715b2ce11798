//! `explain FILE:LINE`: the file as it lies on the disk, and what is said of its lines.

use super::*;

const TWO: &str = "cluster home { edition = 1   reach = [lan] }\n\
    network lan { driver = physical   range = 192.168.254.0/24 }\n\
    node box { arch = arm64   os = macos   address { lan = 192.168.254.10 } }\n\
    node shed { arch = arm64   os = macos   address { lan = 192.168.254.11 } }\n";

fn built() -> Project {
    let project = Project::new(&[("cluster.colab", TWO)]);
    let done = project.run(&["build"]);
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
    project
}

/// The line of a file on which a text stands, from 1.
fn line_of(project: &Project, file: &str, text: &str) -> usize {
    let all = project.read(file);
    all.lines().position(|line| line.contains(text)).unwrap() + 1
}

#[test]
fn a_line_leads_to_its_source() {
    let project = built();
    let line = line_of(&project, "out/hosts/box", "192.168.254.11");
    for spot in [format!("out/hosts/box:{line}"), format!("./out/hosts/box:{line}:3")] {
        let done = project.run(&["explain", &spot]);
        assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "{spot}");
        assert!(done.out.contains("comes from cluster.colab:4:51"), "{}", done.out);
        assert!(done.out.contains("shed.address.lan = 192.168.254.11"), "{}", done.out);
        assert!(!done.out.contains("edited"), "{}", done.out);
    }
    let done = project.run(&["explain", "out/hosts/box"]);
    assert!(done.out.contains("node shed  cluster.colab:4:6"), "{}", done.out);
}

#[test]
fn it_is_the_same_for_programs() {
    let project = built();
    let schema = colabc::answer::EXPLAIN_SCHEMA;
    let schema: Value = serde_json::from_str(schema).unwrap();
    let lines = project.read("out/hosts/box").lines().count();
    for spot in (1..=lines).map(|line| format!("out/hosts/box:{line}")).chain([
        "out/hosts/box".to_owned(),
        "out/manifest.json:4".to_owned(),
        "out/model.json:3".to_owned(),
    ]) {
        let done = project.run(&["explain", &spot, "--format", "json"]);
        assert_eq!(done.code, Some(0), "{}", done.err);
        let said: Value = serde_json::from_str(&done.out).unwrap();
        assert_eq!(crate::schema::faults(&schema, &said), [""; 0], "{spot}");
        assert_eq!(said["line"]["state"], "current", "{spot}");
    }
}

#[test]
fn what_was_edited_by_hand_or_is_stale_is_said() {
    let project = built();
    let line = line_of(&project, "out/hosts/box", "192.168.254.11");
    let text = project.read("out/hosts/box");
    let path = project.folder.join("out/hosts/box");
    std::fs::write(&path, format!("10.0.0.1 mine\n{text}")).unwrap();
    let done = project.run(&["explain", "out/hosts/box:1"]);
    assert!(done.out.contains("no source makes this line"), "{}", done.out);
    let done = project.run(&["explain", &format!("out/hosts/box:{}", line + 1)]);
    assert!(done.out.contains("was edited by hand"), "{}", done.out);
    assert!(done.out.contains("comes from cluster.colab:4:51"), "{}", done.out);

    std::fs::write(&path, text).unwrap();
    std::fs::write(project.folder.join("cluster.colab"), TWO.replace("254.11", "254.12")).unwrap();
    let done = project.run(&["explain", &format!("out/hosts/box:{line}")]);
    assert!(done.out.contains("the sources changed since"), "{}", done.out);
}

#[test]
fn what_is_no_line_of_a_build_is_a_wrong_call() {
    let project = built();
    std::fs::write(project.folder.join("out/mine"), "x\n").unwrap();
    for (spot, why) in [
        ("out/hosts/box:0", "lines"),
        ("out/hosts/box:99", "lines"),
        ("out/hosts/none:1", "no file"),
        ("out/mine:1", "does not name it"),
        ("cluster.colab:1", "no folder that a build wrote"),
    ] {
        let done = project.run(&["explain", spot]);
        assert_eq!(done.code, Some(2), "{spot}: {}{}", done.out, done.err);
        assert!(done.err.contains(why), "{spot}: {}", done.err);
    }
    std::fs::write(project.folder.join("cluster.colab"), BROKEN).unwrap();
    let done = project.run(&["explain", "out/hosts/box:1"]);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("E0209"), "{}", done.err);
}
