//! The functions of the language: one row each. What they compute is in `eval::call`.

/// What a function takes or gives, as far as types go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sig {
    Any,
    Text,
    TextOrSecret,
    Int,
    Bool,
    List,
    Texts,
    Map,
    Bytes,
    Mode,
    /// A list of `true` and `false`.
    Bools,
    Secret,
    Location,
    /// Of the type of the first value.
    Same,
    /// Of the type of the first value's elements.
    Element,
    /// What can be in the first value.
    Part,
    /// A list of what the first value holds.
    Values,
}

#[derive(Debug)]
pub struct Function {
    pub name: &'static str,
    pub params: &'static [(&'static str, Sig)],
    /// How many of the last parameters may be left out.
    pub optional: usize,
    /// The last parameter may be repeated.
    pub variadic: bool,
    /// Takes `NAME in LIST if COND: ITEM`.
    pub binds: bool,
    pub result: Sig,
    pub doc: &'static str,
    pub example: &'static str,
}

const fn f(
    name: &'static str,
    params: &'static [(&'static str, Sig)],
    result: Sig,
    doc: &'static str,
    example: &'static str,
) -> Function {
    Function { name, params, optional: 0, variadic: false, binds: false, result, doc, example }
}

pub static FUNCTIONS: &[Function] = &[
    Function {
        binds: true,
        ..f(
            "all",
            &[("list", Sig::Bools)],
            Sig::Bool,
            "Whether every element holds.",
            "all(n in nodes: n.status == up)",
        )
    },
    Function {
        binds: true,
        ..f(
            "any",
            &[("list", Sig::Bools)],
            Sig::Bool,
            "Whether at least one element holds.",
            "any(n in nodes: n.hardware.gpu != none)",
        )
    },
    Function {
        binds: true,
        ..f(
            "count",
            &[("list", Sig::Any)],
            Sig::Int,
            "How many elements there are, or hold.",
            "count(n in nodes if n.status == up: n)",
        )
    },
    Function {
        binds: true,
        ..f(
            "sum",
            &[("list", Sig::List)],
            Sig::Element,
            "All elements added up.",
            "sum(n in nodes: n.hardware.memory ?? 0B)",
        )
    },
    Function {
        binds: true,
        ..f("min", &[("list", Sig::Any)], Sig::Element, "The least element.", "min([3, 1, 2])")
    },
    Function {
        binds: true,
        ..f(
            "max",
            &[("list", Sig::Any)],
            Sig::Element,
            "The greatest element.",
            "max(n in nodes: n.hardware.cpu ?? 0cpu)",
        )
    },
    f(
        "length",
        &[("value", Sig::Any)],
        Sig::Int,
        "The number of elements, keys or characters.",
        "length(cluster.reach)",
    ),
    f(
        "join",
        &[("list", Sig::Any), ("between", Sig::Text)],
        Sig::Text,
        "One text of the elements, with another between them.",
        "join([\"a\", \"b\"], \", \")",
    ),
    f(
        "split",
        &[("text", Sig::Text), ("at", Sig::Text)],
        Sig::Texts,
        "The pieces of a text between another.",
        "split(\"a,b\", \",\")",
    ),
    f("upper", &[("text", Sig::Text)], Sig::Text, "In capital letters.", "upper(\"tv\")"),
    f("lower", &[("text", Sig::Text)], Sig::Text, "In small letters.", "lower(\"NAS\")"),
    f(
        "replace",
        &[("text", Sig::Text), ("what", Sig::Text), ("by", Sig::Text)],
        Sig::Text,
        "Every occurrence replaced.",
        "replace(node.name, \"-\", \"_\")",
    ),
    f(
        "contains",
        &[("value", Sig::Any), ("part", Sig::Part)],
        Sig::Bool,
        "Whether a text, a list or a range of addresses has that part.",
        "contains(node.packages, \"git\")",
    ),
    f(
        "starts_with",
        &[("text", Sig::Text), ("start", Sig::Text)],
        Sig::Bool,
        "Whether a text begins so.",
        "starts_with(node.name, \"mini-\")",
    ),
    f("sort", &[("list", Sig::Same)], Sig::Same, "In order.", "sort([\"b\", \"a\"])"),
    f(
        "unique",
        &[("list", Sig::Same)],
        Sig::Same,
        "Each element once, the first place kept.",
        "unique([\"a\", \"a\"])",
    ),
    f(
        "keys",
        &[("map", Sig::Any)],
        Sig::Texts,
        "The keys of a map, or the names of things, in order.",
        "keys(node.vars)",
    ),
    f(
        "values",
        &[("map", Sig::Any)],
        Sig::Values,
        "The values of a map, or things themselves, in order of keys and names.",
        "values(node.vars)",
    ),
    f(
        "hash",
        &[("text", Sig::Text)],
        Sig::Text,
        "The SHA-256 of a text, in hexadecimal.",
        "hash(\"a\")",
    ),
    f(
        "base64",
        &[("text", Sig::Text)],
        Sig::Text,
        "A text in base64.",
        "base64(\"user:password\")",
    ),
    f(
        "indent",
        &[("text", Sig::Text), ("by", Sig::Int)],
        Sig::Text,
        "Every line moved in by so many spaces.",
        "indent(\"a\\nb\", 2)",
    ),
    f(
        "yaml",
        &[("value", Sig::Any)],
        Sig::TextOrSecret,
        "The value as a YAML document.",
        "yaml({ level = \"info\" })",
    ),
    f(
        "json",
        &[("value", Sig::Any)],
        Sig::TextOrSecret,
        "The value as a JSON document.",
        "json({ level = \"info\" })",
    ),
    f(
        "toml",
        &[("value", Sig::Any)],
        Sig::TextOrSecret,
        "The value as a TOML document.",
        "toml({ level = \"info\" })",
    ),
    f(
        "ini",
        &[("value", Sig::Any)],
        Sig::TextOrSecret,
        "The value as an INI file: a map of sections.",
        "ini({ server = { port = 80 } })",
    ),
    f(
        "embed",
        &[("path", Sig::Text)],
        Sig::Text,
        "The text of a file that lies beside this one.",
        "embed(\"app.conf\")",
    ),
    Function {
        optional: 2,
        ..f(
            "local",
            &[("name", Sig::Text), ("driver", Sig::Text), ("options", Sig::Map)],
            Sig::Location,
            "A volume of the container engine's own.",
            "local(\"jellyfin\")",
        )
    },
    Function {
        optional: 2,
        ..f(
            "tmpfs",
            &[("size", Sig::Bytes), ("mode", Sig::Mode)],
            Sig::Location,
            "Memory of the node, empty at each start.",
            "tmpfs(64MiB)",
        )
    },
    Function {
        optional: 1,
        ..f(
            "secret",
            &[("name", Sig::Any), ("path", Sig::Text)],
            Sig::Secret,
            "A secret, by its name: of the service's own paths, by its whole path, or of one store.",
            "secret(\"DB_PASSWORD\")",
        )
    },
];
