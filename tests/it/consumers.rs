//! The real readers of what the targets emit, one file a reader: each hands back what the tool
//! understood, as values to compare with the model, or the tool's complaint. This file has the one
//! way to start a tool: in a sandbox without a network, on a copy of the machine that forgets.

#![allow(clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub mod ansible;
pub mod backup;
pub mod caddy;
pub mod chezmoi;
pub mod clustershell;
pub mod cockpit;
pub mod compose;
pub mod dnsmasq;
pub mod dockerd;
pub mod docs;
pub mod fstab;
pub mod headscale;
pub mod hosts;
pub mod mise;
pub mod plist;
pub mod powershell;
pub mod prometheus;
pub mod samba;
pub mod sandbox;
pub mod shell;
pub mod ssh;
pub mod systemd;
pub mod tmux;

/// Whether a test has to be left out, because one of the `tools` that it needs, or the sandbox, is
/// not there. Says so; where `CI=true` that is a failure, so that CI cannot pass by lacking tools.
///
/// A name is a program's (`caddy`), a library's (`libnss_wrapper.so`), or that of something in the
/// cache of `.ci/consumers.sh` (`debian-root`).
pub fn missing(tools: &[&str]) -> bool {
    let mut reasons: Vec<String> = tools
        .iter()
        .filter(|name| tool(name).is_none())
        .map(|name| format!("{name} is not installed"))
        .collect();
    if let Err(why) = sandboxed() {
        reasons.push(format!("there is no sandbox: {why}"));
    }
    let Some(line) = excuse(&reasons, std::env::var("CI").as_deref() == Ok("true")) else {
        return false;
    };
    tell(&line);
    true
}

/// Past the test harness, which would swallow the line of a test that passes.
pub fn tell(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("standard error takes a line");
}

fn excuse(reasons: &[String], ci: bool) -> Option<String> {
    let reasons = reasons.join(", ");
    assert!(reasons.is_empty() || !ci, "{reasons}: CI must have it (see .ci/consumers.sh)");
    (!reasons.is_empty()).then(|| format!("skipped: {reasons}"))
}

/// Where a tool is.
pub fn tool(name: &str) -> Option<PathBuf> {
    let found = |folder: PathBuf| Some(folder.join(name)).filter(|path| path.exists());
    if name.ends_with(".so") {
        let root = ["/usr/lib", "/usr/lib64"].map(PathBuf::from);
        let below = root.iter().filter_map(|folder| folder.read_dir().ok()).flatten();
        let mut folders: Vec<PathBuf> = below.flatten().map(|entry| entry.path()).collect();
        folders.extend(root.clone());
        return folders.into_iter().find_map(found);
    }
    search_path().into_iter().chain([cache()]).find_map(found)
}

fn search_path() -> Vec<PathBuf> {
    let cache = cache();
    let mut path: Vec<PathBuf> =
        ["bin", "venv/bin", "npm/node_modules/.bin"].map(|bin| cache.join(bin)).into();
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    path.extend(
        ["/usr/sbin", "/sbin", "/usr/lib/cockpit", "/usr/lib/systemd/system-generators"]
            .map(PathBuf::from),
    );
    path
}

