//! Addresses: IPv4, IPv6, ranges of either, and MAC addresses.

use super::{Why, shown};
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Either family.
pub fn ip(text: &str) -> Result<IpAddr, Why> {
    if text.contains(':') { ip6(text) } else { ip4(text) }
}

pub fn ip4(text: &str) -> Result<IpAddr, Why> {
    if let Some((address, _)) = text.split_once('/') {
        let why = Why::new(format!("expected one address, found the range {}", shown(text)));
        return Err(if ip4(address).is_ok() { why.replace(address) } else { why });
    }
    let parts: Vec<&str> = text.split('.').collect();
    if let Some(part) = parts.iter().find(|p| !p.bytes().all(|b| b.is_ascii_digit())) {
        return Err(if text.trim() != text && ip4(text.trim()).is_ok() {
            Why::new("expected an address, found one with spaces around it").replace(text.trim())
        } else {
            Why::new(format!("expected a number from 0 to 255, found {}", shown(part)))
                .help("an address is four numbers with dots, such as `192.168.254.10`")
        });
    }
    if parts.len() != 4 || parts.contains(&"") {
        let found = match parts.iter().filter(|p| !p.is_empty()).count() {
            _ if text.is_empty() => "nothing".to_owned(),
            n if n == parts.len() => format!("{n} in {}", shown(text)),
            _ => format!("an empty place in {}", shown(text)),
        };
        return Err(Why::new(format!("expected four numbers with dots, found {found}")));
    }
    let mut octets = [0; 4];
    for (octet, part) in octets.iter_mut().zip(parts) {
        if part.len() > 1 && part.starts_with('0') {
            let bare = part.trim_start_matches('0');
            let bare = if bare.is_empty() { "0" } else { bare };
            return Err(Why::new(format!("expected no leading zero, found `{part}`")).help(
                format!("write `{bare}`; to some programs a leading zero means an octal number"),
            ));
        }
        *octet = part.parse().map_err(|_| {
            Why::new(format!("expected a number from 0 to 255, found {}", shown(part)))
        })?;
    }
    Ok(IpAddr::V4(Ipv4Addr::from(octets)))
}

pub fn ip6(text: &str) -> Result<IpAddr, Why> {
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Ok(IpAddr::V6(address));
    }
    let fixed = |message: String, other: &str| {
        let why = Why::new(message);
        if other != text && other.parse::<Ipv6Addr>().is_ok() { why.replace(other) } else { why }
    };
    let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
    if bare != text {
        return Err(fixed(format!("expected an address alone, found {}", shown(text)), bare));
    }
    if let Some((address, _)) = text.split_once('/') {
        return Err(fixed(
            format!("expected one address, found the range {}", shown(text)),
            address,
        ));
    }
    if let Some((address, zone)) = text.split_once('%') {
        return Err(fixed(
            format!(
                "expected an address that means one thing everywhere, found the zone `%{zone}`"
            ),
            address,
        ));
    }
    if !text.contains(':') {
        return Err(Why::new(format!("expected an IPv6 address, found {}", shown(text)))
            .help("such as `fd10:10::11`"));
    }
    if text.matches("::").count() > 1 || text.contains(":::") {
        return Err(Why::new("expected `::` once, found it more often")
            .help("`::` stands for the one longest run of zeros"));
    }
    let groups: Vec<&str> = text.split(':').filter(|g| !g.is_empty()).collect();
    let bad = |g: &&&str| g.len() > 4 || !g.bytes().all(|b| b.is_ascii_hexdigit());
    if let Some(group) = groups.iter().find(bad)
        && group.parse::<Ipv4Addr>().is_err()
    {
        return Err(Why::new(format!(
            "expected one to four hexadecimal digits, found {}",
            shown(group)
        )));
    }
    let (found, count) = (shown(text), groups.len());
    if text.contains("::") {
        return Err(Why::new(format!("expected at most seven groups beside `::`, found {count}")));
    }
    let why = Why::new(format!("expected eight groups with colons, found {count} in {found}"));
    Err(if count < 8 { why.help("write `::` where the zeros are left out") } else { why })
}

