//! The scripts around rsync: snapshot, dumps, retention, reading back. Names of snapshots are times
//! of UTC, so that their order is that of time on every day of the year.

use super::{Method, Plan};
use crate::formats::script::{Line, Word};

/// The head of a script: where, whether it is there, and that nobody else is at it.
pub(super) fn head<'a>(plan: &Plan<'a>) -> Vec<Line<'a>> {
    let target = plan.target.trim_end_matches('/').to_string();
    let mut lines = vec![Line::set("target", Word::text(target)).at(plan.target_origin)];
    lines.extend(guard(plan));
    lines
}

fn guard<'a>(plan: &Plan<'a>) -> Vec<Line<'a>> {
    let mut lines = vec![Line::code("umask 077")];
    for mount in &plan.mounts {
        // A copy onto the folder below a mount would fill the wrong disk; a copy of the folder
        // below one would be empty.
        lines.push(Line::block(
            [
                Word::Code("if ! mountpoint -q"),
                Word::text(mount.path.clone()),
                Word::Code("; then"),
            ],
            vec![
                Line::words([
                    Word::Code("echo"),
                    Word::text(format!("{} is not mounted", mount.path)),
                    Word::Code(">&2"),
                ]),
                Line::code("exit 1"),
            ],
            "fi",
        ));
    }
    let lock = format!("/run/colab-backup-{}.lock", plan.name);
    lines.push(Line::words([Word::Code("exec 9>"), Word::text(lock)]));
    lines.push(Line::code("flock 9"));
    lines.push(Line::blank());
    lines
}

/// How to get things back, for whoever opens the script in need.
fn hints<'a>(plan: &Plan<'a>) -> Vec<Line<'a>> {
    let mut text = String::from("To restore, stop what uses the data, then:");
    let restore = plan.restore();
    for command in restore.commands {
        text.push_str(&format!("\n  {command}"));
    }
    for (service, dump) in restore.dumps {
        text.push_str(&format!("\n  {dump} is the dump of {service}"));
    }
    if let Some(own) = plan.host.cluster.text(plan.backup, "restore") {
        text.push('\n');
        text.push_str(own.trim());
    }
    vec![Line::comment(text), Line::blank()]
}

/// The commands of the sources, round all copies: what is stopped before is started again after,
/// whatever happens between.
pub(super) fn around<'a>(plan: &Plan<'a>) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let after = plan.commands("after");
    if !after.is_empty() {
        let mut body = vec![Line::code("status=$?"), Line::code("trap - EXIT")];
        for (command, origin) in after {
            let words = [Word::Code("sh -c"), Word::text(command), Word::Code("|| status=1")];
            body.push(Line::words(words).at(origin));
        }
        body.push(Line::code("exit \"${status}\""));
        lines.push(Line::block([Word::Code("finish() {")], body, "}"));
        lines.push(Line::code("trap finish EXIT"));
    }
    for (command, origin) in plan.commands("before") {
        lines.push(Line::words([Word::Code("sh -c"), Word::text(command)]).at(origin));
    }
    if !lines.is_empty() {
        lines.push(Line::blank());
    }
    lines
}

/// `--exclude=PATTERN` for what the sources leave out, and for what is left out of one of them.
fn options<'a>(plan: &Plan<'a>, source: usize) -> Vec<Word<'a>> {
    let without = |pattern: &str| Word::text(format!("--exclude={pattern}"));
    let mut options: Vec<Word> = plan.raw().collect();
    let stated = plan.commands("exclude").into_iter();
    options.extend(stated.map(|(pattern, origin)| without(pattern).of(origin)));
    options.extend(plan.sources[source].left_out.iter().map(|path| without(&anchored(path))));
    options
}

