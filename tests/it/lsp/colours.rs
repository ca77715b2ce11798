//! Colours after edits: what changed of them, put into what was known, is what they all are.

use super::client::Client;
use super::{folder, server, write};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TEXT: &str = "cluster home { edition = 1   domain = \"home.test\"   timezone = \"Etc/UTC\" }\n\
    // ä𝄞\nrole sto { node { packages = [\"git\"] } }\nlet small = 256MiB\n\
    node box {\n  arch = x86_64\n  os = debian(\"13\")\n  roles = [sto]\n  hardware { memory = small }\n}\n";
const PIECES: [&str; 8] =
    ["let x = 1\n", "// ü\n", "\n", "\"", "{", "true ", "roles = [sto]\n", "ä𝄞"];

fn numbers(list: &Value) -> Vec<u64> {
    list.as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect()
}

#[test]
fn what_changed_of_the_colours_makes_the_new_ones_of_the_old() {
    let home = folder("colours");
    write(&home, &BTreeMap::from([("cluster.colab".to_owned(), TEXT.to_owned())]));
    let mut client = Client::start(&server(), &home, json!({}));
    client.open("cluster.colab");
    let document = json!({ "uri": client.uri_of("cluster.colab") });
    let all = |client: &mut Client| {
        client.ask("textDocument/semanticTokens/full", json!({ "textDocument": document }))
            ["result"]
            .clone()
    };
    let mut known = all(&mut client);
    let (mut state, mut edits) = (7_u64, 0);
    let mut below = |limit: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    for round in 0..150 {
        let text = client.open["cluster.colab"].1.clone();
        let places: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let from = below(places.len());
        let to = (from + below(8)).min(places.len() - 1);
        // Mostly sound texts have most to say: the others are taken back.
        let piece = if below(3) == 0 { "" } else { PIECES[below(PIECES.len())] };
        let (from, to) = if piece.is_empty() {
            (places[from], places[to])
        } else {
            (places[from], places[from])
        };
        client.edit("cluster.colab", from, to, piece);
        if round % 4 == 3 {
            let whole = client.open["cluster.colab"].1.len();
            client.edit("cluster.colab", 0, whole, TEXT);
        }
        let asked = json!({ "textDocument": document, "previousResultId": known["resultId"] });
        let answer = client.ask("textDocument/semanticTokens/full/delta", asked)["result"].clone();
        let mut made = numbers(&known["data"]);
        for edit in answer["edits"].as_array().expect("it is told what changed") {
            let number = |key: &str| edit[key].as_u64().unwrap() as usize;
            let (start, count) = (number("start"), number("deleteCount"));
            made.splice(start..start + count, numbers(&edit["data"]));
            edits += 1;
        }
        known = all(&mut client);
        assert_eq!(made, numbers(&known["data"]), "{}", client.open["cluster.colab"].1);
    }
    assert!(edits > 50, "only {edits} changes were told");
    assert!(client.stop());
}
