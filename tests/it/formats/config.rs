//! Configuration files of services and systems.

use super::{accepted, file, folder, nothing_ran, offline, python, python_with, run, stdout, tool};
use colabc::formats::{caddyfile, dnsmasq, fstab, hosts, ini, smb, ssh, systemd};
use colabc::origin::Origin;
use std::process::Command;

fn ini_of<'a>(texts: &'a [&'a str]) -> Vec<ini::Section<'a>> {
    let entry = |(at, text): (usize, &&'a str)| ini::Entry {
        key: format!("k{at}").into(),
        value: (*text).into(),
        origin: Origin::NONE,
    };
    let entries = texts.iter().enumerate().map(entry).collect();
    vec![ini::Section { name: "s".into(), entries, origin: Origin(1) }]
}

#[test]
fn python_reads_ini() {
    let Some(interpreter) = python_with("configparser") else { return };
    let texts = accepted(100, |text| ini::write("", &ini_of(&[text])));
    let written =
        ini::write("header", &ini_of(&texts.iter().map(String::as_str).collect::<Vec<_>>()));
    let program = "import sys, json, configparser\n\
        text = sys.stdin.buffer.read().decode()\n\
        def read(**how):\n\
        \x20   reader = configparser.RawConfigParser(**how)\n\
        \x20   reader.read_string(text)\n\
        \x20   return list(dict(reader['s']).values())\n\
        print(json.dumps([read(), read(inline_comment_prefixes=('#', ';'))]))";
    let read = python(&interpreter, program, &written.unwrap().text);
    assert_eq!(read, serde_json::json!([texts, texts]));
}

fn smb_of(texts: &[&str]) -> String {
    let share = |(at, text): (usize, &&str)| smb::Section {
        name: format!("s{at}").into(),
        entries: vec![
            smb::Entry {
                key: "path".into(),
                value: smb::Value::Fixed("/tmp"),
                origin: Origin::NONE,
            },
            smb::Entry {
                key: "comment".into(),
                value: smb::Value::Text(text.to_string().into()),
                origin: Origin::NONE,
            },
        ],
        origin: Origin(1),
    };
    let sections: Vec<_> = texts.iter().enumerate().map(share).collect();
    smb::write("header", &sections).unwrap().text
}

#[test]
fn testparm_reads_smb_conf() {
    let Some(testparm) = tool("testparm") else { return };
    let sections = |text: &str| {
        let value = smb::Value::Text(text.to_string().into());
        let entries = vec![smb::Entry { key: "comment".into(), value, origin: Origin::NONE }];
        smb::write("", &[smb::Section { name: "s".into(), entries, origin: Origin(1) }])
    };
    let texts = accepted(100, sections);
    // Samba keeps no more of a line than fits its buffers, and testparm leaves empty values out.
    let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
    let conf = file(&folder("smb"), "smb.conf", &smb_of(&texts));
    let mut command = offline(&testparm).unwrap();
    let done = run(command.arg("-s").arg(conf), "");
    let errors = String::from_utf8_lossy(&done.stderr);
    for sign in ["Unknown", "WARNING", "NOTE", "Ignoring"] {
        assert!(!errors.contains(sign), "{errors}");
    }
    let shown = String::from_utf8(done.stdout).unwrap();
    let mut read = Vec::new();
    for (at, _) in texts.iter().enumerate() {
        let section = shown.split(&format!("[s{at}]\n")).nth(1).unwrap();
        let comment = section.lines().next().unwrap().trim_start();
        read.push(comment.strip_prefix("comment = ").unwrap_or_else(|| panic!("{at} {comment}")));
    }
    assert_eq!(read, texts);
}

fn mount(text: &str) -> fstab::Line<'_> {
    fstab::Line::Mount(fstab::Mount {
        source: text.into(),
        target: text.into(),
        kind: "auto".into(),
        options: vec!["noauto".into(), format!("x-a={text}").into()],
        pass: 0,
        origin: Origin(1),
    })
}

#[test]
fn findmnt_reads_fstab() {
    let texts = accepted(100, |text| fstab::write(&[mount(text)]));
    // A tag such as `UUID=` and a bare file name mean something to findmnt as a source.
    let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|t| !t.contains('=')).collect();
    let lines: Vec<_> = texts.iter().map(|t| mount(t)).collect();
    let table = file(&folder("fstab"), "fstab", &fstab::write(&lines).unwrap().text);
    if let Some(findmnt) = tool("findmnt") {
        let mut command = Command::new(findmnt);
        command.args(["--fstab", "-J", "-o", "SOURCE,TARGET,OPTIONS", "--tab-file"]).arg(&table);
        let read: serde_json::Value = serde_json::from_str(&stdout(&mut command, "")).unwrap();
        let rows = read["filesystems"].as_array().unwrap();
        assert_eq!(rows.len(), texts.len());
        for (row, text) in rows.iter().zip(&texts) {
            assert_eq!(row["source"], **text);
            assert_eq!(row["target"], **text);
            assert_eq!(row["options"], format!("noauto,x-a={text}"));
        }
    }
}

