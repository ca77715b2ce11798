//! A reader of the handbook's pages for the tests: links, ids, the rows of tables. It knows just as
//! much HTML as the pages hold, and fails on more.

/// The texts of an HTML fragment, without its tags.
pub fn text(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = &rest[rest.find('>').expect("a tag ends") + 1..];
    }
    out.push_str(rest);
    unescaped(&out).split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn unescaped(text: &str) -> String {
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    plain.iter().fold(text.to_string(), |text, (from, to)| text.replace(from, to))
}

/// Every value of an attribute, in order.
pub fn attributes(html: &str, name: &str) -> Vec<String> {
    let mark = format!(" {name}=\"");
    html.split(&mark).skip(1).map(|rest| unescaped(rest.split('"').next().unwrap())).collect()
}

/// What stands between the tags of the element with that id.
pub fn part<'a>(html: &'a str, id: &str) -> &'a str {
    let mark = format!(" id=\"{id}\"");
    let at = html.find(&mark).unwrap_or_else(|| panic!("there is no #{id}"));
    let start = html[..at].rfind('<').unwrap();
    let tag: String = html[start + 1..].chars().take_while(|c| c.is_alphanumeric()).collect();
    let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
    let mut depth = 0;
    let mut from = start;
    loop {
        let rest = &html[from..];
        let end = rest.find(&close).expect("the element ends");
        match rest[1..].find(&open).map(|at| at + 1) {
            Some(next) if next < end => {
                depth += 1;
                from += next;
            }
            _ if depth == 0 => return &html[start..from + end],
            _ => {
                depth -= 1;
                from += end + close.len() - 1;
                // On to the next tag, whichever it is.
                from = from.min(html.len() - 1);
            }
        }
    }
}

/// The rows of the tables in a fragment: the texts of their cells by the column's name.
pub fn rows(html: &str) -> Vec<Vec<(String, String)>> {
    let mut all = Vec::new();
    for table in html.split("<table>").skip(1) {
        let table = table.split("</table>").next().unwrap();
        let (head, body) = table.split_once("</thead>").unwrap();
        let names: Vec<String> = cells(head);
        for row in body.split("<tr").skip(1) {
            let row = row.split_once('>').unwrap().1.split("</tr>").next().unwrap();
            let cells = cells(row);
            assert_eq!(cells.len(), names.len(), "{row}");
            all.push(names.iter().cloned().zip(cells).collect());
        }
    }
    all
}

fn cells(row: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = row;
    while let Some(at) =
        [rest.find("<th "), rest.find("<td "), rest.find("<th>"), rest.find("<td>")]
            .into_iter()
            .flatten()
            .min()
    {
        let tag = &rest[at + 1..at + 3];
        let inner = &rest[at + rest[at..].find('>').unwrap() + 1..];
        let (cell, after) = inner.split_once(&format!("</{tag}>")).expect("a cell ends");
        out.push(text(cell));
        rest = after;
    }
    out
}

/// The facts of a fragment: name and text.
pub fn facts(html: &str) -> Vec<(String, String)> {
    html.split("<dt>")
        .skip(1)
        .map(|row| {
            let (name, rest) = row.split_once("</dt>").unwrap();
            let value = rest.split_once("<dd>").unwrap().1.split("</dd>").next().unwrap();
            (text(name), text(value))
        })
        .collect()
}

pub fn fact(html: &str, name: &str) -> String {
    let found = facts(html).into_iter().find(|(it, _)| it == name);
    found.unwrap_or_else(|| panic!("nothing is said of {name:?} in {html}")).1
}

/// Every line of every command on a page.
pub fn commands(html: &str) -> Vec<String> {
    let mark = "<pre class=\"command\" tabindex=\"0\">";
    let blocks = html.split(mark).skip(1).map(|rest| rest.split("</pre>").next().unwrap());
    let inner = |block: &str| {
        let block = block.replace("<code>", "").replace("</code>", "");
        unescaped(&block)
            .lines()
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .map(String::from)
            .collect()
    };
    blocks.flat_map(|block| -> Vec<String> { inner(block) }).collect()
}

#[test]
fn it_reads_what_it_should() {
    let html = "<section id=\"a\">\n<h2>A</h2>\n<section id=\"b\">\nx &lt;\n</section>\ny</section>\n<p>z</p>";
    assert_eq!(text(part(html, "b")), "x <");
    assert_eq!(text(part(html, "a")), "A x < y");
    let table = "<table>\n<thead>\n<tr>\n<th scope=\"col\">N</th>\n<th scope=\"col\">M</th>\n</tr>\n</thead>\n\
                 <tbody>\n<tr>\n<th scope=\"row\"><a href=\"x\">1</a></th>\n<td data-label=\"M\" class=\"none\"></td>\n\
                 </tr>\n</tbody>\n</table>";
    assert_eq!(rows(table), [[("N".into(), "1".into()), ("M".into(), String::new())]]);
    assert_eq!(attributes(table, "href"), ["x"]);
}
