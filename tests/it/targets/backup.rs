//! Backups, run day after day by a faked clock: what is kept is what a computation of its own says,
//! and no snapshot ever lacks anything.

use super::Built;
use crate::consumers::backup::{Kept, Run, TOOLS};
use crate::consumers::{missing, shell};
use std::collections::BTreeSet;

const CLUSTER: &str = r#"
cluster home { reach = [lan] }
network lan { driver = physical range = 10.1.0.0/24 }
user ann { uid = 1001 gid = 1001 }
node box {
  arch = x86_64   os = debian("13")   user = ann   address { lan = 10.1.0.2 }
  hardware {
    disk data { label = "data" fs = ext4 mount = "/srv/data" }
    disk safe { label = "safe" fs = ext4 mount = "/mnt/safe" }
  }
}
secrets vault { provider = command(["vault-get"]) path "/b" { names = [PASSWORD] } }
service shop {
  on = box
  container db {
    image = "db:1"   backup = dump   dump = ["db-dump", "$ALL"]
    volume "/db" = box.hardware.disk.data / "db [1]"
  }
  container app  { image = "app:1" volume "/files" = box.hardware.disk.data / "files" }
  container fast { image = "f:1" backup = off volume "/x" = box.hardware.disk.data / "cache" }
}
backup one {
  on = box   from = [box.hardware.disk.data, "/etc/app"]   to = box.hardware.disk.safe / "my data"
  every { snapshot = "03:00" full = weekly dumps = "03:00" }
  keep { daily = 5 weekly = 3 monthly = 4 yearly = 2 }
  exclude = ["*.tmp"]
  before = ["echo before >> /run/said"]   after = ["echo after >> /run/said"]
  verify = monthly
}
"#;

fn scripts(built: &Built, node: &str, name: &str) -> Vec<(String, String)> {
    ["dumps", "snapshot", "prune", "verify"]
        .into_iter()
        .filter_map(|what| {
            let path = format!("backup/{node}/{name}-{what}.sh");
            built.tree.get(&path)?;
            Some((format!("/usr/local/lib/colab/backup/{name}-{what}.sh"), built.text(&path)))
        })
        .collect()
}

const DOCKER: &str =
    "#!/bin/sh\ncase $1 in ps) echo id ;; exec) shift 2; echo \"$* on $(date +%F)\" ;; esac\n";

/// Data that changes each day, and what an earlier run that was cut off left behind. On the second
/// day and later what has not changed must be shared with the day before.
const DAY: &str = "
mountpoint -q /srv/data || mount -t tmpfs tmpfs /srv/data
mkdir -p '/srv/data/db [1]' /srv/data/files /srv/data/cache /etc/app '/mnt/safe/my data/.partial/junk'
for file in '/srv/data/db [1]/raw' /srv/data/files/today /srv/data/cache/x /srv/data/files/x.tmp; do
  echo \"${NOW% *}\" > \"$file\"; touch -d \"$NOW\" \"$file\"
