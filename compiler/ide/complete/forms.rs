//! How values are written that are neither words nor texts: a row a type, with an example.

use crate::model::schema::Ty;

/// The name of a type, what its values are, and one of them.
pub(super) fn form(ty: &Ty) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match ty {
        Ty::Int | Ty::IntIn(..) => ("int", "a whole number", "1"),
        Ty::Float => ("float", "a number", "0.5"),
        Ty::Bytes => {
            ("bytes", "a size: `KiB`, `MiB`, `GiB` of 1024, `kB`, `MB`, `GB` of 1000", "512MiB")
        }
        Ty::Duration => ("duration", "a stretch of time: `ms`, `s`, `m`, `h`, `d`", "30s"),
        Ty::Cpu => ("cpu", "processors", "2cpu"),
        Ty::Ip | Ty::Ip4 => ("ip", "an address", "192.168.1.10"),
        Ty::Ip6 => ("ip6", "an address", "fd00::10"),
        Ty::Cidr => ("cidr", "a range of addresses", "192.168.1.0/24"),
        Ty::Mac => ("mac", "the address of a network card", "52:54:00:12:34:56"),
        Ty::Mode => ("mode", "who may read, write and run it, as `chmod` takes it", "0640"),
        Ty::Port => ("port", "1 to 65535", "8080"),
        Ty::Ports => ("ports", "of the node, and after `->` of the container", "8080 -> 80"),
        _ => return None,
    })
}
