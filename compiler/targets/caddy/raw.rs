//! `raw` of a site: lines of Caddy that no field says. What a field says already is refused: of the two, one would hold
//! without a word.

use crate::diag::codes;
use crate::formats::caddyfile::{Directive, Word};
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::targets::Emission;
use crate::targets::shared_refusal::{BY_ITS_FIELD, Refusal};

/// What answers a request, so that nothing behind it is asked.
const ANSWERS: &[&str] = &["abort", "error", "file_server", "redir", "respond", "reverse_proxy"];

/// What says, inside of `tls`, where the certificate comes from.
const PROOFS: &[&str] = &[
    "ca",
    "ca_root",
    "dns",
    "dns_challenge_override_domain",
    "eab",
    "get_certificate",
    "issuer",
    "load",
    "on_demand",
];

/// Whether lines of the site's own say where its certificate comes from.
pub(super) fn own_certificate(lines: &[Directive<'_>]) -> bool {
    lines.iter().any(|line| {
        word(line, 0) == Some("tls")
            && (line.words.len() > 1
                || line
                    .body
                    .iter()
                    .any(|inner| word(inner, 0).is_some_and(|it| PROOFS.contains(&it))))
    })
}

/// Refuses lines that say what a field of the site says.
pub(super) fn refuse_covered(
    cluster: &Cluster,
    out: &mut Emission,
    site: ThingId,
    lines: &[Directive<'_>],
) {
    let stated = |field: &&str| !cluster.get(site, field).is_none();
    if own_certificate(lines) && stated(&"tls") {
        refuse(cluster, out, site, "`tls`", "tls");
    }
    let answer = ["to", "root", "redirect", "respond"].into_iter().find(|field| stated(field));
    let all = lines.iter().find(|line| answers_everything(line));
    if let (Some(field), Some(line)) = (answer, all) {
        let first = word(line, 0).unwrap_or_default();
        refuse(cluster, out, site, &format!("`{first}` for every request"), field);
    }
    for line in lines.iter().filter(|line| word(line, 0) == Some("header")) {
        let (Some(name), true) = (word(line, 1), line.words.len() == 3) else { continue };
        let pairs = cluster.get(site, "header").pairs();
        if pairs.iter().any(|pair| pair.key.eq_ignore_ascii_case(name)) {
            refuse(cluster, out, site, &format!("the header `{name}`"), "header");
        }
    }
}

fn refuse(cluster: &Cluster, out: &mut Emission, site: ThingId, what: &str, field: &str) {
    let message = format!("{what} cannot be raw: the site's `{field}` says it");
    let origin = cluster.at(site, "raw").1;
    let other = match cluster.get(site, field) {
        Value::Map(pairs) => pairs.first().map_or(cluster.at(site, field).1, |pair| pair.origin),
        _ => cluster.at(site, field).1,
    };
    let refusal = Refusal::new(&codes::E0803, origin, site, message, BY_ITS_FIELD);
    out.refuse(refusal.beside(other, "said here"));
}

/// Without a matcher, so that nobody else is asked. A word that begins like a path or a name may be one.
fn answers_everything(line: &Directive<'_>) -> bool {
    let matcher = |text: &str| text.starts_with(['/', '@']);
    word(line, 0).is_some_and(|first| ANSWERS.contains(&first))
        && !word(line, 1).is_some_and(matcher)
}

fn word<'a>(line: &'a Directive<'_>, at: usize) -> Option<&'a str> {
    match line.words.get(at) {
        Some(Word::Own(text)) => Some(text),
        _ => None,
    }
}