done
[ -e /etc/app/same ] || echo same > /etc/app/same
same='/mnt/safe/my data/latest/etc/app/same'
[ ! -e \"$same\" ] || [ \"$NOW\" = \"2025-12-26 03:00:00\" ] || [ \"$(stat -c %h \"$same\")\" -gt 1 ]
";

fn run(scripts: &[(String, String)], days: u32, steps: &[&str]) -> Result<Kept, String> {
    let mut script = String::from("#!/bin/sh\nset -e\nmkdir -p /srv/data\n");
    for step in steps {
        script.push_str(step);
        script.push('\n');
    }
    let files: Vec<(&str, &str)> = scripts.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let files: Vec<_> = files.into_iter().chain([("/srv/data/.made", "")]).collect();
    let run = Run { script: &script, target: "/mnt/safe", first: "2025-12-25", days, before: DAY };
    run.kept(&files, &[("docker", DOCKER)])
}

const ALL: &[&str] = &[
    "sh /usr/local/lib/colab/backup/one-dumps.sh",
    "sh /usr/local/lib/colab/backup/one-snapshot.sh",
    "sh /usr/local/lib/colab/backup/one-prune.sh",
];

/// The days of the snapshots that stand there.
fn days(kept: &Kept) -> BTreeSet<String> {
    let below = kept.files.keys().filter_map(|path| path.strip_prefix("my data/"));
    below.filter(|path| path.starts_with('2')).map(|path| path[..10].to_string()).collect()
}

/// Days since 1970-01-01 as a date, by Hinnant's well-known arithmetic of civil days.
fn date(day: i64) -> (i64, i64, i64) {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// 2025-12-25.
const FIRST: i64 = 20_447;

/// Each class keeps its newest buckets' newest days, day by day, from what the day before left.
fn wanted(days: i64, keep: [usize; 4]) -> BTreeSet<String> {
    let bucket = |class: usize, day: i64| {
        let (year, month, _) = date(day);
        match class {
            0 => day,
            // The first of January 1970 was a Thursday; weeks begin on Monday.
            1 => (day + 3).div_euclid(7),
            2 => year * 12 + month,
            _ => year,
        }
    };
    let mut standing: BTreeSet<i64> = BTreeSet::new();
    for today in FIRST..FIRST + days {
        standing.insert(today);
        let mut kept = BTreeSet::from([today]);
        for (class, &count) in keep.iter().enumerate() {
            let buckets: BTreeSet<i64> = standing.iter().map(|&day| bucket(class, day)).collect();
            for chosen in buckets.iter().rev().take(count) {
                kept.extend(standing.iter().rev().find(|&&day| bucket(class, day) == *chosen));
            }
        }
        standing = kept;
    }
    let spelled = |day: &i64| {
        let (year, month, day) = date(*day);
        format!("{year:04}-{month:02}-{day:02}")
    };
    standing.iter().map(spelled).collect()
}

#[test]
fn the_right_snapshots_stand_after_many_days() {
    if missing(TOOLS) {
        return;
    }
    let count: u32 = std::env::var("COLAB_DAYS").map_or(45, |days| days.parse().unwrap());
    let scripts = scripts(&Built::text_of(CLUSTER), "box", "one");
    let kept = run(&scripts, count, ALL).unwrap();
    assert_eq!(days(&kept), wanted(count.into(), [5, 3, 4, 2]));

    // Another number in the script gives another set: the comparison is not blind.
    let mut other = scripts.clone();
    let prune = &mut other.iter_mut().find(|(path, _)| path.ends_with("prune.sh")).unwrap().1;
    *prune = prune.replace("keep 5 daily", "keep 4 daily");
    assert_ne!(days(&run(&other, 12, ALL).unwrap()), wanted(12, [5, 3, 4, 2]));
    assert_eq!(days(&run(&scripts, 12, ALL).unwrap()), wanted(12, [5, 3, 4, 2]));
}

#[test]
fn a_snapshot_holds_what_it_should() {
    if missing(TOOLS) {
        return;
    }
    let kept = run(&scripts(&Built::text_of(CLUSTER), "box", "one"), 3, ALL).unwrap();
    let latest = String::from_utf8(kept.files["my data/latest"].content.clone()).unwrap();
    assert!(latest.starts_with("2025-12-27T0300"), "{latest}");
    let stands = kept.files.keys().filter(|path| path.starts_with("my data/2"));
    let mut names: Vec<&str> =
        stands.map(|path| &path["my data/2025-12-27T030000Z/".len()..]).collect();
    names.sort_unstable();
    names.dedup();
    // No `*.tmp`, no cache, no database's live files, nothing that a run left behind.
    assert_eq!(
        names,
        [".started", "data/.made", "data/files/today", "dumps/shop-db.dump", "etc/app/same"]
            .iter()
            .filter(|name| **name != "data/.made")
            .copied()
            .collect::<Vec<_>>()
    );
    for (day, path) in [("2025-12-25", 0), ("2025-12-26", 1), ("2025-12-27", 2)] {
        let of = |name: &str| {
            let found = kept.files.iter().find(|(path, _)| {
                path.starts_with(&format!("my data/{day}")) && path.ends_with(name)
            });
            String::from_utf8(found.unwrap_or_else(|| panic!("{name} of {path}")).1.content.clone())
                .unwrap()
        };
        assert_eq!(of("data/files/today"), format!("{day}\n"));
        assert_eq!(of("dumps/shop-db.dump"), format!("db-dump $ALL on {day}\n"));
    }
}

#[test]
fn nothing_is_saved_from_or_to_a_folder_below_a_mount() {
    if missing(TOOLS) {
        return;
    }
    let scripts = scripts(&Built::text_of(CLUSTER), "box", "one");
    let away = |path: &str| {
        let umount = format!("umount {path}");
        run(&scripts, 1, &[&umount, ALL[1]]).unwrap_err()
    };
    assert!(away("/srv/data").contains("/srv/data is not mounted"));
    assert!(away("/mnt/safe").contains("/mnt/safe is not mounted"));
}

#[test]
fn a_dump_that_fails_leaves_the_old_one() {
    if missing(TOOLS) {
        return;
    }
    let scripts = scripts(&Built::text_of(CLUSTER), "box", "one");
    let dumps = ALL[0];
    let broken = format!(
        "{dumps}\nprintf '#!/bin/sh\\n[ $1 = ps ] && echo id || {{ echo half; exit 1; }}\\n' > \"$(command -v docker)\"\n! {dumps}"
    );
    let kept = run(&scripts, 1, &[&broken]).unwrap();
    let names: Vec<&String> = kept.files.keys().filter(|path| path.contains("dumps")).collect();
    assert_eq!(names, ["my data/dumps/shop-db.dump"]);
    assert_eq!(kept.files["my data/dumps/shop-db.dump"].content, b"db-dump $ALL on 2025-12-25\n");
}

#[test]
fn reading_back_finds_what_the_disk_lost() {
    if missing(TOOLS) {
        return;
    }
    let scripts = scripts(&Built::text_of(CLUSTER), "box", "one");
    let verify = "sh /usr/local/lib/colab/backup/one-verify.sh";
    // The times in a snapshot are real ones; what is written after it must be newer for sure.
    let fine = [ALL[1], verify, "sleep 0.1; echo newer >> /srv/data/files/today", verify];
    run(&scripts, 1, &fine).unwrap();
    let lost = [ALL[1], "echo lost > '/mnt/safe/my data/latest/etc/app/same'", verify];
    let why = run(&scripts, 1, &lost).unwrap_err();
    assert!(why.contains("etc/app/same is not what it was"), "{why}");
}

#[test]
fn two_snapshots_of_one_second_are_two() {
    if missing(TOOLS) {
        return;
    }
    let scripts = scripts(&Built::text_of(CLUSTER), "box", "one");
    // A clock of which three looks are one second.
    let clock = "#!/bin/sh\ncase $2 in +*T*) ;; *) exec /bin/date \"$@\" ;; esac\nn=$(($(cat /run/looks 2> /dev/null || echo 0) + 1))\necho $n > /run/looks\nexec /bin/date -d \"2025-12-25 03:00:0$((n / 3))Z\" \"$@\"\n";
    let files: Vec<(&str, &str)> = scripts.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let files: Vec<_> = files.into_iter().chain([("/srv/data/.made", "")]).collect();
    let script = format!("#!/bin/sh\nset -e\n{0}\n{0}\n", ALL[1]);
    let run =
        Run { script: &script, target: "/mnt/safe", first: "2025-12-25", days: 1, before: DAY };
    let kept = run.kept(&files, &[("docker", DOCKER), ("date", clock)]).unwrap();
    let stand = |name: &str| kept.files.contains_key(&format!("my data/{name}/.started"));
    assert!(stand("2025-12-25T030000Z") && stand("2025-12-25T030001Z"), "{:?}", kept.files.keys());
}

#[test]
fn commands_stand_round_the_copies_whatever_happens() {
    if missing(TOOLS) {
        return;
    }
    let scripts = scripts(&Built::text_of(CLUSTER), "box", "one");
    let said = "printf 'before\\nafter\\n' | cmp - /run/said";
    run(&scripts, 1, &[ALL[1], said]).unwrap();
    let breaks = format!("rm -r /etc/app\n! {}", ALL[1]);
    run(&scripts, 1, &[&breaks, said]).unwrap();
}

#[test]
fn the_scripts_are_sound() {
    if missing(shell::TOOLS) {
        return;
    }
    let copy = CLUSTER.replace("exclude =", "method = copy exclude =");
    let restic = CLUSTER
        .replace("exclude =", "method = restic(shop.app.credential.key) exclude =")
        .replace("container app  {", "container app  { credential key = secret(\"/b/PASSWORD\")");
    let mut count = 0;
    for (built, node, name) in [
        (Built::repo(), "cooperator", "nightly"),
        (Built::text_of(CLUSTER), "box", "one"),
        (Built::text_of(&copy), "box", "one"),
        (Built::text_of(&restic), "box", "one"),
    ] {
        for (path, text) in scripts(&built, node, name) {
            count += 1;
            if let Err(why) = shell::check(&text) {
                panic!("{path}: {why}\n{text}");
            }
        }
    }
    assert!(count >= 14, "{count}");
    let text = Built::text_of(&restic).text("backup/box/one-snapshot.sh");
    assert!(text.contains("restic backup --tag one '--exclude=*.tmp'"), "{text}");
    assert!(text.contains("RESTIC_PASSWORD_FILE=/run/colab/backup-one.password"), "{text}");
    // What stands in front of a path is the top of a source, and signs of a path mean themselves.
    let anchored = restic.replace("[\"*.tmp\"]", "[\"/lost+found\"]");
    let text = Built::text_of(&anchored).text("backup/box/one-snapshot.sh");
    let excluded = "--exclude=/srv/data/lost+found --exclude=/etc/app/lost+found --exclude=/srv/data/cache '--exclude=/srv/data/db \\[1]' ";
    assert!(text.contains(excluded), "{text}");
    let prune = Built::text_of(&restic).text("backup/box/one-prune.sh");
    assert!(prune.contains("RESTIC_CACHE_DIR=/var/cache/colab/restic\n"), "{prune}");
    assert!(prune.contains("restic forget --prune --group-by= --tag one "), "{prune}");
    assert!(prune.contains("--keep-daily=5 --keep-weekly=3 --keep-monthly=4 --keep-yearly=2"));
}

#[test]
fn what_cannot_be_saved_is_said() {
    let inside = CLUSTER.replace("\"/etc/app\"]", "\"/mnt\"]");
    assert_eq!(super::refusals(&inside), ["E0801"]);
    let bare = CLUSTER.replace("\"safe\" fs = ext4", "\"safe\" fs = exfat");
    assert_eq!(super::refusals(&bare), ["E0801"]);
}

#[test]
fn a_disk_of_another_node_is_reached_by_the_port_of_its_ssh() {
    let far = r#"
network lan { driver = physical   range = 10.1.0.0/24 }
user ann { uid = 1000   gid = 1000 }
global { node { user = ann } }
secrets keys { provider = command(["pass", "show"])   path "/b" { names = [KEY] } }
node box {
  arch = x86_64   os = debian("13")   address { lan = 10.1.0.2 }
  hardware { disk d { label = "d"   fs = ext4   mount = "/srv/d" } }
}
node safe {
  arch = x86_64   os = debian("13")   address { lan = 10.1.0.3 }   ssh { port = 22 }
  hardware { disk e { label = "e"   fs = ext4   mount = "/srv/e" } }
}
service keep { on = box   secrets = [keys["/b"]]   unit probe { exec = ["/usr/bin/true"]   timer = daily   credential key = secret("KEY") } }
backup one {
  on = box   from = [box.hardware.disk.d]   to = safe.hardware.disk.e / "copies"
  method = restic(credential = keep.probe.credential.key)   every { snapshot = daily }   keep { daily = 3 }
}
cluster far { reach = [lan] }
"#;
    let target = |text: &str| {
        let script = Built::text_of(text).text("backup/box/one-snapshot.sh");
        script.lines().find_map(|line| Some(line.strip_prefix("target=")?.to_string())).unwrap()
    };
    assert_eq!(target(far), "sftp:ann@10.1.0.3:/srv/e/copies");
    let other = far.replace("port = 22 ", "port = 2200 ");
    assert_eq!(target(&other), "sftp://ann@10.1.0.3:2200//srv/e/copies");
}
