//! For each type, statements that set a field of it to something that is not its default.

use colabc::model::Model;
use colabc::model::schema::{ShapeId, Ty, TyId};

/// Ways to set the field, as statements of its block.
pub fn statements(model: &Model, ty: TyId, word: &str) -> Vec<String> {
    let schema = &model.schema;
    match schema.ty(schema.plain(ty)) {
        Ty::Named(shape) => {
            labelled(kind(model, *shape)).iter().map(|b| format!("{word} {b}")).collect()
        }
        Ty::Layer(shape) | Ty::One(shape) => {
            inside(kind(model, *shape)).iter().map(|b| format!("{word} {{ {b} }}")).collect()
        }
        Ty::Map(key, value) => {
            let keys = keys(model, *key);
            let values = exprs(model, *value);
            keys.iter()
                .flat_map(|k| values.iter().map(move |v| format!("{word} {{ {k} = {v} }}")))
                .collect()
        }
        _ => exprs(model, ty).iter().map(|v| format!("{word} = {v}")).collect(),
    }
}

fn kind(model: &Model, shape: ShapeId) -> &str {
    model.names.text(model.schema.shape(shape).name)
}

fn own(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|t| (*t).to_owned()).collect()
}

fn keys(model: &Model, ty: TyId) -> Vec<String> {
    match model.schema.ty(ty) {
        Ty::Ref(_) | Ty::Name => exprs(model, ty),
        Ty::Text(row) if model.schema.text_type(*row).name != "label_key" => {
            own(&["OTHER_KEY", "other-key"])
        }
        _ => own(&["\"other.key\"", "OTHER_KEY", "nofile"]),
    }
}

/// What the record's other fields must be, so that one of them can be set.
pub fn companions(model: &Model, record: ShapeId, but: &str) -> String {
    let fields = model.schema.shape(record).fields.iter();
    fields
        .filter(|f| f.required && model.names.text(f.name) != but)
        .filter_map(|f| statements(model, f.ty, model.names.text(f.name)).into_iter().next())
        .map(|statement| format!("{statement} "))
        .collect()
}

/// Legal values, most telling first.
fn exprs(model: &Model, ty: TyId) -> Vec<String> {
    let schema = &model.schema;
    match schema.ty(ty) {
        Ty::Optional(inner) => exprs(model, *inner),
        Ty::Union(types) => types.iter().flat_map(|&t| exprs(model, t)).collect(),
        Ty::List(item) | Ty::Set(item) => {
            exprs(model, *item).iter().map(|v| format!("[{v}]")).collect()
        }
        Ty::Map(key, value) => {
            let (keys, values) = (keys(model, *key), exprs(model, *value));
            keys.iter()
                .flat_map(|k| values.iter().map(move |v| format!("{{ {k} = {v} }}")))
                .collect()
        }
        Ty::Record(shape) => {
            let fields = &schema.shape(*shape).fields;
            let parts: Vec<String> = fields
                .iter()
                .filter_map(|f| {
                    let value = exprs(model, f.ty).into_iter().next()?;
                    Some(format!("{} = {value}", model.names.text(f.name)))
                })
                .collect();
            vec![format!("{{ {} }}", parts.join(" "))]
        }
        Ty::Enum(id) => {
            let words = &schema.enumeration(*id).words;
            words
                .iter()
                .map(|word| {
                    let name = model.names.text(word.name);
                    let params: Vec<String> = word
                        .params
                        .iter()
                        .filter(|p| p.required)
                        .filter_map(|p| {
                            let value = exprs(model, p.ty).into_iter().next()?;
                            Some(format!("{} = {value}", model.names.text(p.name)))
                        })
                        .collect();
                    match params.is_empty() {
                        true => name.to_owned(),
                        false => format!("{name}({})", params.join(", ")),
                    }
                })
                .collect()
        }
        Ty::Ref(shape) => own(references(kind(model, *shape))),
        Ty::Text(row) => text(schema.text_type(*row).name, schema.text_type(*row).example),
        Ty::IntIn(low, high) => vec![format!("{}", (low + high) / 2), format!("{high}")],
        Ty::Matching(..) => own(&["\"r\"", "\"2027-06-30\""]),
        plain => own(simple(plain)),
    }
}

fn text(name: &str, example: &str) -> Vec<String> {
    let own = match name {
        "fqdn" => "other.example.org",
        "timezone" => "Europe/Paris",
        "path" => "/srv/elsewhere",
        "device" => "/dev/elsewhere",
        "device_rights" => "rwm",
        _ => "",
    };
    let mut all: Vec<String> = [own, example, "other"]
        .iter()
        .filter(|t| !t.is_empty())
        .map(|t| format!("'{t}'"))
        .collect();
    all.dedup();
    all
}

