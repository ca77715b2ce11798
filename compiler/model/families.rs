//! Operating systems and the families that hold them, widest last.

/// (family, its members)
pub static FAMILIES: &[(&str, &[&str])] = &[
    (
        "linux",
        &[
            "debian",
            "ubuntu",
            "raspbian",
            "fedora",
            "rocky",
            "arch-linux",
            "alpine",
            "opensuse",
            "nixos",
        ],
    ),
    ("unix", &["linux", "macos"]),
];

/// Whether an operating system or family belongs to a family, at any distance.
pub fn is_in(word: &str, family: &str) -> bool {
    let direct = |(name, members): &(&str, &[&str])| *name == family && members.contains(&word);
    if FAMILIES.iter().any(direct) {
        return true;
    }
    FAMILIES.iter().any(|(name, members)| {
        *name == family && members.iter().any(|member| *member != word && is_in(word, member))
    })
}

/// The families of an operating system, widest first, itself last.
pub fn line(word: &str) -> Vec<&str> {
    let mut line = vec![word];
    let mut at = word;
    while let Some((family, _)) = FAMILIES.iter().find(|(_, members)| members.contains(&at)) {
        line.push(family);
        at = family;
    }
    line.reverse();
    line
}
