//! cockpit.conf, as a running cockpit-ws follows it.

use super::Scratch;
use std::collections::BTreeMap;

pub const TOOLS: &[&str] = &["cockpit-ws", "curl"];

/// Whether a page of each of `origins` may open a session.
pub fn welcomes(conf: &str, origins: &[&str]) -> Result<BTreeMap<String, bool>, String> {
    let scratch = Scratch::new();
    scratch.machine("/etc/cockpit/cockpit.conf", conf);
    let call = scratch.call("sh").arg(super::driver("cockpit.sh")).args(origins);
    let heard = call.fine()?;
    // It reads on after a line that it doesn't understand.
    if let Some(line) = heard.err.lines().find(|line| line.contains("cockpit.conf")) {
        return Err(line.into());
    }
    let answers = heard.out.lines().map(|line| match line.split_once(' ') {
        Some(("101", origin)) => Ok((origin.into(), true)),
        Some(("403", origin)) => Ok((origin.into(), false)),
        _ => Err(format!("cockpit-ws said {line}\n{}", heard.err)),
    });
    answers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "[WebService]\nOrigins = https://mng.ism.la wss://mng.ism.la\nProtocolHeader = X-Forwarded-Proto\n";

    #[test]
    fn only_its_own_origin_is_welcome() {
        if super::super::missing(TOOLS) {
            return;
        }
        let origins = ["https://mng.ism.la", "https://git.ism.la"];
        let said = |conf: &str| {
            welcomes(conf, &origins).map(|said| said.into_values().rev().collect::<Vec<_>>())
        };
        assert_eq!(said(SOUND).unwrap(), [true, false]);
        // Scheme and section are what people forget.
        let bare = SOUND.replace("https://", "").replace("wss://", "");
        assert_eq!(said(&bare).unwrap(), [false, false]);
        assert_eq!(said(&SOUND.replace("[WebService]", "[Service]")).unwrap(), [false, false]);
        said(&SOUND.replace("[WebService]", "[WebService")).unwrap_err();
    }
}
