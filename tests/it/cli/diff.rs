//! `diff`: what is said of edits of the repository's own cluster, against the disk, a folder, a
//! revision; for people and for programs.

use super::*;
use crate::targets::sources;

/// The repository's cluster as it was built.
fn built() -> Project {
    let texts = sources();
    let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).unwrap();
    let texts: Vec<(String, String)> =
        texts.iter().map(|(name, bytes)| (name.clone(), text(bytes))).collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let project = Project::new(&files);
    assert_eq!(project.run(&["build"]).code, Some(0));
    project
}

impl Project {
    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} has no {from:?}");
        std::fs::write(self.folder.join(file), text.replacen(from, to, 1)).unwrap();
    }

    fn add(&self, file: &str, text: &str) {
        std::fs::write(self.folder.join(file), text).unwrap();
    }
}

/// The first change of a report, without its place.
fn first(report: &str) -> String {
    let line = report.lines().find(|line| line.starts_with("  ")).unwrap_or(report);
    match line.trim().rsplit_once("  ") {
        Some((text, place)) if place.contains(".colab:") => text.to_owned(),
        _ => line.trim().to_owned(),
    }
}

#[test]
fn edits_are_said_in_the_clusters_words() {
    let chat = "/// Chat.\nservice chat {\n  on = director\n  container app {\n    image = \"x/chat:1.0\"\n    \
                port web = 8065 -> 8065\n    health { tcp = web }\n  }\n}\n";
    let project = built();
    for (file, from, to, said) in [
        (
            "services/gitea.colab",
            "    port ssh = 2222 -> 2222",
            "    port debug = 6060 -> 6060\n    port ssh = 2222 -> 2222",
            "recreate, asks  + gitea.app gains port debug = 6060 -> 6060",
        ),
        (
            "services/gitea.colab",
            "1.21-rootless",
            "1.22-rootless",
            "recreate, asks  ~ gitea.app image: gitea/gitea:1.21-rootless becomes gitea/gitea:1.22-rootless",
        ),
        (
            "cluster.colab",
            "packages += [\"cifs-utils\"]",
            "packages += [\"cifs-utils\", \"htop\"]",
            "none, asks  + cooperator and director packages gains htop",
        ),
        (
            "cluster.colab",
            "default restart = always",
            "default restart = unless-stopped",
            "recreate, asks  ~ caddy.web, gitea.app, gitea.db and 7 more restart: always becomes unless-stopped",
        ),
        (
            "nodes/director.colab",
            "192.168.254.30",
            "192.168.254.31",
            // Pi-hole mounts the names, so its container is made anew.
            "recreate, asks  ~ director address lan: 192.168.254.30 becomes 192.168.254.31",
        ),
        (
            "cluster.colab",
            "daily = 7",
            "daily = 14",
            "none, asks  ~ backup nightly keep.daily: 7 becomes 14",
        ),
        (
            "services/gitea.colab",
            "audience = internet",
            "audience = [lan, mesh]",
            "recreate, asks  ~ gitea site git.ism.la audience: internet becomes [lan, mesh]",
        ),
        (
            "cluster.colab",
            "max_file = 3",
            "max_file = 5",
            "restart, asks  ~ cooperator, director, projector and 2 more docker.log.max_file: 3 becomes 5",
        ),
        (
            "nodes/director.colab",
            "alias = [drtr]",
            "alias = [drtr, dr]",
            "recreate, asks  + director alias gains dr",
        ),
    ] {
        let before = project.read(file);
        project.edit(file, from, to);
        let done = project.run(&["diff"]);
        project.add(file, &before);
        assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "{from}");
        assert_eq!(first(&done.out), said, "{}", done.out);
        assert!(done.out.contains(".colab:"), "it says where: {}", done.out);
    }
    project.add("services/chat.colab", chat);
    let done = project.run(&["diff"]);
    assert_eq!(first(&done.out), "recreate, asks  + chat is a new service on director");
    assert!(
        done.out.contains("new, 20 lines  out/compose/director/chat.yml  chat-app"),
        "{}",
        done.out
    );
    project.run(&["build"]);
    std::fs::remove_file(project.folder.join("services/chat.colab")).unwrap();
    let done = project.run(&["diff"]);
    assert_eq!(first(&done.out), "recreate, asks  - chat is gone", "{}", done.out);
}