/// A range of addresses: its first address and the length of its prefix.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cidr(IpNet);

impl Cidr {
    /// The range of that length around an address; `None` for a prefix longer than the address.
    pub fn around(address: IpAddr, prefix: u8) -> Option<Cidr> {
        IpNet::new(address, prefix).ok().map(|net| Cidr(net.trunc()))
    }

    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// Whether every address of the other range is in this one.
    pub fn covers(self, other: Cidr) -> bool {
        self.0.contains(&other.0)
    }

    pub fn overlaps(self, other: Cidr) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// Its first address.
    pub fn network(self) -> IpAddr {
        self.0.network()
    }

    /// Its last address; in IPv4 the one for broadcasts.
    pub fn last(self) -> IpAddr {
        self.0.broadcast()
    }

    pub fn netmask(self) -> IpAddr {
        self.0.netmask()
    }

    pub fn prefix(self) -> u8 {
        self.0.prefix_len()
    }

    pub fn is_v4(self) -> bool {
        matches!(self.0, IpNet::V4(_))
    }

    /// The address of the range whose last bits are those of another one of its family.
    pub fn at_the_place_of(self, other: IpAddr) -> IpAddr {
        match (self.network(), self.0.hostmask(), other) {
            (IpAddr::V4(net), IpAddr::V4(mask), IpAddr::V4(other)) => {
                IpAddr::from((net.to_bits() | other.to_bits() & mask.to_bits()).to_be_bytes())
            }
            (IpAddr::V6(net), IpAddr::V6(mask), IpAddr::V6(other)) => {
                IpAddr::from((net.to_bits() | other.to_bits() & mask.to_bits()).to_be_bytes())
            }
            (net, ..) => net,
        }
    }

    /// The addresses that a machine may have, in order.
    pub fn hosts(self) -> impl Iterator<Item = IpAddr> {
        self.0.hosts()
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub fn cidr(text: &str) -> Result<Cidr, Why> {
    let Some((address, length)) = text.split_once('/') else {
        let address = ip(text)?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        return Err(Why::new(format!("expected a range, found the address `{address}`")).help(
            format!("write how many bits are fixed, such as `/24`; `/{whole}` is this one"),
        ));
    };
    let address = ip(address)?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let plain = length.bytes().all(|b| b.is_ascii_digit()) && !length.is_empty();
    let Some(prefix) = length.parse::<u8>().ok().filter(|p| plain && *p <= most) else {
        let why = Why::new(format!("expected a prefix from 0 to {most}, found {}", shown(length)));
        let masked = ip(length).ok().and_then(|mask| IpNet::with_netmask(address, mask).ok());
        return Err(match masked {
            Some(net) => why.replace(net.trunc().to_string()),
            None => why,
        });
    };
    let range = Cidr::around(address, prefix).expect("the prefix was just compared with the most");
    if length.len() > 1 && length.starts_with('0') {
        return Err(Why::new(format!("expected no leading zero, found `{length}`"))
            .replace(format!("{address}/{prefix}")));
    }
    if range.network() != address {
        return Err(Why::new(format!(
            "expected the first address of a range, found `{address}` inside `{range}`"
        ))
        .replace(range.to_string()));
    }
    Ok(range)
}

/// The address of a network card.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mac(pub [u8; 6]);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

pub fn mac(text: &str) -> Result<Mac, Why> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    if let Some(c) = digits.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(Why::new(format!(
            "expected six pairs of hexadecimal digits, found {}",
            shown(c.encode_utf8(&mut [0; 4]))
        )));
    }
    let mut bytes = [0; 6];
    for (byte, at) in bytes.iter_mut().zip((0..12).step_by(2)) {
        *byte = digits
            .get(at..at + 2)
            .filter(|_| digits.len() == 12)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            .ok_or_else(|| {
                Why::new(format!(
                    "expected six pairs of hexadecimal digits, found {} digits in {}",
                    digits.len(),
                    shown(text)
                ))
                .help("such as `02:42:ac:11:00:02`")
            })?;
    }
    let mac = Mac(bytes);
    if text.to_ascii_lowercase() != mac.to_string() {
        return Err(Why::new(format!("expected six pairs with colons, found {}", shown(text)))
            .replace(mac.to_string()));
    }
    Ok(mac)
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn message<T: fmt::Debug>(result: Result<T, Why>) -> String {
        result.expect_err("a fault").message
    }

