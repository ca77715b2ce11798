//! The scripts around restic, whose repository is the destination.

use super::Plan;
use super::scripts::{around, head};
use crate::formats::script::{Line, Word};
use crate::formats::shell::quote;
use crate::targets::shared_mounts::bracketed;
use crate::targets::shared_secrets::FOLDER;
use std::net::IpAddr;

/// The file of the repository's password, below `/run/colab`.
pub(super) fn password(name: &str) -> String {
    format!("backup-{name}.password")
}

/// A repository on another node.
pub(super) fn far(user: &str, address: IpAddr, port: i64, path: &str) -> String {
    let host = bracketed(address);
    match port {
        22 => format!("sftp:{user}@{host}:{path}"),
        port => format!("sftp://{user}@{host}:{port}/{path}"),
    }
}

fn start<'a>(plan: &Plan<'a>) -> Vec<Line<'a>> {
    let mut lines = head(plan);
    let path = format!("{FOLDER}/{}", password(plan.name));
    lines.push(Line::set("RESTIC_PASSWORD_FILE", Word::text(path)));
    lines.push(Line::code("RESTIC_REPOSITORY=\"${target}\""));
    // A service of root has no home: without a place for its cache restic reads all of the repository's index each time.
    lines.push(Line::code("RESTIC_CACHE_DIR=/var/cache/colab/restic"));
    lines.push(Line::code("export RESTIC_PASSWORD_FILE RESTIC_REPOSITORY RESTIC_CACHE_DIR"));
    if plan.target.starts_with("sftp:") {
        // Root's own key opens the other node's account; nobody is there to be asked.
        lines.push(Line::block(
            [Word::Code("restic() {")],
            vec![Line::code(
                "command restic -o sftp.args='-o BatchMode=yes -o StrictHostKeyChecking=accept-new' \"$@\"",
            )],
            "}",
        ));
    }
    lines
}

/// `--tag NAME`: another backup may share the repository.
fn tag<'a>(plan: &Plan<'a>) -> [Word<'a>; 2] {
    [Word::Code("--tag"), Word::text(plan.name)]
}

/// The command that brings the newest snapshot back.
pub(super) fn restore(plan: &Plan<'_>) -> String {
    let password = format!("{FOLDER}/{}", password(plan.name));
    format!(
        "restic --repo {} --password-file {} restore latest --tag {} --target /",
        quote(&plan.target),
        quote(&password),
        quote(plan.name)
    )
}

pub(super) fn snapshot<'a>(plan: &Plan<'a>) -> Vec<Line<'a>> {
    let mut text = format!("To restore: {}", restore(plan));
    if let Some(own) = plan.host.cluster.text(plan.backup, "restore") {
        text.push('\n');
        text.push_str(own.trim());
    }
    let mut lines = vec![Line::comment(text), Line::blank()];
    lines.extend(start(plan));
    lines.extend(around(plan));
    lines.push(Line::code("restic cat config > /dev/null 2>&1 || restic init"));
    let mut words = vec![Word::Code("restic backup")];
    words.extend(tag(plan));
    words.extend(plan.raw());
    let roots = || plan.sources.iter().map(|source| source.path.trim_end_matches('/'));
    for (pattern, origin) in plan.commands("exclude") {
        // As rsync means it, a slash in front is the source's; to restic it is the machine's.
        let patterns = match pattern.starts_with('/') {
            true => roots().map(|root| format!("{}{pattern}", plain(root))).collect(),
            false => vec![pattern.to_string()],
        };
        words.extend(patterns.iter().map(|p| Word::text(format!("--exclude={p}")).of(origin)));
    }
    for (source, root) in plan.sources.iter().zip(roots()) {
        for path in &source.left_out {
            words.push(Word::text(format!("--exclude={}", plain(&format!("{root}{path}")))));
        }
    }
    words.push(Word::Code("\"$@\" --"));
    words.extend(
        plan.sources.iter().map(|source| Word::text(source.path.clone()).of(source.origin)),
    );
    if !plan.dumps.is_empty() {
        words.push(Word::text(plan.dump_folder()));
    }
    lines.push(Line::words(words).at(plan.target_origin));
    lines
}

/// A path as a pattern that means itself alone.
fn plain(path: &str) -> String {
    let mut pattern = String::new();
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

pub(super) fn prune<'a>(plan: &Plan<'a>) -> Vec<Line<'a>> {
    let mut lines = start(plan);
    // By its groups of paths restic would keep so many of each, and for ever those of paths that are no longer saved.
    let mut words = vec![Word::Code("restic forget --prune --group-by=")];
    words.extend(tag(plan));
    for (class, count, _) in plan.keep() {
        words.push(Word::text(format!("--keep-{class}={count}")));
    }
    lines.push(Line::words(words));
    lines
}

pub(super) fn verify<'a>(plan: &Plan<'a>) -> Vec<Line<'a>> {
    let mut lines = start(plan);
    lines.push(Line::code("restic check --read-data-subset=5%"));
    lines
}
