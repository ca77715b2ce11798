//! Numbers and quantities as other tools write them, and how they are written here.

use crate::model::schema::Ty;
use crate::types::{self, Quantity, Why};

/// A size that was written as a plain number, the likeliest first: few are large units, many are bytes.
pub(super) fn sizes(number: i64) -> Vec<String> {
    const KIB: i64 = 1 << 10;
    match number {
        ..=0 => Vec::new(),
        1..=128 => vec![format!("{number}GiB"), format!("{number}MiB")],
        129..=0x000f_ffff => vec![format!("{number}MiB"), format!("{number}B")],
        _ => {
            let units = [(KIB * KIB * KIB, "GiB"), (KIB * KIB, "MiB"), (KIB, "KiB")];
            let whole = units.iter().find(|(size, _)| number % size == 0);
            vec![
                whole.map_or(format!("{number}B"), |(size, unit)| {
                    format!("{}{unit}", number / size)
                }),
            ]
        }
    }
}

/// The octal digits of `640`, `"0640"`, `"0o640"`.
pub(super) fn octal(written: &str) -> &str {
    let digits = written.trim_matches(['"', '\'']);
    let digits = digits.trim_start_matches("0o");
    if digits.len() > 3 { digits.trim_start_matches('0') } else { digits }
}

/// `512m`, `1.5g`: as engines write sizes; else what the quantity's own fault offers.
pub(super) fn quantity_meant(ty: &Ty, text: &str) -> Option<String> {
    let text = text.trim();
    if *ty == Ty::Bytes {
        let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
        let unit = match unit.to_ascii_lowercase().as_str() {
            "b" => "B",
            "k" | "kb" | "ki" | "kib" => "KiB",
            "m" | "mb" | "mi" | "mib" => "MiB",
            "g" | "gb" | "gi" | "gib" => "GiB",
            "t" | "tb" | "ti" | "tib" => "TiB",
            _ => return None,
        };
        let meant = format!("{}{unit}", number.trim());
        return literal_of(ty, &meant).then_some(meant);
    }
    let compact: String = text.split_whitespace().collect();
    let meant = match (ty, types::quantity(&compact)) {
        (_, Err(Why { replace: Some(meant), .. })) => meant,
        (Ty::Cpu, _) => format!("{}cpu", compact.trim_end_matches(|c: char| c.is_alphabetic())),
        _ => compact,
    };
    literal_of(ty, &meant).then_some(meant)
}

/// Whether the text would be a literal of the type.
pub(super) fn literal_of(ty: &Ty, text: &str) -> bool {
    match ty {
        Ty::Bytes => matches!(types::quantity(text), Ok(Quantity::Bytes(_))),
        Ty::Duration => matches!(types::quantity(text), Ok(Quantity::Duration(_))),
        Ty::Cpu => matches!(types::quantity(text), Ok(Quantity::Cpu(_))),
        Ty::Ip | Ty::Ip4 | Ty::Ip6 => types::ip(text).is_ok(),
        Ty::Cidr => types::cidr(text).is_ok(),
        Ty::Mac => types::mac(text).is_ok(),
        Ty::Mode => types::mode(text).is_ok(),
        Ty::Int | Ty::IntIn(..) | Ty::Port | Ty::Ports => text.parse::<i64>().is_ok(),
        Ty::Bool => matches!(text, "true" | "false"),
        _ => false,
    }
}

/// `2027-11-30`, which reads as two subtractions.
pub(super) fn is_day(written: &str) -> bool {
    let parts: Vec<&str> = written.split('-').collect();
    let digits = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
    matches!(parts.as_slice(), [y, m, d] if (y.len(), m.len(), d.len()) == (4, 2, 2))
        && parts.iter().all(digits)
}