/// A folder as a pattern that means itself alone.
fn anchored(path: &str) -> String {
    let wild = path.contains(['*', '?', '[']);
    let mut pattern = String::new();
    for c in path.chars() {
        if wild && matches!(c, '*' | '?' | '[' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('/');
    pattern
}

/// A call of a function of the script for each source: `NAME FROM FOLDER OPTIONS... "$@"`.
fn each<'a>(plan: &Plan<'a>, function: &'static str) -> Vec<Line<'a>> {
    let call = |at: usize| {
        let source = &plan.sources[at];
        let mut words = vec![
            Word::Code(function),
            Word::text(source.path.trim_end_matches('/').to_string()),
            Word::text(source.name.clone()),
        ];
        words.extend(options(plan, at));
        words.push(Word::Code("\"$@\""));
        Line::words(words).at(source.origin)
    };
    (0..plan.sources.len()).map(call).collect()
}

/// Files that vanish while they are copied are how live data is.
const VANISHED: &str = "|| { status=$?; [ \"${status}\" -eq 24 ] || exit \"${status}\"; }";

pub(super) fn snapshot<'a>(plan: &Plan<'a>) -> Vec<Line<'a>> {
    let mut lines = hints(plan);
    lines.extend(head(plan));
    lines.extend(around(plan));
    lines.push(Line::code("mkdir -p \"${target}\""));
    if plan.method() == Method::Copy {
        lines.push(Line::block(
            [Word::Code("copy() {")],
            vec![
                Line::code("from=\"$1\" name=\"$2\""),
                Line::code("shift 2"),
                Line::code("mkdir -p \"${target}/${name}\""),
                Line::words([
                    Word::Code("rsync -aHAX --numeric-ids --delete-delay \"$@\" \"${from}/\" \"${target}/${name}/\""),
                    Word::Code(VANISHED),
                ]),
            ],
            "}",
        ));
        lines.extend(each(plan, "copy"));
        return lines;
    }
    lines.extend([
        Line::code("partial=\"${target}/.partial\""),
        Line::code("previous=\"$(readlink \"${target}/latest\" || true)\""),
        Line::code("now=\"$(date -u +%Y-%m-%dT%H%M%SZ)\""),
        Line::comment("Two timers may ask in one second: one name, one snapshot."),
        Line::block(
            [Word::Code("while [ -e \"${target}/${now}\" ]; do")],
            vec![Line::code("sleep 1"), Line::code("now=\"$(date -u +%Y-%m-%dT%H%M%SZ)\"")],
            "done",
        ),
        Line::comment("What an earlier run left behind shares files with good snapshots: it is no place to go on in."),
        Line::code("rm -rf \"${partial}\""),
        Line::code("mkdir \"${partial}\""),
        Line::code(": > \"${partial}/.started\""),
        Line::block(
            [Word::Code("copy() {")],
            vec![
                Line::code("from=\"$1\" name=\"$2\""),
                Line::code("shift 2"),
                Line::code("mkdir -p \"${partial}/${name}\""),
                Line::block(
                    [Word::Code("if [ -n \"${previous}\" ] && [ -d \"${target}/${previous}/${name}\" ]; then")],
                    vec![Line::code("set -- \"--link-dest=${target}/${previous}/${name}/\" \"$@\"")],
                    "fi",
                ),
                Line::words([
                    Word::Code("rsync -aHAX --numeric-ids \"$@\" \"${from}/\" \"${partial}/${name}/\""),
                    Word::Code(VANISHED),
                ]),
            ],
            "}",
        ),
    ]);
    lines.extend(each(plan, "copy"));
    if !plan.dumps.is_empty() {
        lines.push(Line::block(
            [Word::Code("if [ -d \"${target}/dumps\" ]; then")],
            vec![Line::code("cp -al \"${target}/dumps\" \"${partial}/dumps\"")],
            "fi",
        ));
    }
    lines.extend([
        Line::blank(),
        Line::comment("From here on it is a snapshot: all of it, by one name."),
        Line::code("sync -f \"${partial}\""),
        Line::code("mv -T \"${partial}\" \"${target}/${now}\""),
        Line::code("ln -sfn \"${now}\" \"${target}/.latest\""),
        Line::code("mv -T \"${target}/.latest\" \"${target}/latest\""),
    ]);
    lines
}

pub(super) fn dumps<'a>(plan: &Plan<'a>) -> Vec<Line<'a>> {
    let mut lines = vec![Line::set("dumps", Word::text(plan.dump_folder()))];
    lines.extend(guard(plan));
    lines.extend([
        Line::code("failed=0"),
        Line::code("mkdir -p \"${dumps}\""),
        Line::comment("PROJECT CONTAINER COMMAND...: the old dump stays until the new one is whole."),
        Line::block(
            [Word::Code("dump() {")],
            vec![
                Line::code("project=\"$1\" name=\"$2\""),
                Line::code("shift 2"),
                Line::code("id=\"$(docker ps --quiet --filter \"label=com.docker.compose.project=${project}\" \\\n    --filter \"label=com.docker.compose.service=${name}\" | head -n 1)\""),
                Line::block(
                    [Word::Code("if [ -z \"${id}\" ]; then")],
                    vec![
                        Line::code("echo \"${name} does not run: no dump of it\" >&2"),
                        Line::code("failed=1"),
                        Line::code("return 0"),
                    ],
                    "fi",
                ),
                Line::block(
                    [Word::Code("if docker exec \"${id}\" \"$@\" > \"${dumps}/.${name}.partial\" && [ -s \"${dumps}/.${name}.partial\" ]; then")],
                    vec![
                        Line::code("sync \"${dumps}/.${name}.partial\""),
                        Line::code("mv -f \"${dumps}/.${name}.partial\" \"${dumps}/${name}.dump\""),
                    ],
                    "else",
                ),
                Line::code("  echo \"the dump of ${name} failed\" >&2"),
                Line::code("  rm -f \"${dumps}/.${name}.partial\""),
                Line::code("  failed=1"),
                Line::code("fi"),
            ],
            "}",
        ),
    ]);
    for dump in &plan.dumps {
        if dump.command.iter().any(|word| word.contains(['$', '`'])) {
            lines.push(Line::comment(
                "shellcheck disable=SC2016 # the container's shell expands it",
            ));
        }
        let mut words = vec![
            Word::Code("dump"),
            Word::text(dump.project.clone()),
            Word::text(dump.service.clone()),
        ];
        words.extend(dump.command.iter().map(|word| Word::text(*word)));
        lines.push(Line::words(words).at(dump.origin));
    }
    lines.push(Line::code("exit \"${failed}\""));
    lines
}

