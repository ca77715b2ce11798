//! The server in a real editor: a headless Neovim on the repository's cluster.

use super::random::own_cluster;
use super::{folder, server, write};
use crate::ratchet::root;

#[test]
fn neovim_works_with_the_server() {
    if crate::consumers::missing(&["nvim"]) {
        return;
    }
    let home = folder("neovim");
    write(&home, &own_cluster());
    let script = root().join("editors/neovim/lsp.lua");
    let program = crate::consumers::tool("nvim").expect("it was looked for");
    let output = std::process::Command::new(program)
        .args(["--headless", "-u", "NONE", "-i", "NONE", "-n", "-c"])
        .arg(format!("luafile {}", script.display()))
        .current_dir(&home)
        .env("COLABC", server())
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_STATE_HOME", home.join("state"))
        .output()
        .expect("Neovim runs");
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout)
    );
}
