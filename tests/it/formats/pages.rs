//! Pages and pictures.

use super::{accepted, file, folder, python, python_with, run, tool};
use colabc::formats::{dot, html};
use colabc::origin::Origin;
use std::process::Command;

#[test]
fn python_reads_html() {
    let Some(interpreter) = python_with("html.parser") else { return };
    let page = |texts: &[&str]| {
        let part = |text: &&str| {
            html::element("pre").attribute("title", text.to_string()).text(text.to_string())
        };
        html::page(&html::element("body").children(texts.iter().map(part)), None)
    };
    let texts = accepted(150, |text| page(&[text]));
    let list: Vec<&str> = texts.iter().map(String::as_str).collect();
    let program = "import sys, json, html.parser\n\
        class Reader(html.parser.HTMLParser):\n\
        \x20   titles, texts, tags, now = [], [], 0, None\n\
        \x20   def handle_starttag(self, tag, attrs):\n\
        \x20       self.tags += 1\n\
        \x20       if tag == 'pre':\n\
        \x20           self.titles.append(dict(attrs)['title'] or ''); self.now = ''\n\
        \x20   def handle_data(self, data):\n\
        \x20       if self.now is not None: self.now += data\n\
        \x20   def handle_endtag(self, tag):\n\
        \x20       if tag == 'pre': self.texts.append(self.now[1:]); self.now = None\n\
        reader = Reader(); reader.feed(sys.stdin.buffer.read().decode()); reader.close()\n\
        print(json.dumps([reader.tags, reader.titles, reader.texts]))";
    let read = python(&interpreter, program, &page(&list).unwrap().text);
    assert_eq!(read, serde_json::json!([texts.len() + 1, texts, texts]));
}

#[test]
fn graphviz_draws_every_label() {
    let (Some(program), Some(interpreter)) = (tool("dot"), python_with("xml.etree")) else {
        return;
    };
    let graph = |texts: &[String]| {
        let node = |(at, text): (usize, &String)| dot::Statement::Node {
            id: format!("{text}{at:05}").into(),
            attributes: vec![dot::Attribute("label", dot::Value::Text(text.clone().into()))],
            origin: Origin(1),
        };
        let statements = texts.iter().enumerate().map(node).collect();
        dot::write(&dot::Graph { header: "x".into(), statements })
    };
    let texts = accepted(120, |text| graph(&[text.to_string()]));
    // Labels of one line; XML, which the picture is made of, has no U+FFFE and U+FFFF.
    let texts: Vec<String> = texts
        .into_iter()
        .filter(|t| !t.contains(['\n', '\u{fffe}', '\u{ffff}']) && !t.trim().is_empty())
        .collect();
    let path = file(&folder("dot"), "g.dot", &graph(&texts).unwrap().text);
    let drawn = run(Command::new(program).arg("-Tsvg").arg(path), "");
    assert_eq!(String::from_utf8_lossy(&drawn.stderr), "");
    let program = "import sys, json, xml.etree.ElementTree as tree\n\
        name = '{http://www.w3.org/2000/svg}'\n\
        nodes = [g for g in tree.fromstring(sys.stdin.buffer.read()).iter(name + 'g') if g.get('class') == 'node']\n\
        nodes.sort(key=lambda g: g.find(name + 'title').text[-5:])\n\
        print(json.dumps([''.join(t.text or '' for t in g.iter(name + 'text')) for g in nodes]))";
    let read = python(&interpreter, program, &String::from_utf8(drawn.stdout).unwrap());
    // The picture keeps blanks by writing them as unbreakable ones.
    let blanks = |text: &str| text.replace('\u{a0}', " ");
    let read: Vec<String> =
        read.as_array().unwrap().iter().map(|text| blanks(text.as_str().unwrap())).collect();
    let expected: Vec<String> = texts.iter().map(|text| blanks(text)).collect();
    assert_eq!(read, expected);
}
