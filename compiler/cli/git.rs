//! What a revision of the repository holds below a folder, read with the git program. Nothing is
//! checked out, and git is asked for nothing else.

use super::disk::cause;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// The files of `revision` below `folder` of `root`, by their paths below it; or what git said.
pub fn files(
    root: &Path,
    revision: &str,
    folder: &str,
) -> Result<BTreeMap<Arc<str>, Vec<u8>>, String> {
    let commit = format!("{revision}^{{commit}}");
    // A revision that begins with a dash would be an option.
    let commit = ask(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit], b"")
        .map_err(|said| match said.is_empty() {
            true => format!("git knows no revision `{revision}` here"),
            false => said,
        })?;
    let commit = String::from_utf8_lossy(&commit).trim().to_owned();
    let listed = ask(root, &["ls-tree", "-r", "-z", &commit, "--", folder], b"")?;
    let mut names = Vec::new();
    let mut wanted = Vec::new();
    for entry in listed.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
        let entry = String::from_utf8_lossy(entry);
        let Some((meta, path)) = entry.split_once('\t') else { continue };
        let mut words = meta.split(' ').skip(1);
        if let (Some("blob"), Some(id)) = (words.next(), words.next()) {
            let below = path.strip_prefix(folder).map_or(path, |rest| rest.trim_start_matches('/'));
            names.push(Arc::from(below));
            wanted.extend_from_slice(format!("{id}\n").as_bytes());
        }
    }
    let found = ask(root, &["cat-file", "--batch"], &wanted)?;
    contents(names, &found).ok_or_else(|| "git answered in a way that was not understood".into())
}

/// The names of branches and tags, for whoever mistypes one.
pub fn branches(root: &Path) -> Result<Vec<String>, String> {
    let said = ask(root, &["for-each-ref", "--format=%(refname:short)"], b"")?;
    Ok(String::from_utf8_lossy(&said).lines().map(str::to_owned).collect())
}

/// For each file a line with its size, its bytes, and a newline.
fn contents(names: Vec<Arc<str>>, mut found: &[u8]) -> Option<BTreeMap<Arc<str>, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for name in names {
        let end = found.iter().position(|byte| *byte == b'\n')?;
        let size = std::str::from_utf8(&found[..end]).ok()?.rsplit(' ').next()?;
        let (from, size) = (end + 1, size.parse::<usize>().ok()?);
        files.insert(name, found.get(from..from + size)?.to_vec());
        found = found.get(from + size + 1..)?;
    }
    Some(files)
}

fn ask(root: &Path, args: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
    let mut child = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(args)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "there is no `git` in `PATH`".to_owned(),
            _ => format!("git does not start: {}", cause(&error)),
        })?;
    let stdin = child.stdin.take();
    // It may answer before it has read all: somebody has to listen meanwhile.
    let done = std::thread::scope(|scope| {
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
        child.wait_with_output()
    });
    let done = done.map_err(|error| format!("git does not answer: {error}"))?;
    match done.status.success() {
        true => Ok(done.stdout),
        // What git says after its first line is advice for people who called git.
        false => {
            let said = String::from_utf8_lossy(&done.stderr);
            let first = said.trim().lines().next().unwrap_or_default();
            let first = first.trim_start_matches("fatal: ");
            Err(match first.starts_with("not a git repository") {
                true => "this is no git repository".to_owned(),
                false => first.to_owned(),
            })
        }
    }
}
