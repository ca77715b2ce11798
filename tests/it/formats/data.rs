//! YAML, JSON, TOML, property lists: trees.

use super::{accepted, folder, hostile, nothing_ran, python, python_with, run, tool};
use colabc::formats::{Data, Map, json, plist, toml, yaml};
use colabc::origin::Origin;
use serde_json::Value;
use std::process::Command;

fn tree(texts: &[String]) -> Data<'_> {
    let mut keys = Map::new();
    for text in texts.iter().filter(|t| t.len() < 100) {
        keys.put(text.as_str(), text.as_str());
    }
    Map::new()
        .with("texts", Data::list(texts.iter().map(String::as_str)))
        .with("words", Data::list(texts.iter().map(|t| Data::word(t.as_str()))))
        .with("keys", keys)
        .with("numbers", Data::list([Data::from(1e21), Data::from(0.5), Data::from(-7i64)]))
        .with("empty", Data::list([Data::from(Map::new()), Data::list(Vec::<Data>::new())]))
        .into()
}

fn expect(read: &Value, texts: &[String]) {
    let list: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert_eq!(read["texts"], serde_json::json!(list));
    assert_eq!(read["words"], serde_json::json!(list));
    let keys = read["keys"].as_object().unwrap();
    assert_eq!(keys.len(), list.iter().filter(|t| t.len() < 100).count());
    assert!(keys.iter().all(|(key, value)| value == key));
    assert_eq!(read["numbers"], serde_json::json!([1e21, 0.5, -7]));
    assert_eq!(read["empty"], serde_json::json!([{}, []]));
}

#[test]
fn pyyaml_reads_what_was_written() {
    let Some(interpreter) = python_with("yaml") else { return };
    let texts = hostile::strings();
    let written = yaml::write("a\nb # c", &tree(&texts)).unwrap();
    let program =
        "import sys, json, yaml; print(json.dumps(yaml.safe_load(sys.stdin.buffer.read())))";
    expect(&python(&interpreter, program, &written.text), &texts);
}

#[test]
fn ansible_takes_inert_texts_for_texts() {
    let Some(interpreter) = python_with("yaml") else { return };
    let texts = hostile::strings();
    let root = Data::list(texts.iter().map(|t| Data::inert(t.as_str())));
    let program = "import sys, json, yaml\n\
        yaml.SafeLoader.add_constructor('!unsafe', lambda l, n: ['unsafe', l.construct_scalar(n)])\n\
        print(json.dumps(yaml.safe_load(sys.stdin.buffer.read())))";
    let read = python(&interpreter, program, &yaml::write("", &root).unwrap().text);
    let expected: Vec<_> = texts.iter().map(|t| ["unsafe", t]).collect();
    assert_eq!(read, serde_json::json!(expected));
}

#[test]
fn python_and_node_read_json() {
    let texts = hostile::strings();
    for written in [json::pretty(&tree(&texts)), json::compact(&tree(&texts))] {
        let text = written.unwrap().text;
        if let Some(interpreter) = python_with("json") {
            let program = "import sys, json; print(json.dumps(json.load(sys.stdin)))";
            expect(&python(&interpreter, program, &text), &texts);
        }
        if let Some(node) = tool("node") {
            let program =
                "console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8'))))";
            let done = run(Command::new(node).args(["-e", program]), &text);
            expect(&serde_json::from_slice(&done.stdout).unwrap(), &texts);
        }
    }
}

#[test]
fn python_reads_toml() {
    let Some(interpreter) = python_with("tomllib") else { return };
    let texts = hostile::strings();
    let written = toml::write("header", &tree(&texts)).unwrap();
    let program = "import sys, json, tomllib; print(json.dumps(tomllib.load(sys.stdin.buffer)))";
    expect(&python(&interpreter, program, &written.text), &texts);
}

#[test]
fn python_reads_property_lists() {
    let Some(interpreter) = python_with("plistlib") else { return };
    let texts = accepted(150, |text| plist::write(&Data::text(text)));
    let written = plist::write(&tree(&texts)).unwrap();
    let program =
        "import sys, json, plistlib; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))";
    expect(&python(&interpreter, program, &written.text), &texts);
}

/// The value of every line is found again by the line's origin, in formats that keep one a line.
#[test]
fn lines_lead_back_to_their_values() {
    let texts = hostile::strings();
    let root = |texts: &[String]| {
        let items = texts.iter().zip(1..);
        Data::list(items.map(|(text, at)| Data::text(text.clone()).at(Origin(at)))).at(Origin(9999))
    };
    let yaml = yaml::write("", &root(&texts)).unwrap();
    assert_eq!(yaml.lines, (1..=texts.len() as u32).map(Origin).collect::<Vec<_>>());
    let json = json::pretty(&root(&texts)).unwrap();
    assert_eq!(json.lines.len(), json.text.split_terminator('\n').count());
    assert_eq!(json.lines[1..=texts.len()], yaml.lines);
}

#[test]
fn go_jinja_and_tera_print_inert_texts() {
    use colabc::formats::inert;
    let texts = hostile::strings();
    for text in texts.iter().chain([&"x{".repeat(3)]) {
        let around = |inner: &str| format!("<{inner}{}>", "{{ \"ok\" }}");
        let read =
            ::tera::Tera::one_off(&around(&inert::tera(text)), &::tera::Context::new(), false);
        assert_eq!(read.unwrap(), format!("<{text}ok>"));
    }
    if let Some(interpreter) = python_with("jinja2") {
        let templates: Vec<_> = texts.iter().map(|text| inert::jinja(text)).collect();
        let program = "import sys, json, jinja2\n\
            texts = json.load(sys.stdin)\n\
            one = lambda t: jinja2.Environment(trim_blocks=True).from_string(t).render()\n\
            print(json.dumps([one(t) for t in texts]))";
        let read = python(&interpreter, program, &serde_json::to_string(&templates).unwrap());
        assert_eq!(read, serde_json::json!(texts));
    }
    if let Some(go) = tool("go") {
        let place = folder("go-template");
        let program = super::file(&place, "main.go", GO_PROGRAM);
        let templates: Vec<_> = texts.iter().map(|text| inert::go_template(text)).collect();
        let mut command = super::offline(&go).unwrap_or_else(|| Command::new(&go));
        command.arg("run").arg(program).env("GO111MODULE", "off").env("GOTOOLCHAIN", "local");
        command
            .env("GOCACHE", place.with_file_name("go-cache"))
            .env("GOFLAGS", "")
            .env("CGO_ENABLED", "0");
        let read = run(&mut command, &serde_json::to_string(&templates).unwrap()).stdout;
        assert_eq!(serde_json::from_slice::<Value>(&read).unwrap(), serde_json::json!(texts));
    }
    nothing_ran();
}

const GO_PROGRAM: &str = r#"package main

import (
	"encoding/json"
	"os"
	"strings"
	"text/template"
)

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		panic(err)
	}
	for i, text := range texts {
		var out strings.Builder
		if err := template.Must(template.New("").Parse(text)).Execute(&out, nil); err != nil {
			panic(err)
		}
		texts[i] = out.String()
	}
	if err := json.NewEncoder(os.Stdout).Encode(texts); err != nil {
		panic(err)
	}
}
"#;
