//! Certificates from an authority: for names that one can exist for, and where the authority can ask.

use super::Check;
use super::shared::{beside, head, rewrite, stated, stated_at};
use crate::diag::{Diagnostic, codes};
use crate::model::site::{self, Audience};
use crate::model::{Model, ThingId};
use crate::source::Span;

pub const CHECK: Check = Check {
    name: "certificates",
    doc: "a certificate that an authority is asked for is one that it can give",
    run,
};

/// Tops of names that are nobody's in public DNS, and stay so.
const INNER: &[&str] =
    &["local", "localhost", "internal", "home.arpa", "lan", "home", "corp", "test", "invalid"];

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for site in site::sites(model) {
        let ingress = site::ingress_of(model, site);
        let asks = match model.word(site, "tls") {
            Some(word) => word == "acme",
            None => site::audience(model, site) == Audience::Internet,
        };
        if ingress.is_empty() || !asks || own_way(model, site) {
            continue;
        }
        if let Some(diagnostic) = by_name(model, site) {
            found.push(diagnostic);
        } else if site::audience(model, site) != Audience::Internet {
            found.extend(unreachable(model, site, &ingress));
        }
    }
}

/// Whether the site's own lines of Caddy say where the certificate comes from.
fn own_way(model: &Model, site: ThingId) -> bool {
    let raw = model.text(site, "raw").unwrap_or_default();
    raw.lines().any(|line| line.split_whitespace().next() == Some("tls"))
}

fn report(model: &Model, site: ThingId, place: Span, name: &str, here: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &codes::E1114,
        place,
        format!("no authority gives a certificate for `{name}`"),
    )
    .here(here)
    .at(model.path(site));
    let (field, what) = match model.get(site, "tls").is_none() {
        true => ("audience", "so it is asked for one"),
        false => ("tls", "asks for one"),
    };
    let asks = stated(model, site, field);
    if asks == place { diagnostic } else { diagnostic.label(asks, what) }
}

fn internal(diagnostic: Diagnostic, model: &Model, site: ThingId) -> Diagnostic {
    let title = "take the ingress's own, which browsers must be told to trust: `tls = internal`";
    match model.get(site, "tls").is_none() {
        true => beside(diagnostic, model, (site, "audience"), "tls = internal", title.into()),
        false => rewrite(diagnostic, model, site, "tls", "internal", title.into()),
    }
}

/// Names that no authority would hear of.
fn by_name(model: &Model, site: ThingId) -> Option<Diagnostic> {
    let alone = |domain: &&str| !domain.contains('.');
    let mut inner: Vec<&str> =
        model.cluster.and_then(|c| model.text(c, "domain")).into_iter().collect();
    inner.extend(model.all("network").iter().filter_map(|&n| model.text(n, "domain")));
    inner.retain(alone);
    inner.extend(INNER);
    for (name, origin) in site::names(model, site) {
        let place = if name == model.label(site) {
            head(model, site)
        } else {
            stated_at(model, origin, site)
        };
        let lower = name.to_lowercase();
        if lower.starts_with("*.") {
            let diagnostic = report(model, site, place, name, "every name below one")
                .note("for a wildcard an authority wants a proof in DNS, and the ingress can only answer it on ports 80 and 443");
            let diagnostic = internal(diagnostic, model, site)
                .help("or declare the names one by one, each a `site` or an `alias`")
                .help("or say the proof in the site's own lines, with a Caddy that has your DNS provider's plugin: `raw = \"tls { dns PROVIDER ... }\"`");
            return Some(diagnostic);
        }
        let of = |top: &&&str| lower == **top || lower.ends_with(&format!(".{top}"));
        if let Some(top) = inner.iter().find(of) {
            let diagnostic = report(model, site, place, name, &format!("below `{top}`"))
                .note(format!("`{top}` is nobody's in public DNS: an authority could not even ask whose the name is"));
            return Some(
                internal(diagnostic, model, site)
                    .help("or give the site a name below a domain that is yours"),
            );
        }
    }
    None
}

/// An authority asks on ports 80 and 443 from the internet, whoever the site itself is for.
fn unreachable(model: &Model, site: ThingId, ingress: &[site::Server]) -> Option<Diagnostic> {
    let mut closed = Vec::new();
    for server in ingress {
        let ports = model.children(server.program?, "port").iter().copied();
        let web = |&port: &ThingId| matches!(model.word(port, "scheme"), Some("http" | "https"));
        for port in ports.filter(web) {
            match model.word(port, "audience") {
                Some("internet") => return None,
                _ if model.get(port, "audience").is_poison() => return None,
                Some("node") => {}
                _ => closed.push(port),
            }
        }
    }
    if closed.is_empty() {
        return None;
    }
    let name = model.label(site);
    let mut diagnostic =
        report(model, site, stated(model, site, "tls"), name, "an authority is asked for one");
    for port in closed {
        diagnostic = diagnostic.label(
            stated(model, port, "value"),
            format!("`{}`: not for the internet", model.dotted(port)),
        );
    }
    let diagnostic = diagnostic.note(
        "before it gives one, the authority asks the ingress on port 80 or 443, from the internet",
    );
    Some(
        internal(diagnostic, model, site)
            .help("or open the ingress, and keep the site inside by its own `audience`: `port http = ... { audience = internet }`"),
    )
}
