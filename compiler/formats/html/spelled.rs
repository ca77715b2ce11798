//! Markup that is spelled as soon as it is known. A page of ten thousand rows is held as its text: as elements it would
//! be ten times that.

use super::{Element, Node, attribute, node, write_element};
use crate::formats::Taker;
use crate::formats::lines::{Lines, PIECE};
use crate::origin::Origin;

/// Elements that end their lines, one after the other: in several parts, so that much of it is never moved to make room.
#[derive(Clone, Debug, Default)]
pub struct Spelled(Vec<Lines>);

impl Spelled {
    pub fn new() -> Spelled {
        Spelled::default()
    }

    pub fn push(&mut self, element: &Element<'_>) {
        let part = last_of(&mut self.0, |part| part, |lines| lines);
        // What comes from nothing here comes from where it is put.
        write_element(part, element, Origin::NONE, &mut None);
        debug_assert!(part.line().is_empty(), "`{}` ends no line", element.tag);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn write(&self, out: &mut Lines, origin: Origin, to: &mut Taker) {
        for part in &self.0 {
            out.take_over(part, origin);
            out.pass_on(to);
        }
    }
}

impl From<Spelled> for Node<'_> {
    fn from(spelled: Spelled) -> Self {
        Node::Spelled(Box::new(spelled))
    }
}

/// The rows of a table. In which columns nobody says anything is known when all rows are there.
#[derive(Clone, Debug)]
pub struct Rows {
    /// What stands above the columns.
    head: &'static [&'static str],
    /// Whether somebody says something in a column.
    says: Vec<bool>,
    parts: Vec<Part>,
}

/// Some rows, one after the other.
#[derive(Clone, Debug, Default)]
struct Part {
    rows: Vec<Row>,
    cells: Vec<Cell>,
    /// What stands in the cells.
    text: Lines,
}

#[derive(Clone, Debug)]
struct Row {
    id: Option<Box<str>>,
    origin: Origin,
}

#[derive(Clone, Debug)]
struct Cell {
    is_empty: bool,
    /// Where in the text it ends, and how many lines end before.
    end: (u32, u32),
    /// How much of it stands behind the last line that it ended.
    tail: u32,
}

impl Rows {
    pub fn new(head: &'static [&'static str]) -> Rows {
        Rows { head, says: vec![false; head.len()], parts: Vec::new() }
    }

    /// A row with a cell for each column.
    pub fn push<'n>(
        &mut self,
        id: Option<String>,
        cells: impl IntoIterator<Item = Vec<Node<'n>>>,
        origin: Origin,
    ) {
        let new = |text| Part { text, ..Part::default() };
        let part = last_of(&mut self.parts, |part| &part.text, new);
        let before = part.cells.len();
        for (at, nodes) in cells.into_iter().enumerate() {
            part.text.begin();
            nodes.iter().for_each(|it| node(&mut part.text, it, "td", Origin::NONE, &mut None));
            self.says[at] |= !nodes.is_empty();
            let (bytes, lines) = part.text.written();
            part.cells.push(Cell {
                is_empty: nodes.is_empty(),
                end: (small(bytes), small(lines)),
                tail: small(part.text.line().len()),
            });
        }
        debug_assert_eq!(part.cells.len() - before, self.head.len(), "a cell for each column");
        part.rows.push(Row { id: id.map(String::into_boxed_str), origin });
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The columns that there are: the first one, and those in which somebody says something.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        let names = self.head.iter().enumerate();
        names.filter(|(at, _)| self.has(*at)).map(|(_, name)| *name)
    }

    fn has(&self, column: usize) -> bool {
        column == 0 || self.says[column]
    }

    pub(super) fn write(&self, out: &mut Lines, parent: Origin, to: &mut Taker) {
        self.parts.iter().for_each(|part| self.write_part(part, out, parent, to));
    }

    fn write_part(&self, part: &Part, out: &mut Lines, parent: Origin, to: &mut Taker) {
        let mut cells = part.cells.iter();
        let mut from = (0, 0);
        for row in &part.rows {
            let origin = row.origin.or(parent);
            out.push("<tr");
            if let Some(id) = &row.id {
                attribute(out, "id", id, origin);
            }
            out.push(">");
            out.end_several(origin);
            for (at, cell) in cells.by_ref().take(self.head.len()).enumerate() {
                let end = (cell.end.0 as usize, cell.end.1 as usize);
                let of_cell = (from.0..end.0, from.1..end.1, cell.tail as usize);
                from = end;
                if !self.has(at) {
                    continue;
                }
                match at {
                    0 => out.push("<th scope=\"row\""),
                    _ => {
                        out.push("<td");
                        attribute(out, "data-label", self.head[at], origin);
                    }
                }
                out.push(if cell.is_empty { " class=\"none\">" } else { ">" });
                out.take_part(&part.text, of_cell, origin);
                out.push(if at == 0 { "</th>" } else { "</td>" });
                out.end_several(origin);
            }
            out.push("</tr>");
            out.end_several(origin);
            out.pass_on(to);
        }
        out.take_refusals(&part.text, parent);
    }
}

