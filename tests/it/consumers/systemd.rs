//! systemd's units and calendar, read by `systemd-analyze`.

use super::Scratch;

pub const TOOLS: &[&str] = &["systemd-analyze"];

/// Verifies the units, by name and text, on a machine that has `programs`, which they run.
pub fn verify(units: &[(&str, &str)], programs: &[&str]) -> Result<(), String> {
    let scratch = Scratch::new();
    for (name, text) in units {
        scratch.machine(&format!("/etc/systemd/system/{name}"), text);
    }
    let script = r#"for program in $PROGRAMS; do
            mkdir -p "$(dirname "$program")"
            [ -x "$program" ] || { echo '#!/bin/sh' > "$program"; chmod +x "$program"; }
        done
        cd /etc/systemd/system && systemd-analyze verify --man=no "$@""#;
    let names = units.iter().map(|(name, _)| format!("./{name}"));
    let call = scratch.call("sh").args(["-c", script, "sh"]).args(names);
    // Of a key or section that it doesn't know it only warns, with status 0.
    let heard = call.env("PROGRAMS", programs.join(" ")).silent()?;
    if heard.out.is_empty() { pairs(units) } else { Err(heard.out) }
}

/// It doesn't miss the unit that a timer or an automount is for.
fn pairs(units: &[(&str, &str)]) -> Result<(), String> {
    for (name, text) in units {
        let partner = match name.rsplit_once('.') {
            Some((stem, "timer")) if !text.contains("\nUnit=") => format!("{stem}.service"),
            Some((stem, "automount")) => format!("{stem}.mount"),
            _ => continue,
        };
        if !units.iter().any(|(name, _)| *name == partner) {
            return Err(format!("{name} has no {partner}"));
        }
    }
    Ok(())
}

/// The next `count` times of `calendar` after `from`, as `2026-01-01 03:00:00`.
pub fn times(calendar: &str, from: &str, count: u32) -> Result<Vec<String>, String> {
    let scratch = Scratch::new();
    let call = scratch.call("systemd-analyze").arg("calendar").arg(format!("--iterations={count}"));
    let heard = call.arg(format!("--base-time={from} UTC")).arg(calendar).fine()?;
    let rows = heard.out.lines().map(str::trim);
    let times = rows.filter(|row| row.starts_with("Next elapse:") || row.starts_with("Iter."));
    // `Next elapse: Thu 2026-01-01 03:00:00 UTC`
    let time = |row: &str| {
        let words: Vec<&str> = row.split_whitespace().rev().take(3).collect();
        format!("{} {}", words[2], words[1])
    };
    Ok(times.map(time).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = "[Unit]\nDescription=Snapshot\nRequiresMountsFor=/mnt/backup\n\n\
        [Service]\nType=oneshot\nExecStart=/usr/local/lib/colab/snapshot \"100%%\"\n";
    const TIMER: &str = "[Timer]\nOnCalendar=*-*-* 03:00:00\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n";

    fn both(service: &str, timer: &str) -> Result<(), String> {
        let units = [("snapshot.service", service), ("snapshot.timer", timer)];
        verify(&units, &["/usr/local/lib/colab/snapshot"])
    }

    #[test]
    fn broken_units_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            |service| both(service, TIMER),
            SERVICE,
            &[
                ("100%%", "100%Z"),
                ("RequiresMountsFor", "RequiresMountFor"),
                ("[Service]", "[Servic]"),
                ("colab/snapshot", "colab/snapshots"),
            ],
        );
        super::super::refuses(
            |timer| both(SERVICE, timer),
            TIMER,
            &[("*-*-* 03:00:00", "0 3 * * *"), ("Persistent=true", "Persistent=maybe")],
        );
        verify(&[("snapshot.timer", TIMER)], &[]).unwrap_err();
    }

    #[test]
    fn a_calendar_has_its_times() {
        if super::super::missing(TOOLS) {
            return;
        }
        let found = times("Mon *-*-* 03:30:00", "2026-01-01 00:00:00", 2).unwrap();
        assert_eq!(found, ["2026-01-05 03:30:00", "2026-01-12 03:30:00"]);
        times("0 3 * * *", "2026-01-01 00:00:00", 2).unwrap_err();
    }
}
