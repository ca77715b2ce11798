//! A Caddyfile, read by Caddy, which also runs it, before upstreams that say who they are.

use super::Scratch;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub const TOOLS: &[&str] = &["caddy", "curl", "openssl", "python3", "mkfifo", "awk"];

/// What Caddy makes of a site.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Site {
    /// `:443`, `:80`, or with the address that it binds.
    pub listen: BTreeSet<String>,
    /// `host:port`, with `https://` before it where Caddy speaks TLS to it.
    pub upstreams: BTreeSet<String>,
}

/// A request: from which address, to which, for what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    pub url: String,
    pub to: IpAddr,
    pub from: IpAddr,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub status: u16,
    /// The first line; from an upstream, its name as in [`Site::upstreams`].
    pub body: String,
}

/// Every site by its host. The file must be formatted as `caddy fmt` would.
pub fn read(text: &str) -> Result<BTreeMap<String, Site>, String> {
    Ok(sites(&adapt(text)?))
}

fn adapt(text: &str) -> Result<Value, String> {
    let scratch = Scratch::new();
    scratch.write("Caddyfile", text);
    let caddy = |words: &[&str]| scratch.call("caddy").args(words);
    caddy(&["validate", "--config", "Caddyfile", "--adapter", "caddyfile"]).fine()?;
    let formatted = caddy(&["fmt", "Caddyfile"]).fine()?.out;
    if formatted != text {
        return Err(format!("caddy fmt would write\n{formatted}"));
    }
    // What the adapter warns of, it says on standard error, with status 0.
    caddy(&["adapt", "--config", "Caddyfile", "--adapter", "caddyfile"]).silent()?.json()
}

fn sites(config: &Value) -> BTreeMap<String, Site> {
    let mut sites: BTreeMap<String, Site> = BTreeMap::new();
    for server in servers(config) {
        for route in server["routes"].as_array().into_iter().flatten() {
            let mut upstreams = BTreeSet::new();
            gather(route, &mut upstreams);
            let matched = route["match"].as_array().into_iter().flatten();
            let hosts = matched.filter_map(|part| part["host"].as_array()).flatten();
            for host in hosts.filter_map(Value::as_str) {
                let site = sites.entry(host.to_owned()).or_default();
                let listen = server["listen"].as_array().into_iter().flatten();
                site.listen.extend(listen.filter_map(Value::as_str).map(str::to_owned));
                site.upstreams.extend(upstreams.iter().cloned());
            }
        }
    }
    sites
}

fn servers(config: &Value) -> impl Iterator<Item = &Value> {
    config["apps"]["http"]["servers"].as_object().into_iter().flat_map(|servers| servers.values())
}

fn gather(handler: &Value, upstreams: &mut BTreeSet<String>) {
    let scheme = if handler["transport"]["tls"].is_object() { "https://" } else { "" };
    for upstream in handler["upstreams"].as_array().into_iter().flatten() {
        let dial = upstream["dial"].as_str().unwrap_or_default();
        upstreams.insert(format!("{scheme}{dial}"));
    }
    match handler {
        Value::Array(parts) => parts.iter().for_each(|part| gather(part, upstreams)),
        Value::Object(parts) => parts.values().for_each(|part| gather(part, upstreams)),
        _ => {}
    }
}