fn simple(ty: &Ty) -> &'static [&'static str] {
    match ty {
        Ty::Bool => &["true", "false"],
        Ty::Int => &["7", "77"],
        Ty::Float => &["1.5"],
        Ty::Bytes => &["77MiB", "77MB", "17GiB"],
        Ty::Duration => &["77m"],
        Ty::Cpu => &["3cpu", "9cpu"],
        Ty::Ip | Ty::Ip4 => &["10.10.0.77", "100.64.0.77", "10.10.30.77", "0.0.0.0"],
        Ty::Ip6 => &["fd10:10::77"],
        Ty::Cidr => &["10.10.30.128/25", "10.77.0.0/16", "10.10.0.64/28", "10.10.0.0/28"],
        Ty::Mac => &["00:11:22:33:44:77"],
        Ty::Mode => &["0611"],
        Ty::Port => &["7777"],
        Ty::Ports => &["7777 -> 77", "7777"],
        Ty::Secret => &["secret(\"/main/OTHER\")"],
        Ty::Location => &["local(\"other\")", "data / \"other\"", "\"/srv/other\""],
        Ty::Endpoint => &["services.web.main.http", "nodes.nas.ui"],
        Ty::Placement => &["n1", "all"],
        Ty::Generated => &["generated.smb_conf", "generated.prometheus"],
        Ty::Name => &["OTHER_NAME", "TOKEN", "other-name"],
        Ty::Printable | Ty::Any | Ty::Data => &["\"other\""],
        _ => &[],
    }
}

/// Things of the base that a field may name.
fn references(kind: &str) -> &'static [&'static str] {
    match kind {
        "node" => &["n1", "n0"],
        "network" => &["mesh", "lan", "apps", "iot"],
        "user" => &["guest", "ops"],
        "role" => &["second", "worker"],
        "service" => &["other", "edge", "web"],
        "container" => &["side", "web.main"],
        "unit" => &["host.main", "helper"],
        "share" => &["data"],
        "disk" => &["n0.hardware.disk.spare", "n0.hardware.disk.data"],
        "site" => &["sites[\"other.example.org\"]"],
        "secrets" => &["keys"],
        "secret-path" => &["keys[\"/second\"]"],
        "credential" => &["web.main.credential.token"],
        "task" => &["second-task"],
        "group" => &["pair"],
        "rollout" => &["second-rollout"],
        "decision" => &["second-decision"],
        _ => &[],
    }
}

/// A further thing of a kind, from its label on.
fn labelled(kind: &str) -> &'static [&'static str] {
    match kind {
        "disk" => &["third { device = \"/dev/sdz1\"   mount = \"/srv/third\" }"],
        "port" => &[
            "extra = 7777 -> 77 { audience = lan }",
            "extra = 7777 { audience = lan }",
            "extra = 77",
        ],
        "file" => &["\"/etc/other\" { content = \"x\"   by = ansible }"],
        "task" => &["extra { run = \"true\" }"],
        "allow" => &["L0106 = \"for a reason\""],
        "container" => &["extra { image = \"example.org/extra:1\" }"],
        "unit" => &["extra { systemd = \"extra.service\" }"],
        "site" => &["\"extra.example.org\" { respond = \"x\" }"],
        "route" => &["\"/extra\" { to = services.web.main.http }"],
        "alert" => &["extra { when = \"up == 0\" }"],
        "volume" => &["\"/extra\" = local(\"extra\")"],
        "config" => &["\"/etc/extra\" = \"x\""],
        "credential" => &["extra = secret(\"/main/OTHER\")"],
        "device" => &["extra = \"/dev/extra\""],
        "secret-path" => &["\"/extra\" { names = [EXTRA] }"],
        "record" => &["\"extra.home\" { txt = \"x\" }"],
        "service" => &["extra { on = n0   container main { image = \"example.org/extra:1\" } }"],
        "backup" => &[
            "extra { on = n0   from = [data]   to = n0.hardware.disk.spare0 / \"extra\"   every { snapshot = daily }   keep { daily = 1 } }",
        ],
        "cache" => &["extra { from = data / \"extra\"   to = \"/var/cache/extra\"   on = [n1] }"],
        "service-layer" => &[
            "n0 { container main { hostname = \"extra\" } }",
            "x86_64 { container main { hostname = \"extra\" } }",
            "linux { container main { hostname = \"extra\" } }",
            "worker { container main { hostname = \"extra\" } }",
        ],
        _ => &[],
    }
}

/// A statement for every thing of a kind.
fn inside(kind: &str) -> &'static [&'static str] {
    match kind {
        "node" => &["tags = [\"extra\"]", "packages += [\"extra\"]"],
        "service" => &["raw { \"x-extra\" = \"1\" }"],
        "container" => &["env { EXTRA = \"x\" }"],
        "unit" => &["env { EXTRA = \"x\" }"],
        _ => &[],
    }
}
