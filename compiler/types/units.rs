//! Amounts with a unit: bytes, durations and processor shares; their arithmetic and how they print.
//! How they are read stands in `quantity.rs`.

use std::fmt;

/// An amount of memory or storage, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Bytes(pub u64);

/// A span of time, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Duration(pub u64);

/// A share of processors, in thousandths of one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Cpu(pub u64);

/// From the smallest to the largest.
pub(super) const DECIMAL: [(&str, u64); 6] = [
    ("B", 1),
    ("kB", 1000),
    ("MB", 1000_u64.pow(2)),
    ("GB", 1000_u64.pow(3)),
    ("TB", 1000_u64.pow(4)),
    ("PB", 1000_u64.pow(5)),
];
pub(super) const BINARY: [(&str, u64); 5] =
    [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("PiB", 1 << 50)];
pub(super) const TIME: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1000),
    ("ms", 1000_u64.pow(2)),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", 3600 * SECOND),
    ("d", 24 * 3600 * SECOND),
    ("w", WEEK),
];
const SECOND: u64 = 1000_u64.pow(3);
const WEEK: u64 = 7 * 24 * 3600 * SECOND;

macro_rules! arithmetic {
    ($name:ident) => {
        /// `None` where the result is negative or too large.
        impl $name {
            pub fn checked_add(self, other: Self) -> Option<Self> {
                self.0.checked_add(other.0).map(Self)
            }

            pub fn checked_sub(self, other: Self) -> Option<Self> {
                self.0.checked_sub(other.0).map(Self)
            }

            pub fn checked_mul(self, by: i64) -> Option<Self> {
                self.0.checked_mul(u64::try_from(by).ok()?).map(Self)
            }

            /// Rounded to the nearest, halves up.
            pub fn checked_div(self, by: i64) -> Option<Self> {
                let by = u128::from(u64::try_from(by).ok()?);
                rounded(u128::from(self.0), by).map(Self)
            }

            /// Rounded to the nearest, halves up.
            pub fn checked_scale(self, by: f64) -> Option<Self> {
                scale(self.0, by).map(Self)
            }

            /// Rounded to the nearest, halves up.
            pub fn checked_unscale(self, by: f64) -> Option<Self> {
                unscale(self.0, by).map(Self)
            }

            /// How many times the other one goes into this one.
            pub fn ratio(self, other: Self) -> Option<f64> {
                (other.0 != 0).then(|| self.0 as f64 / other.0 as f64)
            }
        }
    };
}
arithmetic!(Bytes);
arithmetic!(Duration);
arithmetic!(Cpu);

impl Bytes {
    /// Whole mebibytes, rounded down.
    pub fn mib(self) -> u64 {
        self.0 >> 20
    }

    /// Mebibytes, if it is a whole number of them.
    pub fn whole_mib(self) -> Option<u64> {
        self.0.is_multiple_of(1 << 20).then(|| self.mib())
    }
}

impl Duration {
    /// Whole seconds, rounded down.
    pub fn seconds(self) -> u64 {
        self.0 / SECOND
    }

    /// Seconds, if it is a whole number of them.
    pub fn whole_seconds(self) -> Option<u64> {
        self.0.is_multiple_of(SECOND).then(|| self.seconds())
    }
}

impl Cpu {
    pub fn cores(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

/// The shortest of the whole amounts that say it exactly: `4GiB`, `955GB`, `1536MiB`.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shortest = BINARY
            .iter()
            .rev()
            .chain(DECIMAL.iter().rev())
            .filter(|(_, size)| self.0 >= *size && self.0.is_multiple_of(*size))
            .map(|(unit, size)| format!("{}{unit}", self.0 / size))
            .min_by_key(String::len);
        f.write_str(shortest.as_deref().unwrap_or("0B"))
    }
}

/// From the largest unit down: `1m30s`, `1d12h`. Weeks only where nothing else is needed: `2w`, but
/// `30d`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let units = if self.0.is_multiple_of(WEEK) { &TIME[..] } else { &TIME[..TIME.len() - 1] };
        let mut rest = self.0;
        for (unit, size) in units.iter().rev() {
            if rest >= *size {
                write!(f, "{}{unit}", rest / size)?;
                rest %= size;
            }
        }
        Ok(())
    }
}

/// `2cpu`, `0.5cpu`
impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 1000, self.0 % 1000);
        if part == 0 {
            return write!(f, "{whole}cpu");
        }
        let digits = format!("{part:03}");
        write!(f, "{whole}.{}cpu", digits.trim_end_matches('0'))
    }
}

/// `value * by` without a detour over a float, which holds only 53 bits.
fn scale(value: u64, by: f64) -> Option<u64> {
    let (mantissa, exponent) = decode(by)?;
    let product = u128::from(value) * mantissa;
    if product == 0 {
        return Some(0);
    }
    match u32::try_from(exponent) {
        Ok(up) if up < 64 => u64::try_from(product.checked_mul(1 << up)?).ok(),
        Ok(_) => None,
        Err(_) => match exponent.unsigned_abs() {
            down @ ..=126 => rounded(product, 1 << down),
            _ => Some(0),
        },
    }
}

/// `value / by`; what does not fit into 128 bits on the way would not fit into 64 in the end.
fn unscale(value: u64, by: f64) -> Option<u64> {
    let (mantissa, exponent) = decode(by)?;
    if value == 0 && mantissa != 0 {
        return Some(0);
    }
    match u32::try_from(exponent) {
        Ok(up) if up < 64 => rounded(u128::from(value), mantissa << up),
        Ok(_) => Some(0),
        Err(_) => match exponent.unsigned_abs() {
            up @ ..=126 => rounded(u128::from(value).checked_mul(1 << up)?, mantissa),
            _ => None,
        },
    }
}

