//! Lines of `/etc/exports`: a directory, and who may mount it how. Blanks and backslashes of a path are
//! octal escapes.
//!
//! Cannot be said: a path that is not absolute, control characters.

use super::Written;
use super::lines::{Lines, control};
use crate::origin::Origin;
use std::borrow::Cow;
use std::net::IpAddr;

pub struct Export<'a> {
    pub path: Cow<'a, str>,
    pub clients: Vec<Client>,
    /// `rw`, `anonuid=1000`: the compiler's own words.
    pub options: Vec<String>,
    pub origin: Origin,
}

pub struct Client {
    pub address: IpAddr,
    /// Whether it asks from a port that is not root's alone, which servers refuse by themselves.
    pub any_port: bool,
}

pub fn write(header: &str, exports: &[Export<'_>]) -> Written {
    let mut out = Lines::new();
    out.comment("#", header, Origin::NONE);
    out.blank();
    for export in exports {
        path(&mut out, &export.path, export.origin);
        for client in &export.clients {
            let more = if client.any_port { ",insecure" } else { "" };
            out.push(&format!(" {}({}{more})", client.address, export.options.join(",")));
        }
        out.end(export.origin);
    }
    out.finish()
}

fn path(out: &mut Lines, path: &str, origin: Origin) {
    if !path.starts_with('/') {
        out.refuse(origin, format!("an export begins with `/`, and {path:?} does not"));
    }
    if let Some(name) = control(path, "") {
        out.refuse(origin, format!("the path of an export cannot hold {name}"));
        return;
    }
    for c in path.chars() {
        match c {
            ' ' => out.push("\\040"),
            '"' => out.push("\\042"),
            '#' => out.push("\\043"),
            '\\' => out.push("\\134"),
            other => out.push_char(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(path: &str) -> Export<'_> {
        Export {
            path: path.into(),
            clients: vec![
                Client { address: "10.0.0.3".parse().expect("an address"), any_port: false },
                Client { address: "fd10::3".parse().expect("one"), any_port: true },
            ],
            options: vec!["ro".into(), "sync".into()],
            origin: Origin(3),
        }
    }

    #[test]
    fn the_shape() {
        let done = write("h", &[sample("/srv/a b#\"c\\")]).unwrap();
        let line = "/srv/a\\040b\\043\\042c\\134 10.0.0.3(ro,sync) fd10::3(ro,sync,insecure)\n";
        assert_eq!(done.text, format!("# h\n\n{line}"));
        assert_eq!(done.lines, [Origin(0), Origin(0), Origin(3)]);
    }

    #[test]
    fn what_a_line_cannot_hold_is_refused() {
        for path in ["srv", "/a\nb", "/a\0"] {
            assert_eq!(write("h", &[sample(path)]).unwrap_err()[0].origin, Origin(3), "{path:?}");
        }
    }
}
