//! Ports as tools of the cluster ask them, with the faults said where somebody wrote the endpoint.

use super::Emission;
use crate::diag::codes;
use crate::model::reach::{self, Known, Place, Unreached};
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_refusal::Refusal;

/// What is asked: an address, by TLS or plainly.
pub struct Upstream {
    pub address: String,
    pub tls: bool,
}

impl Upstream {
    /// `host:port`, with `https://` before it where it speaks TLS.
    pub fn label(&self) -> String {
        let scheme = if self.tls { "https://" } else { "" };
        format!("{scheme}{}", self.address)
    }
}

/// Where a port is for a program at a place of a node. `of`: whose endpoint it is, and where that
/// stands in the sources.
pub fn upstream(
    cluster: &Cluster,
    out: &mut Emission,
    port: ThingId,
    (place, node): (Place, ThingId),
    (of, origin): (ThingId, Origin),
) -> Option<Upstream> {
    let why = match reach::seen(&mut Known(cluster), port, place) {
        Ok(seen) => {
            let tls = matches!(cluster.word(port, "scheme"), Some("https" | "wss"));
            return Some(Upstream { address: seen.address(), tls });
        }
        Err(why) => why,
    };
    let (name, node) = (cluster.dotted(port), cluster.label(node));
    let asks = format!("`{}` cannot reach `{name}` from `{node}`", cluster.label(of));
    let (code, message) = match why {
        Unreached::Poison => return None,
        Unreached::Unpublished => (&codes::E0507, format!("{asks}: it is not published")),
        Unreached::Off(_) => (&codes::E0507, format!("{asks}: one of them has no network")),
        Unreached::OwnNode(_) => {
            (&codes::E0507, format!("{asks}: its own address is out of its own node's reach"))
        }
        Unreached::Audience => {
            (&codes::E0508, format!("{asks}: its `audience` or `bind` leaves it out"))
        }
        Unreached::NoNetwork { .. } => {
            (&codes::E0506, format!("{asks}: they have no network in common"))
        }
    };
    let help = match code.id {
        "E0507" if matches!(why, Unreached::Off(_)) => "leave `network_mode = off` out",
        "E0507" => "publish it: `port NAME = 8080 -> 80`",
        "E0508" => "let its `audience` and `bind` hold a network of the one that asks",
        _ => "give both nodes an address in one network",
    };
    out.refuse(Refusal::new(code, origin, of, message, help).with(port, "the port"));
    None
}