/// Runs Caddy on the file as the node with the addresses `own`, and asks it. Two things differ
/// from the real node: certificates come from Caddy's own authority, for no other is in reach,
/// and it listens on `own` alone, as the other nodes' addresses are here too.
pub fn answers(text: &str, own: &[IpAddr], asked: &[Question]) -> Result<Vec<Answer>, String> {
    let mut config = adapt(text)?;
    let upstreams: BTreeSet<String> =
        sites(&config).into_values().flat_map(|site| site.upstreams).collect();
    config["apps"]["tls"]["automation"] =
        json!({"policies": [{"issuers": [{"module": "internal"}]}]});
    config["apps"]["pki"] = json!({"certificate_authorities": {"local": {"install_trust": false}}});
    for server in config["apps"]["http"]["servers"].as_object_mut().into_iter().flatten() {
        let listen: Vec<&str> =
            server.1["listen"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let bound = listen.iter().flat_map(|place| match place.strip_prefix(':') {
            Some(port) => own
                .iter()
                .map(|at| std::net::SocketAddr::new(*at, port.parse().unwrap_or(0)).to_string())
                .collect(),
            None => vec![place.to_string()],
        });
        server.1["listen"] = bound.collect::<Vec<String>>().into();
    }

    let scratch = Scratch::new();
    scratch.write("config.json", config.to_string());
    let questions = asked.iter().map(|one| format!("{} {} {}\n", one.url, one.to, one.from));
    scratch.write("questions.txt", questions.collect::<String>());
    let mut addresses: BTreeSet<IpAddr> = own.iter().copied().collect();
    addresses.extend(asked.iter().flat_map(|one| [one.to, one.from]));
    let mut names = String::new();
    let mut words = Vec::new();
    for (count, label) in upstreams.iter().enumerate() {
        let (dial, tls) = match label.strip_prefix("https://") {
            Some(dial) => (dial, ":tls"),
            None => (label.as_str(), ""),
        };
        let (host, port) = dial.rsplit_once(':').ok_or(format!("{dial} has no port"))?;
        // A container's name: Docker would resolve it, here a loopback address of its own does.
        let address = match host {
            "localhost" => "127.0.0.1".into(),
            _ if host.parse::<IpAddr>().is_ok() => host.to_owned(),
            _ => format!("127.1.0.{}", count + 1),
        };
        addresses.insert(address.parse().map_err(|fault| format!("{address}: {fault}"))?);
        names.push_str(&format!("{address} {host}\n"));
        words.push(format!("{label}={address}:{port}{tls}"));
    }
    scratch.write("names", names);
    let heard = scratch
        .call("sh")
        .arg(super::driver("caddy.sh"))
        .args(words)
        .env("DRIVERS", super::driver(""))
        .addresses(&addresses)
        .seconds(120)
        .fine()?;
    heard.out.lines().map(answer).collect()
}

fn answer(line: &str) -> Result<Answer, String> {
    let (status, body) = line.split_once(' ').ok_or(format!("curl said {line:?}"))?;
    let status = status.parse().map_err(|_| format!("curl said {line:?}"))?;
    Ok(Answer { status, body: body.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "git.ism.la {\n\treverse_proxy 192.168.254.20:3300\n}\n\n\
        http://grafana.colab {\n\t@lan remote_ip 192.168.254.0/24\n\thandle @lan {\n\
        \t\treverse_proxy grafana-app:3000\n\t}\n\trespond 403\n}\n\n\
        mng.ism.la {\n\treverse_proxy https://localhost:9090 {\n\t\ttransport http {\n\
        \t\t\ttls_insecure_skip_verify\n\t\t}\n\t}\n}\n";

    #[test]
    fn sites_lead_to_their_upstreams() {
        if super::super::missing(TOOLS) {
            return;
        }
        let set = |text: &str| BTreeSet::from([text.to_owned()]);
        let site = |listen, upstream| Site { listen: set(listen), upstreams: set(upstream) };
        let wanted = [
            ("git.ism.la", site(":443", "192.168.254.20:3300")),
            ("grafana.colab", site(":80", "grafana-app:3000")),
            ("mng.ism.la", site(":443", "https://localhost:9090")),
        ];
        let wanted = wanted.map(|(host, site)| (host.to_owned(), site));
        assert_eq!(read(SOUND).unwrap(), BTreeMap::from(wanted));
    }

    #[test]
    fn a_running_caddy_answers_for_every_site() {
        if super::super::missing(TOOLS) {
            return;
        }
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let ask = |url: &str, from: &str| Question {
            url: url.into(),
            to: ip("192.168.254.10"),
            from: ip(from),
        };
        let questions = [
            ask("https://git.ism.la/crtr", "192.168.254.30"),
            ask("http://grafana.colab/", "192.168.254.30"),
            ask("http://grafana.colab/", "100.64.0.4"),
            ask("https://mng.ism.la/", "192.168.254.30"),
        ];
        let heard = answers(SOUND, &[ip("192.168.254.10"), ip("127.0.0.1")], &questions).unwrap();
        let heard: Vec<(u16, &str)> = heard.iter().map(|one| (one.status, &one.body[..])).collect();
        assert_eq!(
            heard,
            [
                (200, "192.168.254.20:3300"),
                (200, "grafana-app:3000"),
                (403, ""),
                (200, "https://localhost:9090")
            ]
        );
    }

    #[test]
    fn broken_copies_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            read,
            SOUND,
            &[
                ("\treverse_proxy 192", "  reverse_proxy 192"),
                ("mng.ism.la", "git.ism.la"),
                ("\trespond 403\n}", "\trespond 403\n"),
                ("reverse_proxy g", "reverse_prox g"),
                ("192.168.254.0/24", "192.168.254.0/64"),
            ],
        );
    }
}