/// The folder that `.ci/consumers.sh` fills.
fn cache() -> PathBuf {
    let home = || Path::new(&std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    match std::env::var_os("COLAB_CONSUMERS") {
        Some(folder) => PathBuf::from(folder),
        None => home().join("colab-consumers"),
    }
}

/// A script beside the samples, in tests/consumers/.
pub fn driver(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/consumers").join(name)
}

/// Whether the sandbox works here. It takes Linux and root: nobody else may lay a copy of the
/// machine over the machine.
fn sandboxed() -> Result<(), String> {
    static ANSWER: OnceLock<Result<(), String>> = OnceLock::new();
    ANSWER
        .get_or_init(|| {
            if !rustix::process::geteuid().is_root() {
                return Err("only root can make one".into());
            }
            for name in ["unshare", "ip", "chroot", "hostname"] {
                tool(name).ok_or(format!("{name} is not installed"))?;
            }
            Scratch::new().call("true").fine().map(drop)
        })
        .clone()
}

/// A folder that is gone when the test is over.
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub fn new() -> Scratch {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("colab-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(path.join("home")).expect("the temporary folder is writable");
        Scratch { path }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let folder = path.parent().expect("a file has a folder");
        std::fs::create_dir_all(folder).expect("the scratch folder is writable");
        std::fs::write(&path, content).expect("the scratch folder is writable");
        path
    }

    /// A file at an absolute path of the machine that the sandbox shows.
    pub fn machine(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        self.write(&format!("root/{}", path.trim_start_matches('/')), content);
        path.into()
    }

    /// A program, for a tool to find: scratch folders' `bin` comes first in its search path.
    pub fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.write(&format!("bin/{name}"), script);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, mode).expect("the file is ours");
        path
    }

    /// Copies a folder into this one. Links stay links.
    pub fn copy(&self, from: &Path, to: &str) -> PathBuf {
        let target = self.path(to);
        copy(from, &target).expect("the folder can be read, the scratch folder written");
        target
    }

    /// Every file below a folder of this one, by its path there.
    pub fn files(&self, below: &str) -> BTreeMap<String, File> {
        let base = self.path(below);
        let mut files = BTreeMap::new();
        let mut folders = vec![base.clone()];
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().into_iter().flatten().flatten() {
                let path = entry.path();
                let data = entry.metadata().expect("the file is ours");
                if data.is_dir() {
                    folders.push(path);
                    continue;
                }
                let content = if data.is_symlink() {
                    let target = std::fs::read_link(&path).expect("the link is ours");
                    target.into_os_string().into_encoded_bytes()
                } else if data.is_file() {
                    std::fs::read(&path).expect("the file is ours")
                } else {
                    Vec::new()
                };
                let mode = data.permissions().mode() & 0o7777;
                let name = path.strip_prefix(&base).expect("it is below the base");
                files.insert(name.to_string_lossy().into_owned(), File { mode, content });
            }
        }
        files
    }

    /// A program to start in the sandbox, with this folder as its working directory and `home` in it
    /// as its home: the only folder whose changes outlive it.
    pub fn call(&self, program: impl AsRef<OsStr>) -> Call<'_> {
        Call {
            scratch: self,
            words: vec![program.as_ref().into()],
            env: BTreeMap::new(),
            host: "sandbox".into(),
            addresses: Vec::new(),
            limit: Duration::from_secs(60),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What a tool locked away is not worth a failure: the system clears its temporary folder.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let kind = from.symlink_metadata()?.file_type();
    if kind.is_symlink() {
        std::os::unix::fs::symlink(std::fs::read_link(from)?, to)
    } else if kind.is_dir() {
        std::fs::create_dir_all(to)?;
        from.read_dir()?.try_for_each(|entry| {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))
        })
    } else {
        std::fs::copy(from, to).map(drop)
    }
}

/// What stands in a file, or where a symbolic link leads.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    pub mode: u32,
    pub content: Vec<u8>,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{:04o} {:?}", self.mode, String::from_utf8_lossy(&self.content))
    }
}

/// A program about to run in the sandbox. There, `lo` is all the network there is; it carries the
/// addresses given, so that emitted files run verbatim and reach nobody. Every process that the
/// program leaves behind ends with it.
pub struct Call<'a> {
    scratch: &'a Scratch,
    words: Vec<OsString>,
    env: BTreeMap<OsString, OsString>,
    host: String,
    addresses: Vec<IpAddr>,
    limit: Duration,
}