pub(super) fn prune<'a>(plan: &Plan<'a>) -> Vec<Line<'a>> {
    let mut lines = head(plan);
    lines.push(Line::comment("Newest first."));
    lines.push(Line::code("names=''"));
    lines.push(Line::block(
        [Word::Code("for path in \"${target}\"/[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z; do")],
        vec![
            Line::code("[ -d \"${path}\" ] || continue"),
            Line::code("names=\"${path##*/} ${names}\""),
        ],
        "done",
    ));
    lines.extend([
        Line::comment(
            "The newest is kept whatever the others are: the next snapshot is linked to it.",
        ),
        Line::code("kept=\" ${names%% *} \""),
        Line::comment(
            "COUNT CLASS: the newest of each of so many hours, days, weeks, months, years.",
        ),
        Line::block(
            [Word::Code("keep() {")],
            vec![
                Line::code("left=\"$1\""),
                Line::code("last=''"),
                Line::block(
                    [Word::Code("for name in ${names}; do")],
                    vec![
                        Line::code("[ \"${left}\" -gt 0 ] || break"),
                        Line::block(
                            [Word::Code("case \"$2\" in")],
                            vec![
                                Line::code("hourly) this=\"${name%????Z}\" ;;"),
                                Line::code("daily) this=\"${name%T*}\" ;;"),
                                Line::code(
                                    "weekly) this=\"$(date -u -d \"${name%T*}\" +%G-%V)\" ;;",
                                ),
                                Line::code("monthly) this=\"${name%-*}\" ;;"),
                                Line::code("*) this=\"${name%%-*}\" ;;"),
                            ],
                            "esac",
                        ),
                        Line::code("[ \"${this}\" != \"${last}\" ] || continue"),
                        Line::code("last=\"${this}\""),
                        Line::code("left=$((left - 1))"),
                        Line::code("kept=\"${kept}${name} \""),
                    ],
                    "done",
                ),
            ],
            "}",
        ),
    ]);
    for (class, count, origin) in plan.keep() {
        let words = [Word::Code("keep"), Word::text(count.to_string()), Word::Code(class)];
        lines.push(Line::words(words).at(origin));
    }
    lines.extend([
        Line::blank(),
        Line::comment("Under another name first, so that what is half gone is no snapshot."),
        Line::code("rm -rf \"${target:?}/.doomed\""),
        Line::block(
            [Word::Code("for name in ${names}; do")],
            vec![
                Line::block(
                    [Word::Code("case \"${kept}\" in")],
                    vec![Line::code("*\" ${name} \"*) continue ;;")],
                    "esac",
                ),
                Line::code("mv -T \"${target}/${name}\" \"${target}/.doomed\""),
                Line::code("rm -rf \"${target:?}/.doomed\""),
            ],
            "done",
        ),
    ]);
    lines
}

/// Compares by content what has not changed since: a difference there is a fault of the disk.
pub(super) fn verify<'a>(plan: &Plan<'a>) -> Vec<Line<'a>> {
    let mut lines = head(plan);
    if plan.method() == Method::Copy {
        lines.push(Line::code("snapshot=\"${target}\""));
        lines.push(Line::code("since=\"${target}\""));
    } else {
        lines.push(Line::code("snapshot=\"${target}/$(readlink \"${target}/latest\")\""));
        lines.push(Line::code("since=\"${snapshot}/.started\""));
    }
    lines.extend([
        Line::code("failed=0"),
        Line::code("list=\"$(mktemp)\""),
        Line::code("trap 'rm -f \"${list}\"' EXIT"),
        Line::block(
            [Word::Code("compare() {")],
            vec![
                Line::code("from=\"$1\" name=\"$2\""),
                Line::code("shift 2"),
                Line::code("rsync -rn --checksum --existing --no-links --out-format=%n \"$@\" \"${from}/\" \"${snapshot}/${name}/\" > \"${list}\""),
                Line::block(
                    [Word::Code("while IFS= read -r file; do")],
                    vec![Line::block(
                        [Word::Code("if [ -f \"${from}/${file}\" ] && [ -z \"$(find \"${from}/${file}\" -newer \"${since}\")\" ]; then")],
                        vec![
                            Line::code("echo \"${name}/${file} is not what it was when it was saved\" >&2"),
                            Line::code("failed=1"),
                        ],
                        "fi",
                    )],
                    "done < \"${list}\"",
                ),
            ],
            "}",
        ),
    ]);
    lines.extend(each(plan, "compare"));
    lines.push(Line::code("exit \"${failed}\""));
    lines
}
