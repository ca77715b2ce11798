//! Health checks that Docker asks inside of the container. Those from outside are the monitoring's.

use super::Project;
use super::text::{duration, literal};
use crate::formats::{Data, Map, shell};
use crate::model::ThingId;
use crate::model::reach;
use crate::model::value::Value;
use crate::origin::Origin;

impl<'a> Project<'a> {
    pub(super) fn healthcheck(&mut self, container: ThingId) -> Option<Data<'a>> {
        let model = self.cluster.model();
        let health = model.block(container, "health")?;
        let test = self.test(container, health).filter(|_| self.read)?;
        let mut check = Map::new().with("test", test);
        for (key, field) in [
            ("interval", "every"),
            ("timeout", "timeout"),
            ("start_period", "start"),
            ("start_interval", "start_every"),
        ] {
            if let (Value::Duration(time), origin) = model.at(health, field) {
                check.put(key, duration(*time).at(origin));
            }
        }
        if let (Value::Int(retries), origin) = model.at(health, "retries") {
            check.put("retries", Data::from(*retries).at(origin));
        }
        Some(check.at(model.at(container, "health").1))
    }

    /// Whether Docker itself knows a container's health.
    pub(super) fn is_checked_inside(&mut self, container: ThingId) -> bool {
        let health = self.cluster.model().block(container, "health");
        health.is_some_and(|health| self.test(container, health).is_some())
    }

    fn test(&mut self, container: ThingId, health: ThingId) -> Option<Data<'a>> {
        let model = self.cluster.model();
        if let Some((command, origin)) = self.some(health, "command") {
            let mut words = vec![Data::word("CMD")];
            words.extend(self.texts(command, container));
            return Some(Data::from(words).at(origin));
        }
        let shell = |line: Data<'a>, origin: Origin| {
            Some(Data::from(vec![Data::word("CMD-SHELL"), line]).at(origin))
        };
        if let (Value::Text(line), origin) = model.at(health, "shell") {
            return shell(literal(&**line), origin);
        }
        if model.word(health, "from") != Some("inside") {
            return None;
        }
        if let (Value::Text(path), origin) = model.at(health, "http") {
            let port = self.asked(container, model.get(health, "port"))?;
            let line = self.spelled(|| literal(self.fetch(health, port, path)));
            return shell(line, origin);
        }
        let (endpoint, origin) = self.some(health, "tcp")?;
        let port = self.asked(container, endpoint)?;
        let number = self.inner(port)?;
        shell(literal(format!("nc -z 127.0.0.1 {number}")), origin)
    }

    /// A line for the shell that is content with the answers that `expect` names. Small images
    /// have wget, which knows good from bad only; a list of answers needs curl.
    fn fetch(&self, health: ThingId, port: ThingId, path: &str) -> String {
        let model = self.cluster.model();
        let scheme = match model.word(port, "scheme") {
            Some("https" | "wss") => "https",
            _ => "http",
        };
        let number = self.inner(port).unwrap_or_default();
        let url = format!("{scheme}://127.0.0.1:{number}{path}");
        let url = shell::quote(&url);
        let (wget, curl) =
            if scheme == "https" { (" --no-check-certificate", "k") } else { ("", "") };
        let expected: Vec<String> = model
            .get(health, "expect")
            .items()
            .iter()
            .filter_map(|item| match item.value {
                Value::Int(number) => Some(number.to_string()),
                _ => None,
            })
            .collect();
        if expected.iter().all(|answer| answer == "200") {
            return format!(
                "wget -q{wget} -O /dev/null {url} || curl -fsS{curl} -o /dev/null {url}"
            );
        }
        let answers = expected.join("|");
        format!(
            "case \"$(curl -s{curl} -o /dev/null -w '%{{http_code}}' {url})\" in {answers}) ;; *) exit 1 ;; esac"
        )
    }

    /// The port that is meant, or the only one.
    fn asked(&self, container: ThingId, endpoint: &Value) -> Option<ThingId> {
        let model = self.cluster.model();
        let only = |of: ThingId| match model.children(of, "port") {
            [one] => Some(*one),
            _ => None,
        };
        match endpoint {
            Value::Thing(thing) if model.kind(*thing) == "port" => Some(*thing),
            Value::Thing(thing) => only(*thing),
            _ => only(container),
        }
    }

    /// The number that a program in the container's own network asks.
    fn inner(&self, port: ThingId) -> Option<u16> {
        Some(reach::ports_of(&mut self.facts(), port)?.container.first)
    }
}
