//! `init`, and what shells and manuals want: what is written builds clean, is read by whom it is for,
//! and never takes a file's place.

use super::*;

fn begun(args: &[&str]) -> Project {
    let project = Project::new(&[("elsewhere/x", "")]);
    let done = project.run(&[&["init", "new"], args].concat());
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "{}", done.out);
    project
}

/// Whether a program is there; where all of them have to be, it must.
fn missing(program: &str) -> bool {
    let there = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()));
    if !there {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{program} is missing");
        #[allow(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: {program} is not installed");
        }
    }
    !there
}

#[test]
fn what_it_writes_is_sound_and_in_the_style() {
    for nodes in ["1", "3"] {
        let project = begun(&["--nodes", nodes]);
        let new = project.folder.join("new");
        for args in [
            &["check", "--deny", "warnings"][..],
            &["fmt", "--check"],
            &["build"],
            &["build", "--check"],
            &["diff", "--exit-code"],
        ] {
            let done = call(&new, args, None);
            assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "{args:?}: {}", done.out);
        }
        let hosts = std::fs::read_dir(new.join("out/hosts")).unwrap().count();
        assert_eq!(hosts.to_string(), nodes);
        let text = |name: &str| std::fs::read_to_string(new.join(name)).unwrap();
        assert_eq!(text(".chezmoiroot"), "out/chezmoi\n");
        assert!(new.join(text(".chezmoiroot").trim()).is_dir());
        assert!(text(".gitattributes").contains("out/** -text"));
        assert!(serde_json::from_str::<Value>(&text(".vscode/settings.json")).is_ok());
        assert!(text(".helix/languages.toml").parse::<toml::Table>().is_ok());
    }
}

#[test]
fn it_takes_no_files_place() {
    let project = Project::new(&[("here/.editorconfig", "mine\n")]);
    let done = project.run(&["init", "here"]);
    assert_eq!(done.code, Some(2));
    assert!(done.err.contains(".editorconfig already"), "{}", done.err);
    let left = std::fs::read_dir(project.folder.join("here")).unwrap().count();
    assert_eq!((left, project.read("here/.editorconfig").as_str()), (1, "mine\n"));
    let project = begun(&[]);
    assert_eq!(project.run(&["init", "new", "--nodes", "3"]).code, Some(2));
    let done = project.run(&["init", "another one"]);
    assert!(done.out.contains("\n  cd 'another one'\n"), "{}", done.out);
}

#[test]
fn each_shell_reads_its_completions() {
    let project = sound();
    for (shell, program, args) in [
        ("bash", "bash", &["-n"][..]),
        ("zsh", "zsh", &["-n"]),
        ("fish", "fish", &["--no-execute"]),
    ] {
        let text = project.run(&["completions", shell]).out;
        if missing(program) {
            continue;
        }
        let reads = |text: &str| {
            let file = project.folder.join("completions");
            std::fs::write(&file, text).unwrap();
            Command::new(program).args(args).arg(file).output().unwrap().status.success()
        };
        assert!(reads(&text), "{shell}");
        assert!(!reads(&format!("{text}\nif [ (\n")), "{shell} finds what is broken");
    }
}

#[test]
fn the_manual_is_read_without_a_complaint() {
    let project = sound();
    let page = project.run(&["man"]).out;
    let file = project.folder.join("colabc.1");
    std::fs::write(&file, &page).unwrap();
    if !missing("mandoc") {
        let lint = |file: &Path| {
            let done =
                Command::new("mandoc").args(["-Tlint", "-Werror"]).arg(file).output().unwrap();
            (done.status.success(), String::from_utf8(done.stdout).unwrap())
        };
        let (fine, said) = lint(&file);
        assert!(fine, "{said}");
        let shown = Command::new("mandoc").args(["-Tutf8"]).arg(&file).output().unwrap();
        let shown = String::from_utf8(shown.stdout).unwrap();
        assert!(shown.contains("explain") && shown.contains("diff"), "{shown}");
        let broken = project.folder.join("broken.1");
        std::fs::write(&broken, page.replacen(".TH", ".XX", 1)).unwrap();
        assert!(!lint(&broken).0);
    }
    if !missing("groff") {
        let done =
            Command::new("groff").args(["-man", "-ww", "-Tutf8"]).arg(&file).output().unwrap();
        assert_eq!(String::from_utf8(done.stderr).unwrap(), "");
    }
}

#[test]
fn the_hooks_and_the_action_call_what_there_is() {
    let hooks = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let hooks: Vec<Value> = serde_saphyr::from_str(&hooks).unwrap();
    let action = std::fs::read_to_string(root().join("action.yml")).unwrap();
    let action: Value = serde_saphyr::from_str(&action).unwrap();
    let project = sound();
    assert_eq!(project.run(&["build"]).code, Some(0));
    for hook in &hooks {
        let entry = hook["entry"].as_str().unwrap();
        let args: Vec<&str> = entry.split(' ').skip(1).collect();
        assert_eq!(project.run(&args).code, Some(0), "{entry}");
    }
    // The steps of the action, as its runner calls them.
    let temp = project.folder.join("temp");
    std::fs::create_dir_all(&temp).unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_colabc")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut called = 0;
    for step in action["runs"]["steps"].as_array().unwrap() {
        let Some(script) = step["run"].as_str().filter(|run| run.contains("colabc ")) else {
            continue;
        };
        let done = Command::new("bash")
            .args(["-eo", "pipefail", "-c", script])
            .current_dir(&project.folder)
            .env("PATH", &path)
            .env("FOLDER", ".")
            .env("DENY", "")
            .env("COMPARE", "out")
            .env("RUNNER_TEMP", &temp)
            .env("GITHUB_OUTPUT", temp.join("output"))
            .env("GITHUB_STEP_SUMMARY", temp.join("summary"))
            .output()
            .unwrap();
        assert!(done.status.success(), "{script}: {}", String::from_utf8_lossy(&done.stderr));
        called += 1;
    }
    assert_eq!(called, 3);
    assert_eq!(project.read("temp/output"), "changed=false\n");
    assert!(project.read("temp/summary").contains("    no change\n"));
}
