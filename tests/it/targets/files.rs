//! Files that the sources state: delivered verbatim by their one owner.

use super::Built;
use crate::consumers::{Scratch, chezmoi, missing};
use crate::memory::Memory;
use colabc::model::Cluster;
use colabc::targets;
use colabc::tree::{Side, Tool};

const HEAD: &str = r##"
cluster small { timezone = "Etc/UTC" }
network lan { driver = physical   range = 10.1.0.0/24 }
user ann { uid = 1000   gid = 1000 }
user tv  { uid = 1001   gid = 1001 }
global { node { user = ann } }
node one { arch = x86_64   os = debian("13")   address { lan = 10.1.0.1 } }
node win { arch = x86_64   os = windows("11", wsl = true)   address { lan = 10.1.0.2 } }
"##;

const FILES: &str = r##"
file "~/.gitconfig" { content = '[user]\n  x = {{ .x }}\n' }
file "~/.config/a {b}!.txt" { on = one   content = "no newline"   mode = 0600 }
file "~/.hushlogin" { on = one   content = "" }
file "~/bin/run_x" { on = one   content = "#!/bin/sh\n"   executable = true }
file "~/.profile" { on = one   block = path   content = "PATH=x:$1\n" }
file "~/.tv" { on = one   user = tv   content = "tv\n" }
file "/etc/motd" { on = one   content = "Welcome to ${node.name} {{ x }}\n"   mode = 0640   owner = "root"   group = "adm" }
os windows { file "~/.win" { side = windows   content = "w\n" } }
"##;

#[test]
fn each_has_one_owner_and_place() {
    let built = Built::text_of(&format!("{HEAD}{FILES}"));
    let delivery = |path: &str| built.tree.get(path).unwrap().delivery.clone().unwrap();
    let motd = delivery("files/one/root/etc/motd");
    assert_eq!(
        (motd.tool, motd.destination.as_str(), motd.mode),
        (Tool::Ansible, "/etc/motd", 0o640)
    );
    assert_eq!((motd.owner.as_deref(), motd.group.as_deref()), (Some("root"), Some("adm")));
    assert_eq!(built.text("files/one/root/etc/motd"), "Welcome to one {{ x }}\n");
    let tv = delivery("files/one/home-tv/.tv");
    assert_eq!((tv.tool, tv.destination.as_str()), (Tool::Ansible, "/home/tv/.tv"));
    assert_eq!(tv.owner.as_deref(), Some("tv"));
    assert_eq!(delivery("files/one/home/bin/run_x").mode, 0o755);
    let windows = delivery("files/win/windows/home/.win");
    assert_eq!((windows.tool, windows.side), (Tool::Chezmoi, Some(Side::Windows)));
    assert_eq!(delivery("files/win/home/.gitconfig").side, Some(Side::Wsl));
}

#[test]
fn chezmoi_brings_them_verbatim() {
    if missing(chezmoi::TOOLS) {
        return;
    }
    let built = Built::text_of(&format!("{HEAD}{FILES}"));
    let scratch = Scratch::new();
    built.write(&scratch.path("out"));
    let apply = |node: &str, home: &[(&str, &str)]| {
        let files = chezmoi::apply(&scratch.path("out"), "chezmoi", node, home).unwrap();
        let text =
            |name: &str| files.get(name).map(|f| String::from_utf8(f.content.clone()).unwrap());
        let mode = |name: &str| files.get(name).map(|f| f.mode);
        (
            text(".gitconfig"),
            text(".config/a {b}!.txt"),
            text(".hushlogin"),
            mode("bin/run_x"),
            text(".profile"),
            text(".win"),
            text(".tv"),
        )
    };
    let (git, odd, empty, program, part, win, tv) = apply("one", &[(".profile", "mine\n")]);
    assert_eq!(git.as_deref(), Some("[user]\\n  x = {{ .x }}\\n"));
    assert_eq!(odd.as_deref(), Some("no newline"));
    assert_eq!(empty.as_deref(), Some(""));
    assert_eq!(program, Some(0o755));
    assert_eq!(part.as_deref(), Some("mine\n# BEGIN path\nPATH=x:$1\n# END path\n"));
    assert_eq!((win, tv), (None, None), "another world's, and another tool's");
    let (git, odd, empty, program, part, ..) = apply("win", &[]);
    assert!(git.is_some());
    assert_eq!((odd, empty, program, part), (None, None, None, None));
}

/// The codes of what emission refuses.
fn refused(text: &str) -> Vec<&'static str> {
    let mut project = Memory::new([("cluster.colab", format!("{HEAD}{text}"))]);
    let compilation = colabc::compile(&mut project, "cluster.colab");
    let cluster = Cluster::of(compilation.resolved.model, 0).expect("the count is ours");
    let (_, found) = targets::emit(&cluster);
    found.iter().map(|d| d.code.id).collect()
}

#[test]
fn two_owners_of_one_path_are_refused() {
    let hosts = r##"file "/etc/hosts" { on = one   content = "x\n" }"##;
    assert_eq!(refused(hosts), ["E1601"]);
    assert_eq!(refused(&hosts.replace("content", "block = mine   content")), [""; 0]);
    assert_eq!(refused(&hosts.replace("content", "block = colab   content")), ["E1601"]);
    let home =
        r##"file "/home/ann/.ssh/config.d/colab" { on = one   mode = 0600   content = "x\n" }"##;
    assert_eq!(refused(home), ["E1601"], "the same file by another name");
    assert_eq!(
        refused(r##"file "~/.ssh/config" { on = one   block = more   content = "x\n" }"##),
        [""; 0]
    );
    assert_eq!(
        refused(r##"file "/etc/x" { on = one   by = chezmoi   content = "x\n" }"##),
        ["E0801"]
    );
    assert_eq!(refused(r##"file "~/x" { on = one   mode = 0640   content = "x\n" }"##), ["E0801"]);
    // Ansible logs in to the Linux of a Windows node.
    let other = r##"file "C:\\Data\\x" { on = win   side = windows   content = "x\n" }"##;
    assert_eq!(refused(other), ["E0801"]);
    assert_eq!(refused(&other.replace("content", "by = chezmoi   content")), ["E0801"]);
    assert_eq!(refused(&other.replace("C:\\\\Data\\\\x", "~/x")), [""; 0]);
    let part = r##"file "~/x" { on = one   block = b   content = "# END b\n" }"##;
    assert_eq!(refused(part), ["E0801"]);
}
