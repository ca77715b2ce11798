//! A LaunchAgent of macOS, read by Python's plistlib: launchd itself runs nowhere else.

use super::Scratch;
use serde_json::Value;

pub const TOOLS: &[&str] = &["plist-json"];

/// The property list as JSON; `name` is the file's, which its Label must repeat.
pub fn read(name: &str, text: &str) -> Result<Value, String> {
    let scratch = Scratch::new();
    let path = scratch.write(name, text);
    let agent = scratch.call("plist-json").arg(path).silent()?.json()?;
    let label = agent["Label"].as_str().unwrap_or_default();
    if format!("{label}.plist") != name {
        return Err(format!("the Label of {name} is {label:?}"));
    }
    let words = agent["ProgramArguments"].as_array().ok_or("there are no ProgramArguments")?;
    match words.first().and_then(Value::as_str) {
        Some(program) if program.starts_with('/') && words.iter().all(Value::is_string) => {
            Ok(agent)
        }
        _ => Err(format!("launchd cannot start {words:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>la.ism.fortress</string>
	<key>ProgramArguments</key>
	<array>
		<string>/bin/sh</string>
		<string>-c</string>
		<string>mount || exit 0 &amp;&amp; true</string>
	</array>
	<key>RunAtLoad</key>
	<true/>
</dict>
</plist>
"#;

    #[test]
    fn an_agent_is_read() {
        if super::super::missing(TOOLS) {
            return;
        }
        let agent = read("la.ism.fortress.plist", SOUND).unwrap();
        assert_eq!(agent["ProgramArguments"][2], "mount || exit 0 && true");
        assert_eq!(agent["RunAtLoad"], true);
        super::super::refuses(
            |text| read("la.ism.fortress.plist", text),
            SOUND,
            &[
                ("&amp;&amp;", "&&"),
                ("la.ism.fortress<", "la.ism.other<"),
                ("</array>", ""),
                ("<string>/bin/sh", "<string>sh"),
                ("<string>-c</string>", "<true/>"),
            ],
        );
    }
}
