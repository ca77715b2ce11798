//! The page of the bootstrap names files and commands: each of them is there.

use super::Built;
use super::both::{first, second};

/// What stands between the page's backticks.
fn commands(page: &str) -> Vec<&str> {
    page.split('`').skip(1).step_by(2).collect()
}

/// What is wrong with a command of the page.
fn wrong(built: &Built, command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let file = |name: &str| match built.tree.get(&format!("ansible/{name}")) {
        Some(_) => None,
        None => Some(format!("there is no ansible/{name}")),
    };
    match words[..] {
        ["ansible-playbook", playbook, ref options @ ..] => file(playbook).or_else(|| {
            let inventory = built.text("ansible/inventory.yml");
            options.windows(2).find_map(|pair| match *pair {
                ["--limit", host] if !inventory.contains(&format!("    {host}:\n")) => {
                    Some(format!("{host} is no host"))
                }
                ["-e", set] => {
                    let name = set.split('=').next().unwrap();
                    let read = built.text(&format!("ansible/{playbook}")).contains(name);
                    (!read).then(|| format!("{playbook} reads no {name}"))
                }
                _ => None,
            })
        }),
        ["mise", "run", task] => {
            let (word, _) = task.split_once(':').unwrap();
            let known = built.tree.iter().any(|(path, _)| path.contains(&format!("/{word}/")));
            (!known).then(|| format!("there is no task {task}"))
        }
        [name] if name.ends_with(".yml") => file(name),
        ["colabc", "build"] | ["git", "push"] | ["infisical", "login"] => None,
        ["chezmoi", "init", "--apply", _] => {
            built.tree.get("chezmoi/.chezmoiignore").is_none().then(|| "no tree of chezmoi".into())
        }
        _ => Some(format!("`{command}` is nothing that anybody knows")),
    }
}

#[test]
fn the_page_names_what_is_there() {
    for built in [first(), second()] {
        let page = built.text("ansible/README.md");
        let commands = commands(&page);
        assert!(commands.len() > 10, "{page}");
        for command in commands {
            assert_eq!(wrong(built, command), None, "{command}");
        }
        // In order: what is built is pushed before a node fetches it, and asked when it runs.
        let steps = ["colabc build", "git push", "bootstrap.yml --limit", "deploy:", "health.yml"];
        let at: Vec<usize> = steps.iter().map(|step| page.find(step).unwrap()).collect();
        assert!(at.is_sorted(), "{page}");
        // Every part that the page names can be asked for.
        let site = built.text("ansible/site.yml");
        let tags = page.split_once("--tags ").unwrap().1.split_once(" for a part").unwrap().0;
        for tag in tags.replace(" or ", ", ").split(", ") {
            assert!(site.contains(&format!("tags: [{tag}]")), "{tag}");
        }
    }
}

#[test]
fn a_page_that_names_what_is_not_there_is_found_out() {
    for command in [
        "ansible-playbook nonsense.yml",
        "ansible-playbook health.yml --limit nobody",
        "ansible-playbook bootstrap.yml -e mush_key=KEY",
        "mise run depley:SERVICE",
        "nonsense.yml",
        "make everything",
    ] {
        assert!(wrong(first(), command).is_some(), "{command}");
    }
}
