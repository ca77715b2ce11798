//! Agents of launchd: read by a property-list reader, their scripts by the shell, and run against
//! stubs of the Mac's own programs.

use super::Built;
use super::fstab::OTHER;
use crate::consumers::{Scratch, missing, plist, refuses, shell};

#[test]
fn agents_start_their_scripts() {
    if missing(plist::TOOLS) || missing(shell::TOOLS) {
        return;
    }
    let repo = Built::repo();
    let other = Built::text_of(OTHER);
    for (built, node, label, share) in [
        (&repo, "terminator", "la.ism.colab.fortress", "fortress"),
        (&other, "mac", "home.papers", "papers"),
    ] {
        let name = format!("{label}.plist");
        let text = built.text(&format!("macos/{node}/{name}"));
        let agent = plist::read(&name, &text).unwrap();
        let start = format!("exec \"$HOME\"/.config/colab/mount-{share}.sh");
        assert_eq!(agent["ProgramArguments"], serde_json::json!(["/bin/sh", "-c", start]));
        assert_eq!(agent["RunAtLoad"], true);
        assert_eq!(agent["StartInterval"], 300);
        shell::check(&built.text(&format!("macos/{node}/mount-{share}.sh"))).unwrap();
        refuses(
            |text| plist::read(&name, text),
            &text,
            &[("</array>", ""), (label, "another"), ("/bin/sh", "sh")],
        );
    }
}

/// What the script asks the Mac to do, with stubs that answer as told.
fn run(script: &str, mounted: &str, reachable: bool, password: bool) -> (i32, String) {
    let scratch = Scratch::new();
    let answer = |fine: bool| if fine { "exit 0" } else { "exit 1" };
    let log = "#!/bin/sh\necho \"$(basename \"$0\") $*\" >> said\n";
    for (path, then) in [
        ("/sbin/mount", format!("echo '{mounted}'")),
        ("/usr/bin/nc", answer(reachable).into()),
        ("/usr/bin/security", answer(password).into()),
        ("/usr/bin/osascript", String::new()),
    ] {
        // Not by their own names: the sandbox itself mounts.
        let name = path.rsplit('/').next().unwrap();
        scratch.program(&format!("mac-{name}"), &format!("{log}{then}\n"));
    }
    let local = script
        .replace("/sbin/mount", "mac-mount")
        .replace("/usr/bin/nc", "mac-nc")
        .replace("/usr/bin/security", "mac-security")
        .replace("/usr/bin/osascript", "mac-osascript");
    let path = scratch.write("script", local);
    let heard = scratch.call("sh").arg(path).run().unwrap();
    let said = scratch.files("").remove("said").map(|file| file.content).unwrap_or_default();
    (heard.status, String::from_utf8(said).unwrap())
}

#[test]
fn a_share_is_mounted_once() {
    if missing(shell::TOOLS) {
        return;
    }
    let script = Built::repo().text("macos/terminator/mount-fortress.sh");
    let (status, said) = run(&script, "", true, true);
    assert_eq!(status, 0);
    let mount = "osascript -e on run argv -e mount volume (item 1 of argv) -e end run \
                 smb://crtr@192.168.254.10/fortress";
    assert!(said.contains(mount), "{said}");
    assert!(said.contains("nc -z -G 3 192.168.254.10 445"), "{said}");
    // Mounted already, the server away, or no password: nothing is asked of anyone.
    let there = "//crtr@192.168.254.10/fortress on /Volumes/fortress (smbfs, nodev)";
    for (mounted, reachable, password) in
        [(there, true, true), ("", false, true), ("", true, false)]
    {
        let (status, said) = run(&script, mounted, reachable, password);
        assert_eq!(status, 0);
        assert!(!said.contains("osascript"), "{said}");
    }
    // Another volume whose name begins alike is not this one.
    let (_, said) = run(&script, "x on /Volumes/fortress-1 (smbfs)", true, true);
    assert!(said.contains("osascript"), "{said}");
}

#[test]
fn a_place_in_volumes_is_the_volume_s_own() {
    let at = |place: &str| super::refusals(&OTHER.replace("/Users/ann/papers", place));
    assert_eq!(at("/Volumes/Papers of Ann"), ["E0801"]);
    assert!(at("/Volumes/papers").is_empty());
}
