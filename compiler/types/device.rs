//! Device files of disks: which drive a partition is of, as the systems name them.

/// The drive of a partition, or the whole drive itself: `sda` of `/dev/sda1`, `nvme0n1` of `/dev/nvme0n1p2`, `disk/by-id/x`
/// of `/dev/disk/by-id/x-part1`, `disk2` of `/dev/disk2s1`. Of other names nothing is known.
pub fn drive(device: &str) -> Option<&str> {
    let name = device.strip_prefix("/dev/").unwrap_or(device);
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let ends_in_digit = |text: &str| text.ends_with(|c: char| c.is_ascii_digit());
    if ["disk/by-id/", "disk/by-path/"].iter().any(|links| name.starts_with(links)) {
        return stem.strip_suffix("-part").filter(|_| ends_in_digit(name)).or(Some(name));
    }
    // Letters number these, so that digits are a partition's.
    if let Some(letters) = ["sd", "vd", "hd", "xvd"].iter().find_map(|kind| name.strip_prefix(kind))
    {
        let letters = letters.trim_end_matches(|c: char| c.is_ascii_digit());
        let plain =
            (1..=3).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_lowercase());
        return plain.then_some(stem);
    }
    let mark = match name {
        _ if name.starts_with("nvme") || name.starts_with("mmcblk") => 'p',
        // macOS counts its disks and their slices.
        _ if name.starts_with("disk") => 's',
        _ => return None,
    };
    let drive = stem.strip_suffix(mark).filter(|drive| ends_in_digit(drive) && stem != name);
    Some(drive.unwrap_or(name)).filter(|drive| ends_in_digit(drive) && !drive.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::drive;

    #[test]
    fn a_partition_is_of_its_drive() {
        for (device, of) in [
            ("/dev/sda1", Some("sda")),
            ("/dev/sda", Some("sda")),
            ("sdb", Some("sdb")),
            ("/dev/sdaa12", Some("sdaa")),
            ("/dev/xvdf2", Some("xvdf")),
            ("/dev/nvme0n1", Some("nvme0n1")),
            ("/dev/nvme0n1p3", Some("nvme0n1")),
            ("/dev/nvme1n1p1", Some("nvme1n1")),
            ("/dev/mmcblk0p1", Some("mmcblk0")),
            ("/dev/mmcblk0", Some("mmcblk0")),
            ("/dev/disk2s1", Some("disk2")),
            ("/dev/disk2", Some("disk2")),
            ("/dev/disk/by-id/ata-X_12-part2", Some("disk/by-id/ata-X_12")),
            ("/dev/disk/by-id/ata-X_12", Some("disk/by-id/ata-X_12")),
            ("/dev/mapper/vg-home", None),
            ("/dev/md0", None),
            ("/dev/disk/by-uuid/12", None),
            ("tank/home", None),
            ("sdcard0", None),
        ] {
            assert_eq!(drive(device), of, "{device}");
        }
    }
}
