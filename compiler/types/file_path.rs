//! Places in a file system: POSIX and Windows paths, drives, devices.

use super::{Why, is_set_aside, outer_spaces, shown, stranger};

/// The longest path that each system takes: macOS has room for 1,024 bytes with a last one of its own,
/// Linux and Windows for more. Paths that follow from one, such as those below a home, fit too.
pub const LONGEST_PATH: usize = 1023;
/// The longest name in a path, on all of them.
pub const LONGEST_NAME: usize = 255;

/// An absolute POSIX path in its one plain spelling.
pub fn path(text: &str) -> Result<(), Why> {
    if text.is_empty() {
        return Err(
            Why::new("expected an absolute path, found nothing").help("such as `/srv/data`")
        );
    }
    one_line(text)?;
    if !text.starts_with('/') {
        let why = Why::new(format!("expected an absolute path, found {}", shown(text)));
        return Err(if text == "~" || text.starts_with("~/") {
            why.help("`~` has no meaning here: write the whole path, from `/`")
        } else if windows_path(text).is_ok() {
            why.help("this is a place on Windows; here stands one on Linux or macOS")
        } else {
            relative(why, text)
        });
    }
    plain(text, text, path)
}

/// `srv/data`, and the whole address that people paste where its path is wanted.
pub(super) fn relative(why: Why, text: &str) -> Why {
    let begins = "an absolute path starts with `/`";
    let meant = match text.split_once("://") {
        Some((_, rest)) => rest.find('/').map(|at| rest[at..].to_owned()),
        None if text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') => {
            Some(format!("/{text}"))
        }
        None => None,
    };
    match meant.filter(|meant| !meant.contains([':', ' ', '$', '\\']) && path(meant).is_ok()) {
        Some(meant) => why.offer(text, &meant, path),
        None => why.help(begins),
    }
}

/// The beginning of a path of a site.
pub fn route(text: &str) -> Result<(), Why> {
    path(text)?;
    if !text.contains('*') {
        return Ok(());
    }
    let why = Why::new(format!("expected the beginning of a path, found `*` in {}", shown(text)));
    Err(match text.strip_suffix("/*") {
        Some(bare) => why.offer(text, if bare.is_empty() { "/" } else { bare }, route),
        None => why.help("a route is for its path and all below it"),
    })
}

/// A path below a place, which it cannot lead out of.
pub fn below(text: &str) -> Result<(), Why> {
    one_line(text)?;
    let steps: Vec<&str> = text.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
    if steps.contains(&"..") {
        return Err(Why::new(format!("expected a path without `..`, found {}", shown(text)))
            .help("write the path that is meant"));
    }
    let right = steps.join("/");
    if right.is_empty() {
        return Err(Why::new(format!("expected a path below the place, found {}", shown(text)))
            .help("such as `data/photos`"));
    }
    if right != text {
        let why = Why::new(format!("expected names with one `/` between, found {}", shown(text)));
        return Err(why.offer(text, &right, below));
    }
    Ok(())
}

/// A path in the home of a user, or an absolute one.
pub fn home_path(text: &str) -> Result<(), Why> {
    let Some(rest) = text.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/'))
    else {
        if let Some(rest) = text.strip_prefix("$HOME") {
            return Err(Why::new("expected a path, found a variable of the shell").offer(
                text,
                &format!("~{rest}"),
                home_path,
            ));
        }
        if text.starts_with('~') {
            return Err(Why::new(format!("expected `~/` or `/` first, found {}", shown(text)))
                .help("`~` is always the home of the file's own user"));
        }
        return if text.starts_with('/') || text.is_empty() {
            path(text)
        } else {
            Err(Why::new(format!("expected `~/` or `/` first, found {}", shown(text))))
        };
    };
    one_line(text)?;
    if rest.is_empty() { Ok(()) } else { plain(rest, text, home_path) }
}

