//! /etc/hosts, read by glibc's own lookup through nss_wrapper, which refuses a malformed line
//! where plain glibc would skip it.

use super::Scratch;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub const TOOLS: &[&str] = &["getent", "libnss_wrapper.so"];

/// The addresses of each of `names`, none for a name that the file does not have.
pub fn read(text: &str, names: &[&str]) -> Result<BTreeMap<String, BTreeSet<IpAddr>>, String> {
    let scratch = Scratch::new();
    scratch.write("hosts", text);
    let library = super::tool("libnss_wrapper.so").ok_or("libnss_wrapper.so is not installed")?;
    // 2 is `not found`, also for every name once a line is malformed: so `localhost` is asked too.
    let script = r#"for name in localhost "$@"; do
        LD_PRELOAD=$LIBRARY NSS_WRAPPER_HOSTS=hosts getent ahosts "$name" | sed "s/^/$name /"
    done"#;
    let heard = scratch
        .call("sh")
        .args(["-c", script, "sh"])
        .args(names)
        .env("LIBRARY", library)
        .silent()?;
    let mut found: BTreeMap<String, BTreeSet<IpAddr>> =
        names.iter().map(|name| (name.to_string(), BTreeSet::new())).collect();
    let mut localhost = false;
    for line in heard.out.lines() {
        let mut words = line.split_whitespace();
        let (Some(name), Some(address)) = (words.next(), words.next()) else {
            return Err(format!("getent said {line:?}"));
        };
        localhost |= name == "localhost";
        if let Some(addresses) = found.get_mut(name) {
            addresses.insert(address.parse().map_err(|fault| format!("{address}: {fault}"))?);
        }
    }
    if localhost {
        Ok(found)
    } else {
        Err("the file is refused: not even localhost is in it".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "127.0.0.1 localhost\n\
        192.168.254.10 cooperator.colab cooperator crtr # the gateway\n\
        192.168.254.20 director.colab director drtr\n\
        fd10::20 director.colab\n";

    #[test]
    fn names_and_aliases_have_their_addresses() {
        if super::super::missing(TOOLS) {
            return;
        }
        let found = read(SOUND, &["crtr", "director.colab", "nobody"]).unwrap();
        let set = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(found["crtr"], set(&["192.168.254.10"]));
        assert_eq!(found["director.colab"], set(&["192.168.254.20", "fd10::20"]));
        assert_eq!(found["nobody"], set(&[]));
    }

    #[test]
    fn broken_copies_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            |text| read(text, &["crtr"]),
            SOUND,
            &[
                ("192.168.254.20 director.colab director drtr", "192.168.254.20"),
                ("127.0.0.1 localhost", "127.0.0.1"),
            ],
        );
    }
}
