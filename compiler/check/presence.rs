//! What must always run, against where its data is: a machine that is there now and then has its disks with it.

use super::Check;
use super::shared::{containers, rewrite, span, stated};
use crate::diag::{Diagnostic, codes};
use crate::model::mounted::Mounted;
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use rustc_hash::FxHashSet;

pub const CHECK: Check = Check {
    name: "presence",
    doc: "no always-on service keeps its data on a machine that is not always there",
    run,
};

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mounted = Mounted::of(model);
    let mut told: FxHashSet<(ThingId, ThingId)> = FxHashSet::default();
    for container in containers(model) {
        if model.word(container.service, "availability") == Some("on-demand") {
            continue;
        }
        for &volume in model.children(container.part, "volume") {
            let Value::Location(location) = model.get(volume, "value") else { continue };
            let Some(share) = mounted.share_of(location, container.node) else { continue };
            let Some(server) = model.get(share, "server").as_thing() else { continue };
            let status = model.word(server, "status").unwrap_or("up");
            if status == "up" || !told.insert((container.service, share)) {
                continue;
            }
            let (service, name) = (model.label(container.service), model.label(share));
            let host = model.label(server);
            let diagnostic = Diagnostic::new(
                    &codes::E1212,
                    stated(model, volume, "value"),
                    format!("`{service}` is always on, and its data on `{name}` is not: `{host}` is {status}"),
                )
                .here("its data")
                .label(span(model, share, "server"), format!("served by `{host}`"))
                .label(span(model, server, "status"), format!("`{host}` is {status}"))
                .label(model.thing(container.service).span, "always on")
                .at(model.path(volume))
                .note("without its server a share is an empty directory, or a program that hangs")
                .help("keep the data where the service runs, or on a machine that is always there");
            let title = "or say that the service may be away too: `availability = on-demand`";
            found.push(rewrite(
                diagnostic,
                model,
                container.service,
                "availability",
                "on-demand",
                title.into(),
            ));
        }
    }
}