#[test]
fn a_change_is_rated_by_its_own_files_alone() {
    let project = built();
    let text = project.read("cluster.colab");
    let motd =
        "file \"/etc/motd\" { on = [cooperator]   by = ansible   mode = 0644   content = \"x\" }\n";
    project.add("cluster.colab", &format!("{text}{motd}"));
    assert_eq!(project.run(&["build"]).code, Some(0));
    let text = project.read("out/ansible/host_vars/cooperator.yml");
    let at = text.lines().position(|line| line.contains("root/etc/motd")).unwrap() + 5;
    let asked = format!("out/ansible/host_vars/cooperator.yml:{at}");
    let said = project.run(&["explain", &asked]).out;
    assert!(said.contains("file[\"/etc/motd\"].mode = 0644"), "{said}");
    project.edit("services/gitea.colab", "1.21-rootless", "1.22-rootless");
    project.edit("cluster.colab", "mode = 0644", "mode = 0600");
    let run = project.run(&["diff"]);
    let rated = "  none, asks      ~ cooperator file /etc/motd mode: 0644 becomes 0600";
    assert!(run.out.contains(rated), "{}", run.out);
}

#[test]
fn a_service_that_moves_is_made_anew_and_one_renamed_is_known_again() {
    let project = built();
    let file = "services/chat.colab";
    project.add(
        file,
        "service chat {\n  on = director\n  container app {\n    image = \"x/chat:1.0\"\n    \
         port web = 8065 -> 8065\n    health { tcp = web }\n  }\n}\n",
    );
    assert_eq!(project.run(&["build"]).code, Some(0));
    project.edit(file, "on = director", "on = cooperator");
    let out = project.run(&["diff"]).out;
    let moved =
        "  recreate, asks  ~ chat moves from director to cooperator  services/chat.colab:2:3";
    assert!(out.contains(moved), "{out}");
    project.edit(file, "on = cooperator", "on = director");
    project.edit(file, "service chat", "service talk");
    let out = project.run(&["diff"]).out;
    assert!(out.contains("+ talk is a new service on director, as chat was"), "{out}");
    let done = project.run_in("nodes", &["diff"]);
    assert!(done.out.contains("  ../services/chat.colab:1:9"), "{}", done.out);
}

#[test]
fn what_else_is_touched_is_said() {
    let project = built();
    project.edit("cluster.colab", "default restart = always", "default restart = unless-stopped");
    let out = project.run(&["diff"]).out;
    assert!(
        out.contains("while ollama comes up again\n  is worse off: service open-webui"),
        "{out}"
    );
    assert!(out.contains("while caddy comes up again\n  fails: site git.ism.la"), "{out}");
}

#[test]
fn a_refactoring_is_no_change() {
    let project = built();
    let same = |what: &str| {
        let done = project.run(&["diff", "--exit-code"]);
        assert_eq!(done.code, Some(0), "{what}: {}", done.out);
        assert!(done.out.starts_with("no change\n"), "{what}: {}", done.out);
    };
    same("nothing");
    project.edit("services/gitea.colab", "service gitea {", "service gitea {\n  // a comment\n");
    same("a comment");
    let (from, to) = ("services/gitea.colab", "services/forge.colab");
    std::fs::rename(project.folder.join(from), project.folder.join(to)).unwrap();
    same("another file");
    // A value that a layer gives goes to where it holds.
    project.edit("cluster.colab", "default restart = always", "");
    project.edit(
        "cluster.colab",
        "cluster colab {",
        "global { container { default restart = always } }\ncluster colab {",
    );
    same("another block");
}

#[test]
fn a_change_exits_with_4_where_that_is_asked() {
    let project = built();
    project.edit("cluster.colab", "daily = 7", "daily = 14");
    assert_eq!(project.run(&["diff"]).code, Some(0));
    assert_eq!(project.run(&["diff", "--exit-code"]).code, Some(4));
    assert_eq!(project.run(&["diff", "--exit-code", "--format", "json"]).code, Some(4));
    project.add("cluster.colab", BROKEN);
    let done = project.run(&["diff", "--exit-code"]);
    assert_eq!(done.code, Some(1), "{}", done.out);
    assert!(done.err.contains("E0209"), "{}", done.err);
}