    fn replace<T: fmt::Debug>(result: Result<T, Why>) -> Option<String> {
        result.expect_err("a fault").replace
    }

    #[test]
    fn every_address_reads_as_it_prints() {
        for n in samples() {
            let four = IpAddr::V4(Ipv4Addr::from(n as u32));
            assert_eq!(ip4(&four.to_string()), Ok(four));
            let six =
                IpAddr::V6(Ipv6Addr::from(u128::from(n) << 64 | u128::from(n.rotate_left(9))));
            assert_eq!(ip6(&six.to_string()), Ok(six));
            assert_eq!(ip(&six.to_string()), Ok(six));
            let card = Mac([1, 2, 3, 4]
                .map(|i| (n >> i) as u8)
                .iter()
                .chain(&[0, 255])
                .copied()
                .collect::<Vec<_>>()
                .try_into()
                .expect("six"));
            assert_eq!(mac(&card.to_string()), Ok(card));
            for (address, bits) in [(four, 33), (six, 129)] {
                let range = Cidr::around(address, (n % bits) as u8).expect("a short prefix");
                assert_eq!(cidr(&range.to_string()), Ok(range));
                assert!(range.contains(address) && range.contains(range.last()));
            }
        }
    }

    #[test]
    fn faults_of_ipv4() {
        for (text, expected) in [
            ("", "expected four numbers with dots, found nothing"),
            ("192.168.1", "expected four numbers with dots, found 3 in `192.168.1`"),
            ("1.2.3.4.5", "expected four numbers with dots, found 5 in `1.2.3.4.5`"),
            ("1..3.4", "expected four numbers with dots, found an empty place in `1..3.4`"),
            ("192.168.1.256", "expected a number from 0 to 255, found `256`"),
            ("192.168.1.99999999999", "expected a number from 0 to 255, found `99999999999`"),
            ("192.168.1.x", "expected a number from 0 to 255, found `x`"),
            ("192.168.010.1", "expected no leading zero, found `010`"),
            ("192.168. 1.1", "expected a number from 0 to 255, found ` 1`"),
            ("10.0.0.0/8", "expected one address, found the range `10.0.0.0/8`"),
        ] {
            assert_eq!(message(ip4(text)), expected);
        }
        assert_eq!(replace(ip4("10.0.0.1/8")).as_deref(), Some("10.0.0.1"));
        assert_eq!(replace(ip4(" 10.0.0.1")).as_deref(), Some("10.0.0.1"));
        assert_eq!(replace(ip4("010.0.0.1")), None);
    }

    #[test]
    fn faults_of_ipv6() {
        for (text, expected) in [
            ("fd10::1::2", "expected `::` once, found it more often"),
            ("fd10:::2", "expected `::` once, found it more often"),
            ("fd10:10", "expected eight groups with colons, found 2 in `fd10:10`"),
            (
                "1:2:3:4:5:6:7:8:9",
                "expected eight groups with colons, found 9 in `1:2:3:4:5:6:7:8:9`",
            ),
            ("1:2:3:4:5:6:7:8::", "expected at most seven groups beside `::`, found 8"),
            ("fd10::12345", "expected one to four hexadecimal digits, found `12345`"),
            ("fd10::xyz", "expected one to four hexadecimal digits, found `xyz`"),
            ("10.0.0.1", "expected an IPv6 address, found `10.0.0.1`"),
        ] {
            assert_eq!(message(ip6(text)), expected);
        }
        assert_eq!(replace(ip6("[fd10::1]")).as_deref(), Some("fd10::1"));
        assert_eq!(replace(ip6("fe80::1%eth0")).as_deref(), Some("fe80::1"));
        assert_eq!(replace(ip6("fd10::/64")).as_deref(), Some("fd10::"));
        assert_eq!(ip6("FD10:0::1").map(|a| a.to_string()), Ok("fd10::1".to_owned()));
    }

