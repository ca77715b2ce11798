//! The sandbox itself: what must hold for every tool that is started in it.

use super::{Scratch, missing};
use std::net::IpAddr;
use std::time::Instant;

/// What bash says about a connection to each of `targets`, from a sandbox with `addresses`.
fn connect(addresses: &[&str], targets: &[&str]) -> Vec<String> {
    let scratch = Scratch::new();
    let addresses: Vec<IpAddr> =
        addresses.iter().map(|text| text.parse().expect("an address")).collect();
    targets
        .iter()
        .map(|target| {
            let call = scratch.call("bash").args(["-c", ": > \"/dev/tcp/$0/80\"", target]);
            let heard = call.addresses(&addresses).run().expect("it ends");
            assert_ne!(heard.status, 0);
            heard.err
        })
        .collect()
}

#[test]
fn nothing_leaves_it() {
    if missing(&["bash"]) {
        return;
    }
    let targets =
        ["192.168.254.10", "192.168.254.11", "100.64.0.1", "9.9.9.9", "fd10::1", "fd10::2"];
    for said in connect(&[], &targets) {
        assert!(said.contains("Network is unreachable"), "{said}");
    }
    let said = connect(&["192.168.254.10", "fd10::1"], &targets);
    for (target, said) in targets.iter().zip(said) {
        let own = ["192.168.254.10", "fd10::1"].contains(target);
        let wanted = if own { "Connection refused" } else { "Network is unreachable" };
        assert!(said.contains(wanted), "{target}: {said}");
    }
}

#[test]
fn no_socket_of_the_machine_is_in_it() {
    if missing(&["find"]) {
        return;
    }
    let scratch = Scratch::new();
    let heard = scratch.call("find").args(["/run", "/tmp", "-type", "s"]).fine().unwrap();
    assert_eq!(heard.out, "");
}

#[test]
fn a_write_stays_in_it() {
    if missing(&["sh"]) {
        return;
    }
    let scratch = Scratch::new();
    let name = format!("/usr/colab-{}", std::process::id());
    let script = "echo inside > \"$0\" && cat \"$0\" && hostname && echo kept > here";
    let heard = scratch.call("sh").args(["-c", script, &name]).host("director").fine().unwrap();
    assert_eq!(heard.out, "inside\ndirector\n");
    assert!(!std::path::Path::new(&name).exists());
    assert_eq!(scratch.files("")["here"].content, b"kept\n");
}

#[test]
fn a_program_that_hangs_is_ended_with_all_it_started() {
    if missing(&["sh"]) {
        return;
    }
    let scratch = Scratch::new();
    let script = "(while :; do date +%N > beat; sleep 0.01; done) & sleep 1000";
    let started = Instant::now();
    let fault = scratch.call("sh").args(["-c", script]).seconds(1).run().unwrap_err();
    assert!(fault.contains("did not end within 1 s"), "{fault}");
    // The sleep alone would take a quarter of an hour.
    assert!(started.elapsed().as_secs() < 900);
    let beat = || std::fs::read(scratch.path("beat")).unwrap();
    let last = beat();
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(beat(), last);
}
