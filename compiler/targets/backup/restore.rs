//! The way back from a backup: the commands that bring its files home, and where its dumps lie.

use super::restic;
use super::{Method, Plan};
use crate::formats::shell::quote;
use crate::manifest::Manifest;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_emission::{Purpose, Whole};
use crate::targets::shared_mounts::{self, OnShares};
use crate::targets::shared_nodes::is_managed;
use crate::targets::shared_units::Host;

/// How to get things back from a backup.
pub struct Restore {
    /// For a shell of its node, in order.
    pub commands: Vec<String>,
    /// Containers whose database is in a dump, and where that is.
    pub dumps: Vec<(String, String)>,
}

/// The way back from a backup; `None` where there is none to emit.
pub fn of(cluster: &Cluster, backup: ThingId, on_shares: &OnShares) -> Option<Restore> {
    let node = cluster.get(backup, "on").as_thing().filter(|&on| is_managed(cluster, on))?;
    let world = shared_mounts::linux_world(cluster, node)?;
    let host = Host { cluster, node, world, folder: "backup", named: Origin::NONE };
    // What it refuses was said when the backup itself was emitted.
    let last = Manifest::default();
    let whole = Whole::new(cluster, Purpose::Files, crate::threads::ALWAYS);
    let mut out = whole.emission(&last, 1);
    Some(Plan::of(host, &mut out, backup, on_shares)?.restore())
}

impl Plan<'_> {
    pub fn restore(&self) -> Restore {
        let method = self.method();
        let from = match method {
            Method::Rsync => format!("{}/latest", self.target),
            _ => self.target.clone(),
        };
        let commands = match method {
            Method::Restic => vec![restic::restore(self)],
            _ => self
                .sources
                .iter()
                .map(|source| {
                    let saved = quote(&format!("{from}/{}/", source.name)).into_owned();
                    format!(
                        "rsync -aHAX --numeric-ids {saved} {}",
                        quote(&format!("{}/", source.path))
                    )
                })
                .collect(),
        };
        let folder = match method {
            Method::Rsync => format!("{from}/dumps"),
            _ => self.dump_folder(),
        };
        let dumps = self.dumps.iter();
        let dumps =
            dumps.map(|dump| (dump.service.clone(), format!("{folder}/{}.dump", dump.service)));
        Restore { commands, dumps: dumps.collect() }
    }
}
