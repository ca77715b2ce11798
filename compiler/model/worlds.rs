//! The systems of a node that mount shares, and where each of them has one: a Windows node with WSL is two.

use super::value::Value;
use super::{Model, ThingId};
use crate::origin::Origin;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum World {
    Linux,
    Wsl,
    Windows,
    MacOs,
}

impl World {
    fn word(self) -> &'static str {
        match self {
            World::Linux => "linux",
            World::Wsl => "wsl",
            World::Windows => "windows",
            World::MacOs => "macos",
        }
    }
}

/// All systems of a node.
pub fn worlds(model: &Model, node: ThingId) -> impl Iterator<Item = World> {
    let own = match model.word(node, "os") {
        Some("windows") => Some(World::Windows),
        Some("macos") => Some(World::MacOs),
        _ => None,
    };
    linux_world(model, node).into_iter().chain(own)
}

/// The world of a node that has systemd: its own system, or WSL.
pub fn linux_world(model: &Model, node: ThingId) -> Option<World> {
    match model.word(node, "os") {
        Some("macos") | None => None,
        Some("windows") => match model.param(node, "os", "wsl") {
            Some(Value::Bool(true)) => Some(World::Wsl),
            _ => None,
        },
        Some(_) => Some(World::Linux),
    }
}

/// Where a world of a node mounts a share: what the node says, in the spelling of that world, else what the share
/// says for it.
pub fn mount_point(
    model: &Model,
    share: ThingId,
    node: ThingId,
    world: World,
) -> Option<(String, Origin)> {
    let name = model.label(share);
    let own = model.get(node, "mount").pairs().iter().find(|pair| &*pair.key == name);
    if let Some(pair) = own
        && let Some(path) = pair.value.as_text()
        && path.starts_with('/') == (world != World::Windows)
    {
        return Some((path.to_string(), pair.origin));
    }
    let mount = model.block(share, "mount")?;
    let (value, origin) = match (model.at(mount, world.word()), world) {
        ((Value::None, _), World::Wsl) => model.at(mount, "linux"),
        (found, _) => found,
    };
    Some((value.as_text()?.to_string(), origin))
}
