//! The names of the cluster, as dnsmasq serves them: it is what answers inside Pi-hole.

use super::Scratch;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub const TOOLS: &[&str] = &["dnsmasq", "dig"];

/// A name and a type: `A`, `AAAA`, `CNAME`, or `PTR` with an address for a name.
pub type Question = (String, String);

/// The answers to `asked` of a dnsmasq that runs on `conf` and knows the names in `hosts`, which
/// has the form of /etc/hosts. A name that it does not know has no answers.
pub fn answers(
    conf: &str,
    hosts: &str,
    asked: &[Question],
) -> Result<BTreeMap<Question, BTreeSet<String>>, String> {
    let scratch = Scratch::new();
    scratch.write("dnsmasq.conf", conf);
    scratch.write("hosts", hosts);
    let questions = asked.iter().map(|(name, kind)| format!("{name} {kind}\n"));
    scratch.write("questions.txt", questions.collect::<String>());
    let at = IpAddr::from([192, 168, 254, 10]);
    let heard = scratch
        .call("sh")
        .arg(super::driver("dnsmasq.sh"))
        .arg(at.to_string())
        .addresses([&at])
        .fine()?;
    let mut answers: BTreeMap<Question, BTreeSet<String>> =
        asked.iter().map(|question| (question.clone(), BTreeSet::new())).collect();
    for line in heard.out.lines() {
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        let (Some(name), Some(kind), Some(said)) = (words.next(), words.next(), words.next())
        else {
            return Err(format!("dig said {line:?}"));
        };
        answers.entry((name, kind)).or_default().insert(said.trim_end_matches('.').into());
    }
    Ok(answers)
}

/// What Pi-hole 6 makes of `dns.hosts` and `dns.cnameRecords`: a dnsmasq.conf and its hosts.
pub fn pihole(hosts: &[&str], cnames: &[&str]) -> (String, String) {
    let conf = cnames.iter().map(|record| format!("cname={record}\n")).collect();
    (conf, hosts.iter().map(|line| format!("{line}\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONF: &str = "local=/colab/\ncname=git.colab,cooperator.colab\n";
    const HOSTS: &str = "192.168.254.10 cooperator.colab crtr.colab\nfd10::10 cooperator.colab\n";

    fn ask(questions: &[(&str, &str)]) -> Vec<Question> {
        questions.iter().map(|(name, kind)| (name.to_string(), kind.to_string())).collect()
    }

    #[test]
    fn every_name_is_answered() {
        if super::super::missing(TOOLS) {
            return;
        }
        let asked = ask(&[
            ("crtr.colab", "A"),
            ("git.colab", "A"),
            ("cooperator.colab", "AAAA"),
            ("192.168.254.10", "PTR"),
            ("nobody.colab", "A"),
        ]);
        let heard = answers(CONF, HOSTS, &asked).unwrap();
        let said: Vec<Vec<&str>> = asked
            .iter()
            .map(|question| heard[question].iter().map(String::as_str).collect())
            .collect();
        assert_eq!(said[0], ["192.168.254.10"]);
        assert_eq!(said[1], ["192.168.254.10", "cooperator.colab"]);
        assert_eq!(said[2], ["fd10::10"]);
        assert_eq!(said[3], ["cooperator.colab"]);
        assert!(said[4].is_empty());
        let (conf, hosts) = pihole(&["10.0.0.1 a.colab"], &["b.colab,a.colab"]);
        let asked = ask(&[("b.colab", "A")]);
        assert!(answers(&conf, &hosts, &asked).unwrap()[&asked[0]].contains("10.0.0.1"));
    }

    #[test]
    fn broken_copies_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        let asked = ask(&[("crtr.colab", "A")]);
        super::super::refuses(
            |conf| answers(conf, HOSTS, &asked),
            CONF,
            &[("local=", "locale="), ("git.colab,cooperator.colab", "git.colab,git.colab")],
        );
        super::super::refuses(
            |hosts| answers(CONF, hosts, &asked),
            HOSTS,
            &[("192.168.254.10", "192.168.254.300"), ("fd10::10", "fd10:10")],
        );
    }
}
