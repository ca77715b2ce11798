//! Caddy: a Caddyfile for each node of the ingress, with a block for each site that it serves.

mod raw;

use super::shared_ports::Upstream;
use super::{Emission, Emit, File, Target, shared_ports};
use crate::diag::codes;
use crate::formats::caddyfile::{self, Caddyfile, Directive, Site, Word};
use crate::model::reach::{self, Space};
use crate::model::site::{self, Audience, Server};
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_refusal::Refusal;
use crate::tree::Tool;

pub const TARGET: Target = Target {
    name: "caddy",
    doc: "The Caddyfile of each node that serves sites",
    emit: Emit::Alone(emit),
};

/// The staging server of Let's Encrypt: Caddy's own authority, without its limits.
const STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";

/// For an endpoint that says less than a port.
const ONE_PORT: &str = "name the one that is meant: `SERVICE.CONTAINER.PORT`";

fn emit(cluster: &Cluster, out: &mut Emission) {
    for server in site::ingress(cluster) {
        let name = cluster.label(server.node).to_string();
        let sites: Vec<ThingId> = site::sites(cluster)
            .into_iter()
            .filter(|&site| site::ingress_of(cluster, site).iter().any(|s| s.node == server.node))
            .filter(|&site| site::audience(cluster, site) != Audience::Nobody)
            .collect();
        let things: Vec<ThingId> =
            cluster.cluster.into_iter().chain([server.instance]).chain(sites.clone()).collect();
        let ingress = Ingress { cluster, server };
        let text = caddyfile::write(&Caddyfile {
            header: out.header(&things).into(),
            options: ingress.options(&sites),
            sites: sites.iter().filter_map(|&site| ingress.site(out, site)).collect(),
        });
        let file = File::new(format!("caddy/{name}/Caddyfile"))
            .to(Tool::Ansible, &name, site::home(cluster, &server, "caddyfile"), 0o644)
            .from(things);
        out.put(file, text);
    }
}

/// The ingress of one node.
struct Ingress<'a> {
    cluster: &'a Cluster,
    server: Server,
}

/// Where a site's certificate comes from.
#[derive(Clone, Copy, PartialEq)]
enum Tls {
    Acme,
    Internal,
    Off,
}

impl<'a> Ingress<'a> {
    fn tls(&self, site: ThingId) -> Tls {
        match self.cluster.word(site, "tls") {
            Some("acme") => Tls::Acme,
            Some("internal") => Tls::Internal,
            Some("off") => Tls::Off,
            _ if site::audience(self.cluster, site) == Audience::Internet => Tls::Acme,
            _ => Tls::Internal,
        }
    }