    #[test]
    fn a_range_starts_at_its_first_address() {
        for (text, right) in [
            ("192.168.254.10/24", Some("192.168.254.0/24")),
            ("fd10:10::11/64", Some("fd10:10::/64")),
            ("10.0.0.0/255.255.0.0", Some("10.0.0.0/16")),
            ("10.0.0.0/255.0.255.0", None),
            ("10.0.0.0/08", Some("10.0.0.0/8")),
            ("10.0.0.0/33", None),
            ("10.0.0.0/+8", None),
            ("10.0.0.0/", None),
            ("10.0.0.0", None),
        ] {
            assert_eq!(replace(cidr(text)).as_deref(), right, "{text}");
        }
        assert_eq!(
            message(cidr("192.168.254.10/24")),
            "expected the first address of a range, found `192.168.254.10` inside `192.168.254.0/24`"
        );
        assert_eq!(message(cidr("fd10::/129")), "expected a prefix from 0 to 128, found `129`");
    }

    #[test]
    fn a_range_has_a_place_for_an_address_of_another() {
        let place = |range: &str, of: &str| {
            cidr(range).unwrap().at_the_place_of(of.parse().unwrap()).to_string()
        };
        assert_eq!(place("10.0.0.0/24", "10.0.1.20"), "10.0.0.20");
        assert_eq!(place("10.0.0.0/24", "10.0.0.20"), "10.0.0.20");
        assert_eq!(place("10.0.0.128/25", "10.9.9.130"), "10.0.0.130");
        assert_eq!(place("fd10:1::/64", "fd10:2::5"), "fd10:1::5");
        assert_eq!(place("10.0.0.0/24", "fd10::5"), "10.0.0.0");
    }

    #[test]
    fn ranges_compare_as_sets() {
        let range = |text| cidr(text).expect(text);
        let (lan, half, mesh) =
            (range("10.0.0.0/24"), range("10.0.0.128/25"), range("100.64.0.0/10"));
        assert!(lan.covers(half) && !half.covers(lan));
        assert!(lan.overlaps(half) && half.overlaps(lan) && !lan.overlaps(mesh));
        assert!(!range("0.0.0.0/0").overlaps(range("::/0")));
        assert!(!range("0.0.0.0/0").contains(Ipv6Addr::LOCALHOST.into()));
        assert_eq!(lan.hosts().count(), 254);
        assert_eq!(half.netmask().to_string(), "255.255.255.128");
        assert_eq!((half.prefix(), half.is_v4()), (25, true));
    }

    #[test]
    fn macs_have_one_spelling() {
        for text in ["02-42-AC-11-00-02", "0242.ac11.0002", "0242ac110002"] {
            assert_eq!(replace(mac(text)).as_deref(), Some("02:42:ac:11:00:02"));
        }
        assert_eq!(mac("02:42:AC:11:00:02"), Ok(Mac([2, 0x42, 0xac, 0x11, 0, 2])));
        assert_eq!(
            message(mac("02:42:ac:11:00")),
            "expected six pairs of hexadecimal digits, found 10 digits in `02:42:ac:11:00`"
        );
        assert_eq!(message(mac("0g:")), "expected six pairs of hexadecimal digits, found `g`");
        assert!(mac("ä2:42:ac:11:00:0").is_err());
    }
}