impl Call<'_> {
    pub fn arg(mut self, word: impl AsRef<OsStr>) -> Self {
        self.words.push(word.as_ref().into());
        self
    }

    pub fn args<W: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.words.extend(words.into_iter().map(|word| word.as_ref().into()));
        self
    }

    /// Beside these, a program sees only PATH, HOME, LANG and TZ.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.insert(name.as_ref().into(), value.as_ref().into());
        self
    }

    pub fn host(mut self, name: &str) -> Self {
        self.host = name.into();
        self
    }

    pub fn addresses<'i>(mut self, addresses: impl IntoIterator<Item = &'i IpAddr>) -> Self {
        self.addresses.extend(addresses);
        self.addresses.sort();
        self.addresses.dedup();
        self
    }

    pub fn seconds(mut self, seconds: u64) -> Self {
        self.limit = Duration::from_secs(seconds);
        self
    }

    /// Runs it, and fails unless it ends with status 0.
    pub fn fine(self) -> Result<Heard, String> {
        let program = self.words[0].to_string_lossy().into_owned();
        let heard = self.run()?;
        match heard.status {
            0 => Ok(heard),
            status => Err(format!("{program} ended with {status}\n{}{}", heard.out, heard.err)),
        }
    }

    /// Runs it, and fails unless it ends with status 0 and has nothing to say on standard error:
    /// for the tools that warn where they should refuse.
    pub fn silent(self) -> Result<Heard, String> {
        let heard = self.fine()?;
        if heard.err.trim().is_empty() { Ok(heard) } else { Err(heard.err) }
    }

    /// Runs it. Fails only where it does not end in time.
    pub fn run(self) -> Result<Heard, String> {
        let mut child = self.command().spawn().map_err(|fault| format!("unshare: {fault}"))?;
        let group = rustix::process::Pid::from_child(&child);
        let out = gather(child.stdout.take().expect("it is piped"));
        let err = gather(child.stderr.take().expect("it is piped"));
        let end = Instant::now() + self.limit;
        let status = loop {
            if let Some(status) = child.try_wait().map_err(|fault| fault.to_string())? {
                break Some(status);
            }
            if Instant::now() > end {
                // `unshare` takes process 1 with it, and so everything inside.
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
                let _ = child.wait();
                break None;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let text = |thread: std::thread::JoinHandle<Vec<u8>>| {
            String::from_utf8_lossy(&thread.join().expect("reading does not panic")).into_owned()
        };
        let (out, err) = (text(out), text(err));
        match status {
            Some(status) => Ok(Heard { status: status.code().unwrap_or(-1), out, err }),
            None => Err(format!(
                "{} did not end within {} s\n{out}{err}",
                self.words[0].to_string_lossy(),
                self.limit.as_secs()
            )),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child"]);
        command.arg("--").arg("/bin/sh").arg(driver("alone.sh"));
        let addresses: Vec<String> = self.addresses.iter().map(IpAddr::to_string).collect();
        command.arg(&self.scratch.path).arg(cache()).arg(&self.host).arg(addresses.join(" "));
        command.args(&self.words);
        let mut path = vec![self.scratch.path("bin")];
        path.extend(search_path());
        command
            .env_clear()
            .env("PATH", std::env::join_paths(path).expect("no folder's name holds a colon"))
            .env("HOME", self.scratch.path("home"))
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .envs(&self.env)
            .current_dir(&self.scratch.path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        command
    }
}

fn gather(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came before a fault is still worth showing.
        let _ = from.read_to_end(&mut bytes);
        bytes
    })
}

/// How a program ended, and what it said.
#[derive(Debug)]
pub struct Heard {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Heard {
    /// Standard output as JSON.
    pub fn json(&self) -> Result<serde_json::Value, String> {
        serde_json::from_str(&self.out).map_err(|fault| format!("{fault} in\n{}", self.out))
    }
}

/// Every broken copy must be refused by the reader that takes the sound one.
pub fn refuses<F: std::fmt::Debug>(
    read: impl Fn(&str) -> Result<F, String>,
    sound: &str,
    breaks: &[(&str, &str)],
) {
    read(sound).expect("the sound copy is read");
    for (from, to) in breaks {
        assert!(sound.contains(from), "the sound copy does not hold {from:?}");
        let broken = sound.replace(from, to);
        if let Ok(facts) = read(&broken) {
            panic!("with {to:?} for {from:?} it was still read, as\n{facts:#?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_skipped_but_not_in_ci() {
        let reasons = [String::from("caddy is not installed")];
        assert_eq!(excuse(&[], true), None);
        assert_eq!(excuse(&reasons, false).unwrap(), "skipped: caddy is not installed");
        std::panic::catch_unwind(|| excuse(&reasons, true)).unwrap_err();
        assert_eq!(tool("no-program-has-this-name"), None);
    }

    #[test]
    fn a_reader_that_takes_everything_is_found_out() {
        let takes = |text: &str| Ok::<String, String>(text.into());
        std::panic::catch_unwind(|| refuses(takes, "a b", &[("a", "c")])).unwrap_err();
        std::panic::catch_unwind(|| refuses(takes, "a b", &[("x", "c")])).unwrap_err();
    }
}
