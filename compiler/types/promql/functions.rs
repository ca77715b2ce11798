//! The functions that Prometheus 2 and 3 both have without being asked for, and what they take.

use super::Kind;
use Kind::{Matrix, Scalar, Text, Vector};

pub struct Function {
    name: &'static str,
    arguments: &'static [Kind],
    /// How many there must be.
    pub least: usize,
    /// Whether the last may come any number of times.
    many: bool,
    pub gives: Kind,
}

impl Function {
    pub fn argument(&self, at: usize) -> Option<Kind> {
        let last = self.arguments.last().filter(|_| self.many);
        self.arguments.get(at).or(last).copied()
    }

    pub const fn most(&self) -> usize {
        self.arguments.len()
    }
}

pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

pub fn counted(count: usize) -> String {
    match count {
        0 => "no argument".to_owned(),
        1 => "one argument".to_owned(),
        more => format!("{more} arguments"),
    }
}

pub const AGGREGATES: &[&str] = &[
    "avg",
    "bottomk",
    "count",
    "count_values",
    "group",
    "max",
    "min",
    "quantile",
    "stddev",
    "stdvar",
    "sum",
    "topk",
];

/// Words of the language that name no metric where a value may stand.
pub const RESERVED: &[&str] =
    &["bool", "by", "group_left", "group_right", "ignoring", "offset", "on", "without"];

const fn row(
    name: &'static str,
    arguments: &'static [Kind],
    least: usize,
    gives: Kind,
) -> Function {
    Function { name, arguments, least, many: false, gives }
}

const fn of(name: &'static str, argument: &'static [Kind; 1]) -> Function {
    row(name, argument, 1, Vector)
}

/// Of a moment, which is now where none is given.
const fn at(name: &'static str) -> Function {
    row(name, &[Vector], 0, Vector)
}

static FUNCTIONS: &[Function] = &[
    of("abs", &[Vector]),
    of("absent", &[Vector]),
    of("absent_over_time", &[Matrix]),
    of("acos", &[Vector]),
    of("acosh", &[Vector]),
    of("asin", &[Vector]),
    of("asinh", &[Vector]),
    of("atan", &[Vector]),
    of("atanh", &[Vector]),
    of("avg_over_time", &[Matrix]),
    of("ceil", &[Vector]),
    of("changes", &[Matrix]),
    row("clamp", &[Vector, Scalar, Scalar], 3, Vector),
    row("clamp_max", &[Vector, Scalar], 2, Vector),
    row("clamp_min", &[Vector, Scalar], 2, Vector),
    of("cos", &[Vector]),
    of("cosh", &[Vector]),
    of("count_over_time", &[Matrix]),
    at("day_of_month"),
    at("day_of_week"),
    at("day_of_year"),
    at("days_in_month"),
    of("deg", &[Vector]),
    of("delta", &[Matrix]),
    of("deriv", &[Matrix]),
    of("exp", &[Vector]),
    of("floor", &[Vector]),
    of("histogram_count", &[Vector]),
    row("histogram_fraction", &[Scalar, Scalar, Vector], 3, Vector),
    row("histogram_quantile", &[Scalar, Vector], 2, Vector),
    of("histogram_sum", &[Vector]),
    at("hour"),
    of("idelta", &[Matrix]),
    of("increase", &[Matrix]),
    of("irate", &[Matrix]),
    Function {
        name: "label_join",
        arguments: &[Vector, Text, Text, Text],
        least: 3,
        many: true,
        gives: Vector,
    },
    row("label_replace", &[Vector, Text, Text, Text, Text], 5, Vector),
    of("last_over_time", &[Matrix]),
    of("ln", &[Vector]),
    of("log10", &[Vector]),
    of("log2", &[Vector]),
    of("max_over_time", &[Matrix]),
    of("min_over_time", &[Matrix]),
    at("minute"),
    at("month"),
    row("pi", &[], 0, Scalar),
    row("predict_linear", &[Matrix, Scalar], 2, Vector),
    of("present_over_time", &[Matrix]),
    row("quantile_over_time", &[Scalar, Matrix], 2, Vector),
    of("rad", &[Vector]),
    of("rate", &[Matrix]),
    of("resets", &[Matrix]),
    row("round", &[Vector, Scalar], 1, Vector),
    row("scalar", &[Vector], 1, Scalar),
    of("sgn", &[Vector]),
    of("sin", &[Vector]),
    of("sinh", &[Vector]),
    of("sort", &[Vector]),
    of("sort_desc", &[Vector]),
    of("sqrt", &[Vector]),
    of("stddev_over_time", &[Matrix]),
    of("stdvar_over_time", &[Matrix]),
    of("sum_over_time", &[Matrix]),
    of("tan", &[Vector]),
    of("tanh", &[Vector]),
    row("time", &[], 0, Scalar),
    of("timestamp", &[Vector]),
    of("vector", &[Scalar]),
    at("year"),
];