/// A float that is finite and not negative, as `mantissa * 2^exponent`, exactly.
fn decode(float: f64) -> Option<(u128, i32)> {
    if !float.is_finite() || float < 0.0 {
        return None;
    }
    let bits = float.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let fraction = u128::from(bits & ((1 << 52) - 1));
    Some(match exponent {
        0 => (fraction, -1074),
        _ => (fraction | 1 << 52, exponent - 1075),
    })
}

fn rounded(value: u128, by: u128) -> Option<u64> {
    let whole = value.checked_div(by)?;
    let rest = value % by;
    u64::try_from(whole + u128::from(rest >= by - rest)).ok()
}

#[cfg(test)]
mod tests {
    use super::super::{Quantity, quantity, samples};
    use super::*;

    #[test]
    fn bytes_print_in_the_shortest_exact_unit() {
        for (bytes, text) in [
            (0, "0B"),
            (1, "1B"),
            (999, "999B"),
            (1000, "1kB"),
            (1024, "1KiB"),
            (4 << 30, "4GiB"),
            (955_000_000_000, "955GB"),
            (1_800_000_000_000, "1800GB"),
            (3 << 29, "1536MiB"),
            (1_024_000, "1024kB"),
            (u64::MAX, "18446744073709551615B"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }

    #[test]
    fn durations_print_from_the_largest_unit_down() {
        for (seconds, text) in [
            (0, "0s"),
            (30, "30s"),
            (90, "1m30s"),
            (86_400, "1d"),
            (129_600, "1d12h"),
            (7 * 86_400, "1w"),
            (30 * 86_400, "30d"),
            (365 * 86_400, "365d"),
        ] {
            assert_eq!(Duration(seconds * SECOND).to_string(), text);
        }
        assert_eq!(Duration(250_000_000).to_string(), "250ms");
        assert_eq!(Duration(1_000_000_001).to_string(), "1s1ns");
    }

    #[test]
    fn cpus_print_without_trailing_zeros() {
        for (thousandths, text) in
            [(0, "0cpu"), (2000, "2cpu"), (500, "0.5cpu"), (250, "0.25cpu"), (1001, "1.001cpu")]
        {
            assert_eq!(Cpu(thousandths).to_string(), text);
        }
    }

    #[test]
    fn what_prints_reads_as_the_same_value() {
        for n in samples() {
            assert_eq!(quantity(&Bytes(n).to_string()), Ok(Quantity::Bytes(Bytes(n))));
            assert_eq!(quantity(&Duration(n).to_string()), Ok(Quantity::Duration(Duration(n))));
            assert_eq!(quantity(&Cpu(n).to_string()), Ok(Quantity::Cpu(Cpu(n))));
        }
    }

    #[test]
    fn sums_and_products_are_exact_or_none() {
        assert_eq!(Bytes(1).checked_add(Bytes(u64::MAX)), None);
        assert_eq!(Bytes(1).checked_sub(Bytes(2)), None);
        assert_eq!(Bytes(4 << 30).checked_mul(2), Some(Bytes(8 << 30)));
        assert_eq!(Bytes(4).checked_mul(-1), None);
        assert_eq!(Bytes(4).checked_div(0), None);
        assert_eq!(Bytes(5).checked_div(2), Some(Bytes(3)));
        assert_eq!(Bytes(u64::MAX).checked_div(1), Some(Bytes(u64::MAX)));
        assert_eq!(Duration(6).ratio(Duration(4)), Some(1.5));
        assert_eq!(Duration(6).ratio(Duration(0)), None);
    }

    #[test]
    fn floats_scale_without_loss() {
        assert_eq!(Bytes(4 << 30).checked_scale(1.5), Some(Bytes(6 << 30)));
        assert_eq!(Bytes(10).checked_scale(0.1), Some(Bytes(1)));
        assert_eq!(Bytes(10).checked_unscale(0.1), Some(Bytes(100)));
        assert_eq!(Bytes(0).checked_unscale(0.0), None);
        for bad in [f64::NAN, f64::INFINITY, -1.0] {
            assert_eq!(Bytes(1).checked_scale(bad), None);
            assert_eq!(Bytes(1).checked_unscale(bad), None);
        }
        assert_eq!(Bytes(1).checked_scale(f64::MAX), None);
        assert_eq!(Bytes(0).checked_scale(f64::MAX), Some(Bytes(0)));
        assert_eq!(Bytes(u64::MAX).checked_unscale(f64::MAX), Some(Bytes(0)));
        assert_eq!(Bytes(1).checked_unscale(f64::MIN_POSITIVE), None);
        for n in samples() {
            assert_eq!(scale(n, 1.0), Some(n));
            assert_eq!(unscale(n, 1.0), Some(n));
            assert_eq!(scale(n, 2.0), n.checked_mul(2));
            assert_eq!(unscale(n, 0.5), n.checked_mul(2));
            assert_eq!(scale(n, 0.25), unscale(n, 4.0));
        }
    }

    #[test]
    fn parts_of_units() {
        assert_eq!(Bytes((2 << 20) + 1).mib(), 2);
        assert_eq!(Bytes((2 << 20) + 1).whole_mib(), None);
        assert_eq!(Duration(2_500_000_000).seconds(), 2);
        assert_eq!(Duration(2_000_000_000).whole_seconds(), Some(2));
        assert_eq!(Cpu(1500).cores(), 1.5);
    }
}