/// The last part, if it is not long enough to be one, or a new one. Mostly there is one, and not much in it.
fn last_of<T>(parts: &mut Vec<T>, text: fn(&T) -> &Lines, new: fn(Lines) -> T) -> &mut T {
    if parts.last().is_none_or(|last| text(last).is_piece()) {
        parts.push(new(match parts.is_empty() {
            true => Lines::default(),
            false => Lines::with_room(PIECE + PIECE / 16),
        }));
    }
    parts.last_mut().expect("there is one now")
}

fn small(number: usize) -> u32 {
    u32::try_from(number).expect("a page is smaller than 4 GB")
}

impl From<Rows> for Node<'_> {
    fn from(rows: Rows) -> Self {
        Node::Rows(Box::new(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{element, page};
    use super::*;
    use crate::formats::Emitted;

    fn written(body: Element<'_>) -> Emitted {
        page(&element("html").child(body).at(Origin(1)), None).expect("it can be said")
    }

    fn cells<'a>(origin: Origin) -> [Vec<Node<'a>>; 3] {
        let paragraphs =
            ["two\nlines", "more"].map(|it| element("p").text(it).at(Origin(7)).into());
        let mut last = Vec::from(paragraphs);
        last.push(Node::Text("& a\nrest".into()));
        let named = element("div").child(element("p").text("x")).at(origin);
        [
            vec![Node::Text("<1>".into())],
            Vec::new(),
            vec![named.into()].into_iter().chain(last).collect(),
        ]
    }

    #[test]
    fn rows_are_what_elements_would_be() {
        let mut rows = Rows::new(&["One", "Nothing", "\"Last\""]);
        let mut elements = Vec::new();
        for (id, origin) in [(None, Origin::NONE), (Some("a&b"), Origin(5))] {
            rows.push(id.map(str::to_owned), cells(origin), origin);
            let [first, _, last] = cells(origin);
            let mut line = element("tr").at(origin);
            if let Some(id) = id {
                line = line.attribute("id", id);
            }
            let first = element("th").attribute("scope", "row").children(first);
            let last = element("td").attribute("data-label", "\"Last\"").children(last);
            elements.push(line.child(first).child(last));
        }
        assert_eq!(rows.columns().collect::<Vec<_>>(), ["One", "\"Last\""]);
        for origin in [Origin::NONE, Origin(3)] {
            let spelled = written(element("tbody").child(rows.clone()).at(origin));
            assert_eq!(spelled, written(element("tbody").children(elements.clone()).at(origin)));
        }
    }

    #[test]
    fn spelled_elements_are_what_they_were() {
        let items = [Origin::NONE, Origin(4)].map(|origin| {
            let inner = element("p").text("a\nb").at(origin);
            element("li").child(inner).text(" \"c\"")
        });
        let mut spelled = Spelled::new();
        items.iter().for_each(|item| spelled.push(item));
        for origin in [Origin::NONE, Origin(3)] {
            let one = written(element("ul").child(spelled.clone()).at(origin));
            assert_eq!(one, written(element("ul").children(items.clone()).at(origin)));
        }
    }

    #[test]
    fn what_is_refused_is_refused_where_it_stands() {
        let mut rows = Rows::new(&["One"]);
        rows.push(None, [vec![Node::Text("\u{1b}".into())]], Origin::NONE);
        let mut spelled = Spelled::new();
        spelled.push(&element("li").attribute("onclick", "x").at(Origin(4)));
        let body = element("tbody").child(rows).child(spelled).at(Origin(9));
        let refused = page(&body, None).expect_err("neither can be said");
        assert_eq!(refused.iter().map(|it| it.origin).collect::<Vec<_>>(), [Origin(9), Origin(4)]);
    }
}