#[test]
fn the_resolver_reads_hosts() {
    let (Some(shell), Some(_)) = (tool("sh"), tool("getent")) else { return };
    let line = |text: &str| {
        let names = vec![text.to_string().into(), "alias.x".into()];
        hosts::write(&[hosts::Line::Host {
            address: "10.9.8.7".parse().unwrap(),
            names,
            origin: Origin(1),
        }])
    };
    let mut texts = accepted(20, line);
    // The resolver does not tell upper case from lower.
    texts.sort_by_key(|text| text.to_lowercase());
    texts.dedup_by_key(|text| text.to_lowercase());
    let mut all = hosts::write(&[hosts::Line::Comment("a # b".into())]).unwrap().text;
    for text in &texts {
        all.push_str(&line(text).unwrap().text);
    }
    let table = file(&folder("hosts"), "hosts", &all);
    let mut command = Command::new(tool("unshare").unwrap());
    command.args(["--map-root-user", "--net", "--mount", "--"]).arg(shell);
    command.args([
        "-c",
        "mount --bind \"$1\" /etc/hosts && shift && getent -s files hosts \"$@\"",
        "sh",
    ]);
    // Numbers are addresses to the resolver, before any file is asked.
    let texts: Vec<_> = texts
        .iter()
        .filter(|t| t.contains(|c: char| c.is_ascii_alphabetic()) && !t.starts_with('0'))
        .collect();
    command.arg(table).args(&texts);
    let read = stdout(&mut command, "");
    let names: Vec<&str> =
        read.lines().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert_eq!(names, texts);
}

fn keys(texts: &[&str]) -> String {
    let key = |text: &&str| ssh::Setting::new("IdentityFile", text.to_string());
    let settings = texts.iter().map(key).collect();
    let hosts = vec![ssh::Host { names: vec!["h".into()], settings, origin: Origin(1) }];
    ssh::write(&ssh::Config { header: "x".into(), first: vec![], hosts }).unwrap().text
}

#[test]
fn ssh_reads_its_configuration() {
    let Some(client) = tool("ssh") else { return };
    let texts = accepted(100, |text| {
        let settings = vec![ssh::Setting::new("IdentityFile", text.to_string())];
        let hosts = vec![ssh::Host { names: vec![], settings, origin: Origin(1) }];
        ssh::write(&ssh::Config { header: "".into(), first: vec![], hosts })
    });
    // `none` is a word; a line is at most 4096 bytes long.
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for some in texts.chunks(90) {
        let config = file(&folder("ssh"), "config", &keys(some));
        let mut command = offline(&client).unwrap();
        let read = stdout(command.arg("-G").arg("-F").arg(config).arg("h"), "");
        let read: Vec<String> = read
            .split('\n')
            .filter_map(|line| line.strip_prefix("identityfile "))
            .map(|text| text.replace("%%", "%"))
            .collect();
        assert_eq!(read, some);
    }
    nothing_ran();
}

fn unit(texts: &[&str]) -> String {
    let mut words = vec!["/bin/true".into()];
    words.extend(texts.iter().map(|t| t.to_string().into()));
    let command = systemd::Value::Command { prefix: "", words };
    let mut entries = vec![systemd::Entry::new("ExecStart", command)];
    for (at, text) in texts.iter().enumerate().filter(|(_, t)| !t.contains(char::is_control)) {
        let value = text.to_string().into();
        let variable = systemd::Value::Variable { name: format!("V{at}").into(), value };
        entries.push(systemd::Entry::new("Environment", variable));
    }
    let sections = vec![systemd::Section { name: "Service", entries, origin: Origin(1) }];
    systemd::write(&systemd::Unit { header: "x".into(), sections }).unwrap().text
}

#[test]
fn systemd_takes_every_word() {
    let Some(analyze) = tool("systemd-analyze") else { return };
    let texts = accepted(150, |text| {
        let words = vec!["/bin/true".into(), text.to_string().into()];
        let command = systemd::Value::Command { prefix: "", words };
        let entries = vec![systemd::Entry::new("ExecStart", command)];
        let sections = vec![systemd::Section { name: "Service", entries, origin: Origin(1) }];
        systemd::write(&systemd::Unit { header: "".into(), sections })
    });
    let place = folder("systemd");
    // The texts of 100,000 bytes are longer than systemd lets a line be.
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let path = file(&place, "x.service", &unit(&texts));
    let mut command = offline(&analyze).unwrap();
    let done = run(command.args(["verify", "--man=no"]).arg(&path), "");
    let complaints = String::from_utf8_lossy(&done.stderr);
    assert!(!complaints.contains("x.service"), "{complaints}");
    // At this level it also says what it understood.
    let mut command = offline(&analyze).unwrap();
    command.args(["verify", "--man=no"]).arg(&path).env("SYSTEMD_LOG_LEVEL", "debug");
    let dump = String::from_utf8(run(&mut command, "").stdout).unwrap();
    let said = |key| dump.lines().filter_map(move |line| line.trim_start().strip_prefix(key));
    let words = c_words(said("Command Line: ").next().unwrap());
    let words: Vec<String> = words.iter().skip(1).map(|word| word.replace("$$", "$")).collect();
    assert_eq!(words, texts);
    let variables: Vec<&str> =
        said("Environment: ").map(|line| line.split_once('=').unwrap().1).collect();
    let plain = |text: &&&str| !text.contains(char::is_control);
    assert_eq!(variables, texts.iter().filter(plain).copied().collect::<Vec<_>>());
}

