//! Shells, environment files, tmux.

use super::{accepted, file, folder, nothing_ran, offline, run, stdout, tool};
use colabc::formats::script::{Line, Word};
use colabc::formats::shell::{self, Shell};
use colabc::formats::{env_file, tmux};
use colabc::origin::Origin;
use std::process::Command;

fn printing(texts: &[String]) -> String {
    let mut lines = vec![Line::comment("a\\\nb $(touch /tmp/colab-was-here)")];
    for text in texts {
        lines.push(Line::words([
            Word::Code("printf '%s\\0%s\\0'"),
            Word::text(text.as_str()),
            Word::Joined(vec![Word::text("<"), Word::text(text.as_str()), Word::Variable("end")]),
        ]));
    }
    lines.insert(0, Line::set("end", Word::text("> $(id)")));
    shell::write(Shell::Posix, "x", &lines).unwrap().text
}

#[test]
fn shells_print_what_was_written() {
    let texts =
        accepted(150, |text| shell::write(Shell::Posix, "", &[Line::words([Word::text(text)])]));
    let path = file(&folder("shell"), "print.sh", &printing(&texts));
    for name in ["bash", "dash"] {
        let Some(shell) = tool(name) else { continue };
        let read = stdout(Command::new(shell).arg(&path), "");
        let read: Vec<&str> = read.split_terminator('\0').collect();
        assert_eq!(read.len(), texts.len() * 2);
        for (pair, text) in read.chunks(2).zip(&texts) {
            assert_eq!(pair, [text.as_str(), &format!("<{text}> $(id)")], "{name}");
        }
    }
    if let Some(shellcheck) = tool("shellcheck") {
        run(Command::new(shellcheck).args(["-S", "error"]).arg(&path), "");
    }
    nothing_ran();
}

#[test]
fn a_text_can_be_the_command() {
    let Some(bash) = tool("bash") else { return };
    let place = folder("command");
    let names = ["if", "A=b", "a b", "time", "!", "~", "[[", "-x", "{"];
    let mut lines = vec![Line::code("PATH=${0%/*}")];
    for name in names {
        let path = file(&place, name, "#!/bin/sh\necho \"ran $0\"\n");
        let mut mode = std::fs::metadata(&path).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
        std::fs::set_permissions(&path, mode).unwrap();
        lines.push(Line::words([Word::text(name)]));
    }
    let path = file(&place, "main", &shell::write(Shell::Bash, "", &lines).unwrap().text);
    let read = stdout(Command::new(bash).arg(&path), "");
    let expected: Vec<String> =
        names.iter().map(|name| format!("ran {}", place.join(name).display())).collect();
    assert_eq!(read.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_shell_reads_environment_files() {
    let Some(bash) = tool("bash") else { return };
    let variable = |at: usize, text: &str| env_file::Variable {
        name: format!("V{at}").into(),
        value: text.to_string().into(),
        origin: Origin(1),
    };
    let texts = accepted(150, |text| env_file::write("", &[variable(0, text)]));
    let variables: Vec<_> = texts.iter().enumerate().map(|(at, text)| variable(at, text)).collect();
    let path = file(&folder("env"), "env", &env_file::write("x", &variables).unwrap().text);
    let program = ". \"$1\"; for ((i = 0; i < $2; i++)); do v=V$i; printf '%s\\0' \"${!v}\"; done";
    let mut command = Command::new(bash);
    command.args(["-c", program, "bash"]).arg(path).arg(texts.len().to_string());
    let read = stdout(&mut command, "");
    assert_eq!(read.split_terminator('\0').collect::<Vec<_>>(), texts);
    nothing_ran();
}

#[test]
fn tmux_keeps_texts_and_formats() {
    let Some(program) = tool("tmux") else { return };
    let command = |words| tmux::Line::Command { words, origin: Origin(1) };
    let texts = accepted(150, |text| {
        tmux::write(&[command(vec![tmux::Word::Text(text.to_string().into())])])
    });
    // A buffer cannot be empty.
    let texts: Vec<&String> = texts.iter().filter(|t| !t.is_empty()).collect();
    let place = folder("tmux");
    let mut lines = vec![tmux::Line::Comment("a\\".into())];
    for (at, text) in texts.iter().enumerate() {
        use tmux::Word::{Code, Text};
        let name = || Text(format!("b{at}").into());
        let path = place.join(format!("out{at}")).display().to_string();
        lines.push(command(vec![
            Code("set-buffer -b"),
            name(),
            Code("--"),
            Text(text.as_str().into()),
        ]));
        lines.push(command(vec![Code("save-buffer -b"), name(), Text(path.into())]));
    }
    let formats: Vec<&&String> = texts
        .iter()
        .filter(|t| !t.contains("#[") && !t.contains(super::hostile_to_screens))
        .collect();
    for (at, text) in formats.iter().enumerate() {
        use tmux::Word::{Code, Format, Text};
        let name = || Text(format!("@f{at}").into());
        lines.push(command(vec![Code("set-option -gF"), name(), Format(text.as_str().into())]));
        lines.push(command(vec![Code("show-options -gv"), name()]));
    }
    let commands = file(&place, "commands", &tmux::write(&lines).unwrap().text);
    let mut start = offline(&program).unwrap();
    start.args(["-u", "-S"]).arg(place.join("socket")).args(["-f", "/dev/null"]);
    start.args(["new-session", "-d", "cat", ";", "source-file"]).arg(commands);
    start.args([";", "kill-server"]).env("LC_ALL", "C.UTF-8").env_remove("TMUX");
    let shown = stdout(&mut start, "");
    for (at, text) in texts.iter().enumerate() {
        let read = std::fs::read_to_string(place.join(format!("out{at}"))).unwrap();
        assert_eq!(&read, *text);
    }
    let expected: Vec<&str> = formats.iter().map(|t| t.as_str()).collect();
    assert_eq!(shown.lines().collect::<Vec<_>>(), expected);
    nothing_ran();
}