#[test]
fn programs_get_the_same() {
    let schema: Value = serde_json::from_str(colabc::diff::SCHEMA).unwrap();
    let project = built();
    let json = |args: &[&str]| {
        let done = project.run(&[&["diff", "--format", "json"], args].concat());
        let said: Value = serde_json::from_str(&done.out).unwrap();
        assert_eq!(crate::schema::faults(&schema, &said), [""; 0]);
        said
    };
    assert_eq!(json(&[])["changed"], false);
    project.edit("services/gitea.colab", "1.21-rootless", "1.22-rootless");
    let said = json(&["--files"]);
    assert_eq!(said["changed"], true);
    let change = &said["changes"][0];
    assert_eq!(change["rating"], "needs approval");
    assert_eq!(change["effect"], "recreate");
    assert_eq!(change["subjects"][0], "gitea.app");
    assert_eq!(change["place"]["file"], "services/gitea.colab");
    assert_eq!(change["files"][0], "compose/cooperator/gitea.yml");
    assert_eq!(said["files"][0]["of"][0], "gitea-app");
    let patch = said["files"][0]["patch"].as_str().unwrap();
    assert!(patch.contains("-    image: \"gitea/gitea:1.21-rootless\""), "{patch}");
    assert!(patch.contains("+    image: \"gitea/gitea:1.22-rootless\""), "{patch}");
}

#[test]
fn it_compares_with_a_folder() {
    let project = built();
    let copy = project.folder.join("before");
    std::fs::rename(project.folder.join("out"), &copy).unwrap();
    project.edit("cluster.colab", "daily = 7", "daily = 14");
    let said = |from: &str| project.run(&["diff", "--from", from]);
    let done = said("before");
    assert_eq!(first(&done.out), "none, asks  ~ backup nightly keep.daily: 7 becomes 14");
    let done = said("services");
    assert_eq!(done.code, Some(2), "{}", done.out);
    // Without anything before, all of it is new.
    let done = project.run(&["diff"]);
    assert!(done.out.contains("gitea is a new service on cooperator"), "{}", done.out);
}

#[test]
fn it_compares_with_a_revision() {
    let git = |project: &Project, args: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(&project.folder).args(["-c", "user.name=t", "-c", "user.email=t@t"]);
        let done = command.args(args).output();
        done.is_ok_and(|done| done.status.success())
    };
    let project = built();
    if !git(&project, &["init", "-q"]) {
        assert!(std::env::var_os("CI").is_none(), "git is missing");
        return;
    }
    assert!(git(&project, &["add", "-A"]) && git(&project, &["commit", "-qm", "one"]));
    project.edit("cluster.colab", "daily = 7", "daily = 14");
    assert_eq!(project.run(&["build"]).code, Some(0));
    assert_eq!(project.run(&["diff"]).out, "no change\n");
    let done = project.run(&["diff", "--from", "HEAD"]);
    assert_eq!(done.err, "");
    assert_eq!(first(&done.out), "none, asks  ~ backup nightly keep.daily: 7 becomes 14");
    // From a folder inside, and with a revision that is none, or looks like an option.
    let done = call(&project.folder.join("services"), &["diff", "--from", "HEAD"], None);
    assert!(done.out.contains("keep.daily"), "{}{}", done.out, done.err);
    for from in ["--from=nowhere", "--from=--all"] {
        let done = project.run(&["diff", from]);
        assert_eq!(done.code, Some(2), "{}", done.out);
        assert!(done.err.contains("no revision"), "{}", done.err);
    }
    assert!(git(&project, &["rm", "-rq", "--cached", "out"]));
    assert!(git(&project, &["commit", "-qm", "two"]));
    let done = project.run(&["diff", "--from", "HEAD"]);
    assert!(done.err.contains("has no out/manifest.json"), "{}", done.err);
}

#[test]
fn what_an_earlier_build_left_is_no_change() {
    const USER: &str = "cluster home { edition = 1 }\nuser ann { uid = 1000   gid = 1000 }\n\
        node box { arch = arm64   os = debian(\"13\")   user = ann }\n";
    let file = "file \"~/note\" { on = box   content = \"x\" }\n";
    let project = Project::new(&[("cluster.colab", &format!("{USER}{file}"))]);
    let built = project.run(&["build"]);
    assert_eq!(built.code, Some(0), "{}", built.err);
    std::fs::write(project.folder.join("cluster.colab"), USER).unwrap();
    assert_eq!(project.run(&["build"]).code, Some(0));
    assert!(project.has("out/chezmoi/.chezmoiremove"));
    let done = project.run(&["diff", "--exit-code"]);
    assert_eq!(done.code, Some(0), "{}", done.out);
}