/// No `..`, no `.`, no empty step, no slash at the end.
fn plain(path: &str, whole: &str, check: fn(&str) -> Result<(), Why>) -> Result<(), Why> {
    if path.split('/').any(|step| step == "..") {
        return Err(Why::new(format!("expected a path without `..`, found {}", shown(whole)))
            .help("write the path that is meant"));
    }
    if path == "/" && path == whole {
        return Ok(());
    }
    let fault = if path.contains("//") {
        "expected one slash between two names, found several"
    } else if path.split('/').any(|step| step == ".") {
        "expected a path without `.` as a step"
    } else if path.ends_with('/') {
        "expected no slash at the end"
    } else {
        return Ok(());
    };
    let steps = path.split('/').filter(|step| !matches!(*step, "" | "."));
    let mut right = whole[..whole.len() - path.len()].to_owned();
    for step in steps {
        right.push('/');
        right.push_str(step);
    }
    let right = if right.is_empty() { "/" } else { &right };
    Err(Why::new(format!("{fault}, in {}", shown(whole))).offer(whole, right, check))
}

/// On one line, and no longer than the systems take.
fn one_line(text: &str) -> Result<(), Why> {
    if let Some(found) = stranger(text, |c| !c.is_control()) {
        return Err(Why::new(format!("expected a path on one line, found {found}")));
    }
    // No unit of systemd can hold one, and nobody can write one.
    if let Some(found) = text.chars().find(|&c| is_set_aside(c)) {
        return Err(Why::new(format!(
            "expected a path of characters, found U+{:04X}, which is none",
            u32::from(found)
        )));
    }
    if text.len() > LONGEST_PATH {
        return Err(Why::new(format!(
            "expected a path of at most {LONGEST_PATH} bytes, found {}",
            text.len()
        )));
    }
    match text.split(['/', '\\']).map(str::len).max() {
        Some(longest) if longest > LONGEST_NAME => Err(Why::new(format!(
            "expected names of at most {LONGEST_NAME} bytes in a path, found one of {longest}"
        ))),
        _ => Ok(()),
    }
}

/// `C:\Users\crtr` or `\\host\share\dir`
pub fn windows_path(text: &str) -> Result<(), Why> {
    outer_spaces(text, windows_path)?;
    one_line(text)?;
    let backward = text.replace('/', "\\");
    let starts_at_drive = |t: &str| {
        let b = t.as_bytes();
        b.len() >= 3 && b[0].is_ascii_alphabetic() && b[1] == b':' && b[2] == b'\\'
    };
    let unc = backward.strip_prefix("\\\\");
    let steps = match unc {
        Some(rest) => rest,
        None if starts_at_drive(&backward) => &backward[3..],
        None => {
            let why = Why::new(format!(
                "expected a drive or `\\\\host\\share` first, found {}",
                shown(text)
            ));
            return Err(if drive(text).is_ok() {
                why.replace(format!("{text}\\"))
            } else if backward.starts_with('\\') && !text.starts_with('/') {
                why.offer(text, &format!("\\{backward}"), windows_path)
            } else {
                why.help("such as `C:\\Users\\crtr`")
            });
        }
    };
    if backward != text {
        return Err(Why::new(format!("expected backslashes, found {}", shown(text))).offer(
            text,
            &backward,
            windows_path,
        ));
    }
    if steps.is_empty() && unc.is_none() {
        return Ok(());
    }
    if unc.is_some() && steps.trim_end_matches('\\').split('\\').count() < 2 {
        return Err(Why::new(format!("expected a host and a share, found {}", shown(text)))
            .help("such as `\\\\nas\\media`"));
    }
    if text.ends_with('\\') {
        let bare = text.trim_end_matches('\\');
        return Err(Why::new(format!("expected no backslash at the end, in {}", shown(text)))
            .offer(text, bare, windows_path));
    }
    steps.split('\\').try_for_each(|step| windows_name(step, text))
}

fn windows_name(name: &str, whole: &str) -> Result<(), Why> {
    if name.is_empty() {
        return Err(Why::new(format!(
            "expected one backslash between two names, found several in {}",
            shown(whole)
        )));
    }
    if matches!(name, "." | "..") {
        return Err(Why::new(format!("expected a path without `{name}`, found {}", shown(whole))));
    }
    if let Some(found) = stranger(name, |c| !matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')) {
        return Err(Why::new(format!(
            "expected a name that Windows can hold, found {found} in it"
        )));
    }
    if name.ends_with(['.', ' ']) {
        return Err(Why::new(format!("expected no dot or space at the end of {}", shown(name)))
            .help("Windows drops it, and means another file"));
    }
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    let numbered = |prefix| {
        let number = stem.strip_prefix(prefix);
        number.is_some_and(|n| n.len() == 1 && matches!(n.as_bytes()[0], b'1'..=b'9'))
    };
    if matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT") {
        return Err(Why::new(format!("expected a file, found the device {}", shown(name)))
            .help(format!("to Windows `{stem}` is a device in every folder")));
    }
    Ok(())
}

