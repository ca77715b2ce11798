//! Secrets that stand where none may stand. Whatever the compiler says of them, in any format, and
//! whatever it writes, repeats none; and a cluster that holds one is not built.

use crate::cli::Project;
use crate::generate::Dice;

/// Where a secret can be written by mistake. `@` is the secret.
const PLACES: &[(&str, &str)] = &[
    ("node", "env { API_TOKEN = \"@\" }"),
    ("node", "description = \"log in with @\""),
    ("container", "env { DB_PASSWORD = \"@\" }"),
    ("container", "env { NEXT = \"@\" }"),
    ("container", "env { URL = \"postgres://ann:@\\u{40}db/x\" }"),
    ("container", "env { \"SECRET_KEY\" = \"@\" }"),
    ("container", "command = [\"serve\", \"--token=@\"]"),
    ("container", "entrypoint = [\"@\"]"),
    ("container", "config \"/etc/app.conf\" = \"\"\"\n  password = @\n\"\"\""),
    ("container", "config \"/etc/@\" = \"x\""),
    ("container", "volume \"/data\" = local(\"@\")"),
    ("container", "build { context = \"@\" }"),
    ("container", "labels = { note = \"@\" }"),
    ("container", "raw { labels = { note = \"@\" } }"),
    ("container", "contaner = @"),
    ("container", "env { ADMIN_PASSWORD = \"@ }"),
    ("container", "env { ADMIN_PASSWORD = \"@\" + 5 }"),
    ("container", "port web = \"@\""),
    (
        "container",
        "env { A_SECRET = key }\n}\n}\nlet key = \"@\"\nservice other { on = box\ncontainer app { image = \"a:1\"",
    ),
    ("service", "tags = [\"@\"]"),
    ("service", "env { PASSWORD = \"@\" }"),
    ("service", "after = \"@\""),
    ("top", "user ann { description = \"@\" }"),
    ("top", "task hello { run = \"curl -H @ https://example.org\" }"),
    ("top", "file note { to = \"/etc/motd\"   content = \"token: @\" }"),
    ("top", "// ask for @ at the desk\nmistake"),
    ("top", "secrets keys { path \"/web\" { names = [@] } }"),
];

/// A cluster with a text in one of its bodies.
fn cluster((body, text): (&str, &str)) -> String {
    let within = |name: &str| if name == body { text } else { "" };
    format!(
        "cluster home {{ edition = 1 }}\nnode box {{ arch = arm64\nos = debian(\"13\")\n{} }}\n\
         service web {{\non = box\n{}\ncontainer app {{\nimage = \"nginx:1.29\"\n{}\n}}\n}}\n{}\n",
        within("node"),
        within("service"),
        within("container"),
        within("top"),
    )
}

/// As GitHub's, or as a person's behind a name that says so.
fn secret(dice: &mut Dice) -> String {
    let letters = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789";
    let noise: String = (0..36).map(|_| char::from(letters[dice.below(letters.len())])).collect();
    format!("ghp_{noise}")
}

#[test]
fn nothing_repeats_a_secret() {
    let mut dice = Dice::new(7);
    let mut written = 0;
    for (number, place) in PLACES.iter().cycle().take(8 * PLACES.len()).enumerate() {
        let token = secret(&mut dice);
        let outside = secret(&mut dice);
        written += 1;
        let text = cluster(*place).replace('@', &token).replace("\\u{40}", "@");
        let project = Project::new(&[("cluster.colab", &text)]);
        // Every command once for each place; the rest only checks.
        let mut calls = vec![vec!["check", "--format", FORMATS[number % FORMATS.len()]]];
        if number < PLACES.len() {
            calls.extend(FORMATS.iter().map(|format| vec!["check", "--format", format]));
            calls.push(vec!["build"]);
            for path in ["web", "web.app", "web.app.env", "box", "ann", "hello", "note"] {
                calls.push(vec!["explain", path]);
                calls.push(vec!["explain", path, "--format", "json"]);
            }
            calls.push(vec!["query", "web"]);
            calls.push(vec!["fmt", "--check"]);
        }
        for call in calls {
            let done = project.run_with(&call, &[("GITHUB_TOKEN", &outside)]);
            let said = format!("{}{}", done.out, done.err);
            for token in [&token, &outside] {
                assert!(!said.contains(&**token), "{call:?} with {place:?}\n{said}");
            }
            assert!(
                done.code != Some(0) || call[0] == "fmt" || call[0] == "explain",
                "{call:?} finds nothing wrong with {place:?}\n{said}"
            );
        }
        assert!(!project.has("out"), "{place:?} was built");
    }
    assert!(written >= 200, "{written}");
}

const FORMATS: &[&str] = &["human", "short", "json", "sarif", "github"];
