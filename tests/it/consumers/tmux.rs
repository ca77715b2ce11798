//! tmux: a server that runs the session's script, with stubs for what its panes start.

use super::Scratch;

pub const TOOLS: &[&str] = &["tmux"];

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pane {
    pub session: String,
    pub window: String,
    pub command: String,
    pub synchronized: bool,
}

/// Every pane after `script`, a shell script, under `config`, a tmux.conf. `stubs` are programs
/// that panes may run; each says its name and arguments, and stays.
pub fn panes(script: &str, config: &str, stubs: &[&str]) -> Result<Vec<Pane>, String> {
    let scratch = Scratch::new();
    scratch.write("home/.tmux.conf", config);
    scratch.write("session", script);
    for name in stubs {
        scratch.program(name, &format!("#!/bin/sh\necho {name} \"$@\"\nexec sleep 1000\n"));
    }
    // `source-file` fails on what the server, as it starts, only notes in a pane.
    let script = r#"tmux -L check -f /dev/null start-server \; source-file ~/.tmux.conf || exit 1
        tmux -L check kill-server 2> /dev/null
        sh ./session < /dev/null || exit 1
        tmux list-panes -a -F '#{session_name}|#{window_name}|#{pane_synchronized}|#{pane_dead}|#{pane_start_command}'"#;
    let heard = scratch.call("sh").args(["-c", script]).env("TERM", "xterm").silent()?;
    let pane = |line: &str| {
        let parts: Vec<&str> = line.splitn(5, '|').collect();
        let [session, window, synchronized, "0", command] = parts[..] else {
            return Err(format!("tmux said {line:?}"));
        };
        Ok(Pane {
            session: session.into(),
            window: window.into(),
            command: command.trim_matches('"').into(),
            synchronized: synchronized == "1",
        })
    };
    heard.out.lines().map(pane).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "set -g pane-base-index 1\nbind S set-window-option synchronize-panes\n";
    const SCRIPT: &str = "#!/bin/sh\nset -eu\n\
        first=$(tmux new-session -d -s colab -n nodes -x 200 -y 50 -P -F '#{pane_id}' 'ssh cooperator')\n\
        tmux split-window -t \"$first\" 'ssh director'\n\
        tmux select-layout -t \"$first\" tiled\n\
        tmux set-window-option -t \"$first\" synchronize-panes on\n";

    #[test]
    fn a_session_has_its_panes() {
        if super::super::missing(TOOLS) {
            return;
        }
        let pane = |command: &str| Pane {
            session: "colab".into(),
            window: "nodes".into(),
            command: command.into(),
            synchronized: true,
        };
        let wanted = [pane("ssh cooperator"), pane("ssh director")];
        assert_eq!(panes(SCRIPT, CONFIG, &["ssh"]).unwrap(), wanted);
    }

    #[test]
    fn broken_copies_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            |script| panes(script, CONFIG, &["ssh"]),
            SCRIPT,
            &[
                ("split-window -t \"$first\"", "split-window -t colab.0"),
                ("tiled", "tilde"),
                ("'ssh director'\n", "'ssh director\n"),
            ],
        );
        super::super::refuses(
            |config| panes(SCRIPT, config, &["ssh"]),
            CONFIG,
            &[("pane-base-index", "pane-index"), ("synchronize-panes", "\\; synch")],
        );
    }
}