/// `Z:`
pub fn drive(text: &str) -> Result<(), Why> {
    if let [b'A'..=b'Z', b':'] = text.as_bytes() {
        return Ok(());
    }
    let why = Why::new(format!("expected a drive, found {}", shown(text)));
    let bare = text.trim().trim_end_matches(['\\', '/', ':']);
    Err(match bare.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => {
            why.replace(format!("{}:", char::from(letter.to_ascii_uppercase())))
        }
        _ => why.help("such as `Z:`"),
    })
}

/// `/dev/mmcblk0p1`, or the name alone: `sdb`
pub fn device(text: &str) -> Result<(), Why> {
    outer_spaces(text, device)?;
    if text.starts_with('/') {
        one_line(text)?;
        plain(text, text, device)?;
        return match text.strip_prefix("/dev/") {
            Some(_) => Ok(()),
            None => {
                Err(Why::new(format!("expected a device below `/dev/`, found {}", shown(text))))
            }
        };
    }
    if text.is_empty() {
        return Err(
            Why::new("expected a device, found nothing").help("such as `/dev/sdb` or `sdb`")
        );
    }
    if text.contains('/') {
        let why = Why::new(format!("expected a device, found {}", shown(text)));
        let absolute =
            if text.starts_with("dev/") { format!("/{text}") } else { format!("/dev/{text}") };
        return Err(why.offer(text, &absolute, device));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if let Some(found) = stranger(text, allowed) {
        return Err(Why::new(format!("expected letters, digits, `-` and `_`, found {found}"))
            .help("such as `/dev/sdb` or `sdb`"));
    }
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(Why::new(format!("expected a letter first, found {}", shown(text))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refuses};
    use super::*;

    #[test]
    fn paths_below_a_place() {
        accepts(below, &["data", "data/photos", "a/.b", "a/..b", "a b/ä"]);
        refuses(
            below,
            &[
                ("", "expected a path below the place, found nothing", None),
                ("../x", "expected a path without `..`, found `../x`", None),
                ("/x", "expected names with one `/` between, found `/x`", Some("x")),
                ("a//b/./", "expected names with one `/` between, found `a//b/./`", Some("a/b")),
            ],
        );
    }

    #[test]
    fn paths() {
        accepts(path, &["/", "/srv/data", "/mnt/My Files", "/a/.b", "/a/..b", "/a\\b", "/ä"]);
        refuses(
            path,
            &[
                ("", "expected an absolute path, found nothing", None),
                ("srv", "expected an absolute path, found `srv`", Some("/srv")),
                ("./srv", "expected an absolute path, found `./srv`", None),
                ("http://a/b", "expected an absolute path, found `http://a/b`", Some("/b")),
                ("~/x", "expected an absolute path, found `~/x`", None),
                ("C:\\x", "expected an absolute path, found `C:\\x`", None),
                ("/a/../b", "expected a path without `..`, found `/a/../b`", None),
                ("/..", "expected a path without `..`, found `/..`", None),
                ("/a/", "expected no slash at the end, in `/a/`", Some("/a")),
                (
                    "/a//b",
                    "expected one slash between two names, found several, in `/a//b`",
                    Some("/a/b"),
                ),
                ("//", "expected one slash between two names, found several, in `//`", Some("/")),
                ("/./a/.", "expected a path without `.` as a step, in `/./a/.`", Some("/a")),
                ("/a\nb", "expected a path on one line, found a newline", None),
                ("/a\0", "expected a path on one line, found a NUL character", None),
                ("/a\u{fdd0}", "expected a path of characters, found U+FDD0, which is none", None),
                (
                    "/\u{10ffff}",
                    "expected a path of characters, found U+10FFFF, which is none",
                    None,
                ),
            ],
        );
    }

    #[test]
    fn routes() {
        accepts(route, &["/", "/api", "/api/v2", "/a b", "/ä"]);
        refuses(
            route,
            &[
                ("api", "expected an absolute path, found `api`", Some("/api")),
                ("/api/*", "expected the beginning of a path, found `*` in `/api/*`", Some("/api")),
                ("/*", "expected the beginning of a path, found `*` in `/*`", Some("/")),
                ("/api*", "expected the beginning of a path, found `*` in `/api*`", None),
                ("/a/*/b", "expected the beginning of a path, found `*` in `/a/*/b`", None),
            ],
        );
    }

    #[test]
    fn home_paths() {
        accepts(home_path, &["~", "~/.gitconfig", "/etc/motd"]);
        refuses(
            home_path,
            &[
                ("~/", "expected no slash at the end, in `~/`", Some("~")),
                (
                    "~/a//b/",
                    "expected one slash between two names, found several, in `~/a//b/`",
                    Some("~/a/b"),
                ),
                ("~/../x", "expected a path without `..`, found `~/../x`", None),
                ("~crtr/x", "expected `~/` or `/` first, found `~crtr/x`", None),
                (".ssh", "expected `~/` or `/` first, found `.ssh`", None),
                ("$HOME/x", "expected a path, found a variable of the shell", Some("~/x")),
            ],
        );
    }

    #[test]
    fn windows_paths() {
        accepts(
            windows_path,
            &["C:\\", "C:\\Users\\crtr", "\\\\nas\\media", "z:\\a b\\c.txt", "C:\\comet"],
        );
        refuses(
            windows_path,
            &[
                ("", "expected a drive or `\\\\host\\share` first, found nothing", None),
                ("C:", "expected a drive or `\\\\host\\share` first, found `C:`", Some("C:\\")),
                ("C:/Users", "expected backslashes, found `C:/Users`", Some("C:\\Users")),
                (
                    "//nas/media",
                    "expected backslashes, found `//nas/media`",
                    Some("\\\\nas\\media"),
                ),
                (
                    "\\nas\\media",
                    "expected a drive or `\\\\host\\share` first, found `\\nas\\media`",
                    Some("\\\\nas\\media"),
                ),
                ("/mnt/x", "expected a drive or `\\\\host\\share` first, found `/mnt/x`", None),
                ("C:\\a\\", "expected no backslash at the end, in `C:\\a\\`", Some("C:\\a")),
                (
                    "C:\\a\\\\b",
                    "expected one backslash between two names, found several in `C:\\a\\\\b`",
                    None,
                ),
                ("C:\\a\\..", "expected a path without `..`, found `C:\\a\\..`", None),
                ("C:\\a?b", "expected a name that Windows can hold, found `?` in it", None),
                ("C:\\a.\\b", "expected no dot or space at the end of `a.`", None),
                ("C:\\nul.txt", "expected a file, found the device `nul.txt`", None),
                ("C:\\COM1", "expected a file, found the device `COM1`", None),
                ("\\\\nas", "expected a host and a share, found `\\\\nas`", None),
            ],
        );
        assert!(windows_path("\\\\").is_err() && windows_path("\\").is_err());
    }

    #[test]
    fn drives() {
        accepts(drive, &["Z:", "C:"]);
        refuses(
            drive,
            &[
                ("z:", "expected a drive, found `z:`", Some("Z:")),
                ("Z", "expected a drive, found `Z`", Some("Z:")),
                ("Z:\\", "expected a drive, found `Z:\\`", Some("Z:")),
                ("ZZ:", "expected a drive, found `ZZ:`", None),
                ("", "expected a drive, found nothing", None),
                ("ä:", "expected a drive, found `ä:`", None),
            ],
        );
    }

    #[test]
    fn devices() {
        accepts(device, &["/dev/sdb", "/dev/disk/by-id/ata-X_1", "sdb", "nvme0n1p1"]);
        refuses(
            device,
            &[
                ("/mnt/x", "expected a device below `/dev/`, found `/mnt/x`", None),
                ("/dev", "expected a device below `/dev/`, found `/dev`", None),
                ("dev/sdb", "expected a device, found `dev/sdb`", Some("/dev/sdb")),
                (
                    "disk/by-id/x",
                    "expected a device, found `disk/by-id/x`",
                    Some("/dev/disk/by-id/x"),
                ),
                ("-x", "expected a letter first, found `-x`", None),
                ("/dev/../x", "expected a path without `..`, found `/dev/../x`", None),
            ],
        );
    }
}
