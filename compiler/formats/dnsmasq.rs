//! dnsmasq's configuration as far as names go, and the same records in the words of Pi-hole 6.
//!
//! Cannot be said: names that are not host names, an alias for itself, the same alias twice
//! (dnsmasq would not start), the suffix `.local` (multicast DNS owns it).

use super::hosts::fault;
use super::lines::Lines;
use super::{Unsayable, Written};
use crate::origin::Origin;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// What one string of a text record holds.
const LONGEST_TEXT: usize = 255;

pub enum Line<'a> {
    Comment(Cow<'a, str>),
    Blank,
    /// `alias` is another name for `target`.
    Alias {
        alias: Cow<'a, str>,
        target: Cow<'a, str>,
        /// How long others may remember it, in seconds.
        ttl: Option<u64>,
        origin: Origin,
    },
    /// A text for a name.
    Txt {
        name: Cow<'a, str>,
        text: Cow<'a, str>,
        origin: Origin,
    },
    /// Names below `domain` are answered from here or not at all.
    Local {
        domain: Cow<'a, str>,
        origin: Origin,
    },
    /// Questions, all of them or those below `domain`, go on to a server.
    Upstream {
        domain: Option<Cow<'a, str>>,
        server: SocketAddr,
        origin: Origin,
    },
    /// Every name below `domain` that nothing else says.
    Below {
        domain: Cow<'a, str>,
        address: IpAddr,
        origin: Origin,
    },
    /// The names of an address, in both directions.
    Host {
        names: Vec<Cow<'a, str>>,
        address: IpAddr,
        /// How long others may remember it, in seconds.
        ttl: Option<u64>,
        origin: Origin,
    },
    /// The address that a machine gets, where addresses are handed out at all.
    Lease {
        mac: String,
        address: Ipv4Addr,
        name: Cow<'a, str>,
        origin: Origin,
    },
    /// The compiler's own words.
    Fixed(&'static str),
}

pub fn write(lines: &[Line<'_>]) -> Written {
    let mut out = Lines::new();
    let mut aliases: Vec<&str> = Vec::new();
    for line in lines {
        match line {
            Line::Comment(text) => out.comment("#", text, Origin::NONE),
            Line::Blank => out.blank(),
            Line::Fixed(words) => out.say(words, Origin::NONE),
            Line::Alias { alias, target, ttl, origin } => {
                let record = alias_record(alias, target, *origin).map(|mut record| {
                    record.push_str(&lasting(*ttl));
                    record
                });
                self::record(&mut out, record, "cname=", *origin);
                aliases.push(alias);
                if aliases[..aliases.len() - 1].iter().any(|a| a.eq_ignore_ascii_case(alias)) {
                    out.refuse(*origin, format!("the alias `{alias}` stands twice"));
                }
            }
            Line::Local { domain, origin } => {
                name(&mut out, domain, *origin);
                out.say(&format!("local=/{domain}/"), *origin);
            }
            Line::Lease { mac, address, name, origin } => {
                self::name(&mut out, name, *origin);
                out.say(&format!("dhcp-host={mac},{address},{name}"), *origin);
            }
            Line::Upstream { domain, server, origin } => {
                out.push("server=");
                if let Some(domain) = domain {
                    name(&mut out, domain, *origin);
                    out.push(&format!("/{domain}/"));
                }
                out.say(&format!("{}#{}", server.ip(), server.port()), *origin);
            }
            Line::Txt { name, text, origin } => {
                self::name(&mut out, name, *origin);
                out.visible(text, "a text record", *origin);
                if text.len() > LONGEST_TEXT {
                    out.refuse(*origin, format!("a text record has at most {LONGEST_TEXT} bytes"));
                }
                out.push(&format!("txt-record={name},\""));
                for c in text.chars() {
                    if matches!(c, '"' | '\\') {
                        out.push_char('\\');
                    }
                    out.push_char(c);
                }
                out.push("\"");
                out.end(*origin);
            }
            Line::Below { domain, address, origin } => {
                record(&mut out, below_record(domain, *address, *origin), "", *origin);
            }
            Line::Host { names, address, ttl, origin } => {
                out.push("host-record=");
                if names.is_empty() {
                    out.refuse(*origin, "a record of dnsmasq cannot be without a name");
                }
                for one in names {
                    name(&mut out, one, *origin);
                    out.push(one);
                    out.push_char(',');
                }
                out.say(&format!("{address}{}", lasting(*ttl)), *origin);
            }
        }
    }
    out.finish()
}

fn lasting(ttl: Option<u64>) -> String {
    ttl.map_or(String::new(), |seconds| format!(",{seconds}"))
}

/// A line of dnsmasq that answers for all names below one, of which any line of its own wins. Pi-hole 6 takes it in
/// `misc.dnsmasq_lines`.
pub fn below_record(domain: &str, address: IpAddr, origin: Origin) -> Result<String, Unsayable> {
    checked(domain, origin)?;
    Ok(format!("address=/*.{domain}/{address}"))
}

/// An entry of Pi-hole's `dns.cnameRecords`.
pub fn alias_record(alias: &str, target: &str, origin: Origin) -> Result<String, Unsayable> {
    checked(alias, origin)?;
    checked(target, origin)?;
    if alias.eq_ignore_ascii_case(target) {
        return Err(Unsayable { origin, why: format!("`{alias}` cannot be an alias of itself") });
    }
    Ok(format!("{alias},{target}"))
}

/// An entry of Pi-hole's `dns.hosts`: the first name is the one that the address resolves to.
pub fn host_record(
    address: IpAddr,
    names: &[Cow<'_, str>],
    origin: Origin,
) -> Result<String, Unsayable> {
    let mut out = address.to_string();
    if names.is_empty() {
        return Err(Unsayable {
            origin,
            why: "a record of Pi-hole cannot be without a name".into(),
        });
    }
    for name in names {
        checked(name, origin)?;
        out.push(' ');
        out.push_str(name);
    }
    Ok(out)
}

fn checked(name: &str, origin: Origin) -> Result<(), Unsayable> {
    let bare = name.trim_end_matches('.').to_ascii_lowercase();
    let why = if bare == "local" || bare.ends_with(".local") {
        Some(format!("`{name}` belongs to multicast DNS, which owns `.local`"))
    } else {
        fault(name)
    };
    why.map_or(Ok(()), |why| Err(Unsayable { origin, why }))
}

fn name(out: &mut Lines, name: &str, origin: Origin) {
    if let Err(Unsayable { why, .. }) = checked(name, origin) {
        out.refuse(origin, why);
    }
}

fn record(out: &mut Lines, record: Result<String, Unsayable>, key: &str, origin: Origin) {
    match record {
        Ok(record) => {
            out.push(key);
            out.say(&record, origin);
        }
        Err(Unsayable { why, .. }) => out.refuse(origin, why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::hostile;

    fn alias<'a>(alias: &'a str, target: &'a str) -> Line<'a> {
        Line::Alias { alias: alias.into(), target: target.into(), ttl: None, origin: Origin(2) }
    }

    #[test]
    fn the_shape() {
        let address = "192.168.254.10".parse().unwrap();
        let done = write(&[
            Line::Comment("names".into()),
            Line::Local { domain: "colab".into(), origin: Origin(1) },
            alias("git.colab", "cooperator.colab"),
            Line::Below { domain: "apps.colab".into(), address, origin: Origin(5) },
            Line::Host {
                names: vec!["a.colab".into(), "a".into()],
                address,
                ttl: Some(60),
                origin: Origin(3),
            },
            Line::Upstream {
                domain: Some("mesh".into()),
                server: "127.0.0.1:5335".parse().unwrap(),
                origin: Origin(4),
            },
            Line::Fixed("no-resolv"),
        ])
        .unwrap();
        assert_eq!(
            done.text,
            "# names\nlocal=/colab/\ncname=git.colab,cooperator.colab\naddress=/*.apps.colab/192.168.254.10\nhost-record=a.colab,a,192.168.254.10,60\n\
             server=/mesh/127.0.0.1#5335\nno-resolv\n"
        );
        assert_eq!(done.lines.iter().map(|o| o.0).collect::<Vec<_>>(), [0, 1, 2, 5, 3, 4, 0]);
    }

    #[test]
    fn what_dnsmasq_would_die_of_is_refused() {
        assert!(write(&[alias("a", "b"), alias("A", "c")]).is_err());
        assert!(write(&[alias("a", "a")]).is_err());
        assert!(write(&[alias("a.local", "b")]).is_err());
        for text in hostile::strings() {
            if let Ok(done) = write(&[alias(&text, "b.colab")]) {
                assert_eq!(done.text, format!("cname={text},b.colab\n"));
                assert!(
                    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)),
                    "{text}"
                );
            }
        }
    }
}