    fn options(&self, sites: &[ThingId]) -> Vec<Directive<'a>> {
        let cluster = self.cluster;
        let mut options = Vec::new();
        if let Some(acme) = cluster.cluster.and_then(|it| cluster.block(it, "acme")) {
            let (email, origin) = cluster.at(acme, "email");
            if let Some(email) = email.as_text() {
                options.push(line([Word::Code("email"), Word::Text(email.into())], origin));
            }
            if cluster.flag(acme, "staging") {
                let origin = cluster.at(acme, "staging").1;
                options.push(line([Word::Code("acme_ca"), Word::Text(STAGING.into())], origin));
            }
        }
        if sites.iter().any(|&site| self.tls(site) == Tls::Internal) {
            // It would have to be root to make its machine trust its own authority.
            options.push(Directive::new([Word::Code("skip_install_trust")]));
        }
        for (label, usual, option) in [("http", 80, "http_port"), ("https", 443, "https_port")] {
            let ports = self.server.program.map_or(&[][..], |it| cluster.children(it, "port"));
            let Some(&port) = ports.iter().find(|&&port| cluster.label(port) == label) else {
                continue;
            };
            let number = reach::ports_of(&mut reach::Known(cluster), port)
                .map_or(usual, |ports| ports.container.first);
            if number != usual {
                let words = [Word::Code(option), Word::Text(number.to_string().into())];
                options.push(line(words, cluster.at(port, "value").1));
            }
        }
        options
    }

    fn site(&self, out: &mut Emission, site: ThingId) -> Option<Site<'a>> {
        let cluster = self.cluster;
        let tls = self.tls(site);
        let scheme = if tls == Tls::Off { "http://" } else { "" };
        let addresses = site::names(cluster, site)
            .iter()
            .map(|(name, _)| format!("{scheme}{name}").into())
            .collect();
        let mut body = Vec::new();
        let mut inner = self.inner(out, site)?;
        let (raw, origin) = cluster.at(site, "raw");
        let raw = match caddyfile::lines_of(raw.as_text().unwrap_or(""), origin) {
            Ok(lines) => lines,
            Err(fault) => {
                out.refuse(Refusal::new(
                    &codes::E0801,
                    fault.origin,
                    site,
                    fault.why,
                    "mend the lines of `raw`: they are read as a Caddyfile is",
                ));
                return None;
            }
        };
        raw::refuse_covered(cluster, out, site, &raw);
        // Of two authorities Caddy asks the first alone.
        if tls == Tls::Internal && !raw::own_certificate(&raw) {
            body.push(line([Word::Code("tls"), Word::Code("internal")], cluster.at(site, "tls").1));
        }
        for own in raw {
            if of_the_site(&own) { body.push(own) } else { inner.push(own) }
        }
        match self.outsiders(site) {
            None => body.extend(inner),
            Some(ranges) => {
                let (_, origin) = cluster.at(site, "audience");
                let outside = || Word::Matcher("outside".into());
                let words = [outside(), Word::Code("not"), Word::Code("remote_ip")];
                let words =
                    words.into_iter().chain(ranges.into_iter().map(|r| Word::Text(r.into())));
                body.push(line(words, origin));
                let refuse = Directive::new([Word::Code("respond"), Word::Code("403")]);
                let handle = [Word::Code("handle"), outside()];
                body.push(Directive::new(handle).with(vec![refuse]).at(origin));
                body.push(Directive::new([Word::Code("handle")]).with(inner));
            }
        }
        Some(Site { addresses, body, origin: cluster.at(site, "to").1 })
    }

    /// The ranges of those who may ask, where not everyone may.
    fn outsiders(&self, site: ThingId) -> Option<Vec<String>> {
        let networks = match site::audience(self.cluster, site) {
            Audience::Internet => return None,
            Audience::Networks(networks) => networks,
            Audience::Node | Audience::Nobody => {
                return Some(vec!["127.0.0.0/8".into(), "::1".into()]);
            }
        };
        let mut ranges: Vec<String> =
            site::ranges(self.cluster, &networks).into_iter().map(|(range, _)| range).collect();
        // Whoever asks from a container of this node is of the node. Only a Caddy in the node's own
        // network sees them as they are: elsewhere, strangers may come from those addresses too.
        if matches!(self.server.place.space, Space::Host(_)) {
            ranges.extend(self.pools());
        }
        // A matcher without a range would match nobody, and so refuse nobody.
        if ranges.is_empty() {
            ranges.push("127.0.0.0/8".into());
        }
        Some(ranges)
    }

    /// Where this node's containers have their addresses, as far as it is stated.
    fn pools(&self) -> Vec<String> {
        let docker = self.cluster.block(self.server.node, "docker");
        let pools = docker.map_or(&[][..], |it| self.cluster.get(it, "default_pools").items());
        let base = |item: &crate::model::value::Item| match &item.value {
            Value::Thing(pool) => match self.cluster.get(*pool, "base") {
                Value::Cidr(base) => Some(base.to_string()),
                _ => None,
            },
            value => match value.get("base") {
                Some(Value::Cidr(base)) => Some(base.to_string()),
                _ => None,
            },
        };
        pools.iter().filter_map(base).collect()
    }

    /// What whoever may ask gets: headers, a door, routes, and the answer.
    fn inner(&self, out: &mut Emission, site: ThingId) -> Option<Vec<Directive<'a>>> {
        let cluster = self.cluster;
        let mut all = Vec::new();
        let mut headers = Vec::new();
        for pair in cluster.get(site, "header").pairs() {
            let value = crate::model::value::print(&pair.value, &cluster.names)?;
            let words =
                [Word::Header(pair.key.to_string().into()), Word::Text(value.to_string().into())];
            headers.push(line(words, pair.origin));
        }
        if !headers.is_empty() {
            // Set when the answer goes out: before, what is behind would add its own beside it.
            headers.push(Directive::new([Word::Code("defer")]));
            all.push(Directive::new([Word::Code("header")]).with(headers));
        }
        all.extend(self.door(out, site)?);
        let answer = self.answer(out, site)?;
        let mut routes: Vec<(String, ThingId)> = Vec::new();
        for &route in cluster.children(site, "route") {
            routes.push((site::path(cluster.label(route)).to_string(), route));
        }
        if routes.is_empty() {
            all.extend(answer);
            return Some(all);
        }
        // The longest path wins, and Caddy takes the first that fits.
        routes.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        for (number, (path, route)) in routes.into_iter().enumerate() {
            let (to, origin) = cluster.at(route, "to");
            let mut body = Vec::new();
            if cluster.flag(route, "strip") && !path.is_empty() {
                let words = [
                    Word::Code("uri"),
                    Word::Code("strip_prefix"),
                    Word::Text(path.clone().into()),
                ];
                body.push(line(words, cluster.at(route, "strip").1));
            }
            body.push(self.proxy(out, site, to, origin)?);
            if path.is_empty() {
                all.push(Directive::new([Word::Code("handle")]).with(body).at(origin));
                continue;
            }
            let name = || Word::Matcher(format!("route{}", number + 1));
            let below = format!("{path}/*");
            let words =
                [name(), Word::Code("path"), Word::Path(path.into()), Word::Path(below.into())];
            all.push(line(words, origin));
            all.push(Directive::new([Word::Code("handle"), name()]).with(body).at(origin));
        }
        if !answer.is_empty() {
            all.push(Directive::new([Word::Code("handle")]).with(answer));
        }
        Some(all)
    }

    fn door(&self, out: &mut Emission, site: ThingId) -> Option<Vec<Directive<'a>>> {
        let cluster = self.cluster;
        let origin = cluster.at(site, "auth").1;
        match cluster.word(site, "auth") {
            Some("basic") => {
                let Some(Value::Thing(credential)) = cluster.param(site, "auth", "credential")
                else {
                    return Some(Vec::new());
                };
                if let Some(tag) = self.too_old() {
                    let why = format!(
                        "a password's hash is read from a file by Caddy 2.8 and later, and this one is {tag}"
                    );
                    let help = "take Caddy 2.8 or a later one, or another `auth`";
                    out.refuse(Refusal::new(&codes::E0801, origin, site, why, help));
                    return None;
                }
                let path = match cluster.text(*credential, "target") {
                    Some(path) => path.to_string(),
                    None => format!("/run/secrets/{}", cluster.label(*credential)),
                };
                let user =
                    cluster.param(site, "auth", "user").and_then(Value::as_text).unwrap_or("admin");
                // The first word of a line there is a name, not a directive.
                let account = match caddyfile::lines_of(user, origin) {
                    Ok(mut lines) if lines.len() == 1 && lines[0].words.len() == 1 => {
                        lines.remove(0)
                    }
                    _ => {
                        let why = format!("the user {user:?} is not one word");
                        let help = "write the user as one word: `user = \"admin\"`";
                        out.refuse(Refusal::new(&codes::E0801, origin, site, why, help));
                        return None;
                    }
                };
                let mut account = account.at(origin);
                account.words.push(Word::File(path.into()));
                Some(vec![Directive::new([Word::Code("basicauth")]).with(vec![account]).at(origin)])
            }
            Some("forward") => {
                let endpoint = cluster.param(site, "auth", "endpoint")?;
                let ports = site::endpoints(cluster, endpoint);
                let Some(&port) = ports.first() else {
                    let why = "what decides has several ports, or none";
                    out.refuse(Refusal::new(&codes::E0505, origin, site, why, ONE_PORT));
                    return None;
                };
                let upstream = self.upstream(out, site, port, origin)?;
                let path = match cluster.text(port, "path") {
                    Some(path) if path.starts_with('/') => path.to_string(),
                    path => format!("/{}", path.unwrap_or("")),
                };
                let body = vec![
                    line([Word::Code("uri"), Word::Path(path.into())], origin),
                    line(
                        [Word::Code(
                            "copy_headers Remote-User Remote-Groups Remote-Name Remote-Email",
                        )],
                        origin,
                    ),
                ];
                let words = [Word::Code("forward_auth"), Word::Text(upstream.label().into())];
                Some(vec![Directive::new(words).with(body).at(origin)])
            }
            _ => Some(Vec::new()),
        }
    }

    /// The version of the ingress's Caddy, where it is known and cannot read values from files.
    fn too_old(&self) -> Option<&'a str> {
        let image = self.cluster.text(self.server.program?, "image")?;
        let (name, tag) = image.split('@').next()?.rsplit_once(':')?;
        let mut numbers = tag.split(['.', '-']).map(|part| part.parse::<u32>().ok());
        let version = (numbers.next()??, numbers.next()??);
        (name.rsplit('/').next() == Some("caddy") && version < (2, 8)).then_some(tag)
    }

    /// The site's own answer; none where routes are all that it has.
    fn answer(&self, out: &mut Emission, site: ThingId) -> Option<Vec<Directive<'a>>> {
        let cluster = self.cluster;
        let (to, origin) = cluster.at(site, "to");
        if !to.is_none() {
            return Some(vec![self.proxy(out, site, to, origin)?]);
        }
        let text = |field: &str| match cluster.at(site, field) {
            (Value::Text(text), origin) => Some((text.to_string(), origin)),
            _ => None,
        };
        let star = Word::Code("*");
        if let Some((root, origin)) = text("root") {
            let seen = match self.server.program {
                Some(program) => site::inside(cluster, program, self.server.node, &root),
                None => Some(root.clone()),
            };
            let Some(seen) = seen else {
                let node = cluster.label(self.server.node);
                let why =
                    format!("`{root}` of `{node}` is in no volume of the ingress's container");
                out.refuse(Refusal::new(
                    &codes::E0801,
                    origin,
                    site,
                    why,
                    "mount the folder into that container, as a `volume`",
                ));
                return None;
            };
            return Some(vec![
                line([Word::Code("root"), star, Word::Text(seen.into())], origin),
                line([Word::Code("file_server")], origin),
            ]);
        }
        if let Some((url, origin)) = text("redirect") {
            return Some(vec![line([Word::Code("redir"), star, Word::Text(url.into())], origin)]);
        }
        if let Some((text, origin)) = text("respond") {
            let words = [Word::Code("respond"), star, Word::Text(text.into()), Word::Code("200")];
            return Some(vec![line(words, origin)]);
        }
        Some(Vec::new())
    }

    fn proxy(
        &self,
        out: &mut Emission,
        site: ThingId,
        to: &Value,
        origin: Origin,
    ) -> Option<Directive<'a>> {
        let cluster = self.cluster;
        let ports = site::endpoints(cluster, to);
        if ports.is_empty() {
            let why = "what is behind it has several ports, or none";
            out.refuse(Refusal::new(&codes::E0505, origin, site, why, ONE_PORT));
            return None;
        }
        let mut upstreams = Vec::new();
        for port in ports {
            upstreams.push(self.upstream(out, site, port, origin)?);
        }
        let mut words = vec![Word::Code("reverse_proxy")];
        words.extend(upstreams.iter().map(|upstream| Word::Text(upstream.label().into())));
        let mut body = Vec::new();
        if upstreams.len() > 1 {
            // One that does not answer is left alone for a while, and the next one asked.
            body.push(Directive::new([Word::Code("lb_policy least_conn")]));
            body.push(Directive::new([Word::Code("lb_try_duration 5s")]));
            body.push(Directive::new([Word::Code("fail_duration 30s")]));
        }
        if upstreams.iter().any(|upstream| upstream.tls) {
            // The same for every Caddy: from 2.11 on, it would send the upstream's own address.
            body.push(Directive::new([Word::Code("header_up Host {host}")]));
            if !cluster.flag(site, "verify") {
                let skip = Directive::new([Word::Code("tls_insecure_skip_verify")])
                    .at(cluster.at(site, "verify").1);
                body.push(Directive::new([Word::Code("transport http")]).with(vec![skip]));
            }
        }
        Some(Directive::new(words).with(body).at(origin))
    }

    fn upstream(
        &self,
        out: &mut Emission,
        site: ThingId,
        port: ThingId,
        origin: Origin,
    ) -> Option<Upstream> {
        let from = (self.server.place, self.server.node);
        shared_ports::upstream(self.cluster, out, port, from, (site, origin))
    }
}

/// Directives of the site as a whole, which no `handle` may hold.
fn of_the_site(own: &Directive<'_>) -> bool {
    matches!(own.words.first(), Some(Word::Own(word)) if matches!(&**word, "bind" | "log" | "tls"))
}

fn line<'a>(words: impl IntoIterator<Item = Word<'a>>, origin: Origin) -> Directive<'a> {
    Directive::new(words).at(origin)
}