/// Words as systemd shows them: bare, or in double quotes with the escapes of C.
fn c_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut bytes = line.bytes().peekable();
    while bytes.peek().is_some() {
        let quoted = bytes.next_if_eq(&b'"').is_some();
        let mut word = Vec::new();
        loop {
            match bytes.next() {
                None => break,
                Some(b'"') if quoted => {
                    bytes.next();
                    break;
                }
                Some(b' ') if !quoted => break,
                Some(b'\\') => word.push(match bytes.next().unwrap() {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'a' => 7,
                    b'b' => 8,
                    b'v' => 11,
                    b'f' => 12,
                    digit @ b'0'..=b'3' => {
                        let mut octal = || bytes.next().unwrap() - b'0';
                        (digit - b'0') * 64 + octal() * 8 + octal()
                    }
                    other => other,
                }),
                Some(other) => word.push(other),
            }
        }
        words.push(String::from_utf8(word).unwrap());
    }
    words
}

#[test]
fn systemd_names_mounts_the_same() {
    let Some(escape) = tool("systemd-escape") else { return };
    for text in super::hostile::strings() {
        let path = format!("/{text}/x");
        let Ok(name) = systemd::unit_name(&path, "mount") else { continue };
        if !["/", "-", "é", "~", ".", "a", "two words", "\\040", "%h/%u"].contains(&text.as_str())
        {
            continue;
        }
        let mut command = Command::new(&escape);
        let read = stdout(command.args(["--path", "--suffix=mount", "--"]).arg(&path), "");
        assert_eq!(read.trim_end(), name);
    }
}

fn caddyfile_of(texts: &[&str]) -> caddyfile::Caddyfile<'static> {
    use caddyfile::{Directive, Site, Word};
    let site = |(at, text): (usize, &&str)| Site {
        addresses: vec![format!(":{}", 10_000 + at).into()],
        body: vec![
            Directive::new([
                Word::Code("header"),
                Word::Code("X-Text"),
                Word::Text(text.to_string().into()),
            ]),
            Directive::new([Word::Code("respond"), Word::Code("200")]),
        ],
        origin: Origin(1),
    };
    let sites = texts.iter().enumerate().map(site).collect();
    let options = vec![Directive::new([Word::Code("admin off")])];
    caddyfile::Caddyfile { header: "x".into(), options, sites }
}

#[test]
fn caddy_reads_every_token() {
    let Some(caddy) = tool("caddy") else { return };
    let texts = accepted(100, |text| caddyfile::write(&caddyfile_of(&[text])));
    // A header without a value is an error of its own.
    let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
    let written = caddyfile::write(&caddyfile_of(&texts)).unwrap().text;
    let path = file(&folder("caddy"), "Caddyfile", &written);
    let formatted = stdout(offline(&caddy).unwrap().arg("fmt").arg(&path), "");
    assert_eq!(formatted, written, "`caddy fmt` would change the file");
    let mut command = offline(&caddy).unwrap();
    let done = run(command.args(["adapt", "--adapter", "caddyfile", "--config"]).arg(&path), "");
    let complaints = String::from_utf8_lossy(&done.stderr);
    assert!(!complaints.contains("not formatted"), "{complaints}");
    let read: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let servers = read["apps"]["http"]["servers"].as_object().unwrap();
    let mut found = std::collections::BTreeMap::new();
    for server in servers.values() {
        let port = server["listen"][0].as_str().unwrap().trim_start_matches(':');
        let handlers = server["routes"][0]["handle"].as_array().unwrap();
        let header = handlers.iter().find(|h| h["handler"] == "headers").unwrap();
        let value = header["response"]["set"]["X-Text"][0].as_str().unwrap().to_string();
        found.insert(port.parse::<usize>().unwrap() - 10_000, value);
    }
    assert_eq!(found.into_values().collect::<Vec<_>>(), texts);
}

#[test]
fn dnsmasq_takes_every_name() {
    let Some(dnsmasq) = tool("dnsmasq") else { return };
    let alias = |text: &str| {
        let (alias, target) = (text.to_string().into(), "target.colab".into());
        dnsmasq::write(&[dnsmasq::Line::Alias { alias, target, ttl: None, origin: Origin(1) }])
    };
    let mut seen = Vec::new();
    let mut all = String::new();
    for text in accepted(20, alias) {
        if !seen.contains(&text.to_lowercase()) {
            all.push_str(&alias(&text).unwrap().text);
            seen.push(text.to_lowercase());
        }
    }
    let path = file(&folder("dnsmasq"), "d.conf", &all);
    run(offline(&dnsmasq).unwrap().arg("--test").arg("-C").arg(path), "");
}
