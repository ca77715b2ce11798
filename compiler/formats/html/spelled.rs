//! Markup that is spelled as soon as it is known. A page of ten thousand rows is held as its text: as elements it would
//! be ten times that.

use super::{Element, Node, attribute, node, write_element};
use crate::formats::lines::Lines;
use crate::origin::Origin;

/// Elements that end their lines, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Spelled(Lines);

impl Spelled {
    pub fn new() -> Spelled {
        Spelled::default()
    }

    pub fn push(&mut self, element: &Element<'_>) {
        // What comes from nothing here comes from where it is put.
        write_element(&mut self.0, element, Origin::NONE);
        debug_assert!(self.0.line().is_empty(), "`{}` ends no line", element.tag);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn write(&self, out: &mut Lines, origin: Origin) {
        out.take_over(&self.0, origin);
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
        Rows {
            head,
            says: vec![false; head.len()],
            rows: Vec::new(),
            cells: Vec::new(),
            text: Lines::default(),
        }
    }

    /// A row with a cell for each column.
    pub fn push<'n>(
        &mut self,
        id: Option<String>,
        cells: impl IntoIterator<Item = Vec<Node<'n>>>,
        origin: Origin,
    ) {
        let before = self.cells.len();
        for (at, nodes) in cells.into_iter().enumerate() {
            self.text.begin();
            nodes.iter().for_each(|it| node(&mut self.text, it, "td", Origin::NONE));
            self.says[at] |= !nodes.is_empty();
            let (bytes, lines) = self.text.written();
            self.cells.push(Cell {
                is_empty: nodes.is_empty(),
                end: (small(bytes), small(lines)),
                tail: small(self.text.line().len()),
            });
        }
        debug_assert_eq!(self.cells.len() - before, self.head.len(), "a cell for each column");
        self.rows.push(Row { id: id.map(String::into_boxed_str), origin });
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The columns that there are: the first one, and those in which somebody says something.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        let names = self.head.iter().enumerate();
        names.filter(|(at, _)| self.has(*at)).map(|(_, name)| *name)
    }

    fn has(&self, column: usize) -> bool {
        column == 0 || self.says[column]
    }

    /// About how many bytes are written.
    fn size(&self) -> usize {
        let columns = (0..self.head.len()).filter(|&at| self.has(at));
        let row: usize = columns.map(|at| CELL + self.head[at].len()).sum();
        let ids = self.rows.iter().filter_map(|row| row.id.as_ref()).map(|id| id.len());
        self.text.written().0 + ids.sum::<usize>() + self.rows.len() * (ROW + row)
    }

    pub(super) fn write(&self, out: &mut Lines, parent: Origin) {
        out.expect(self.size());
        let mut cells = self.cells.iter();
        let mut from = (0, 0);
        for row in &self.rows {
            let origin = row.origin.or(parent);
            out.push("<tr");
            if let Some(id) = &row.id {
                attribute(out, "id", id, origin);
            }
            out.push(">");
            out.end_several(origin);
            for (at, cell) in cells.by_ref().take(self.head.len()).enumerate() {
                let end = (cell.end.0 as usize, cell.end.1 as usize);
                let part = (from.0..end.0, from.1..end.1, cell.tail as usize);
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
                out.take_part(&self.text, part, origin);
                out.push(if at == 0 { "</th>" } else { "</td>" });
                out.end_several(origin);
            }
            out.push("</tr>");
            out.end_several(origin);
        }
        out.take_refusals(&self.text, parent);
    }
}

/// What stands around a row with an id, and around a cell without its column's name, in bytes.
const ROW: usize = "<tr id=\"\">\n</tr>\n".len();
const CELL: usize = "<td data-label=\"\" class=\"none\"></td>\n".len();

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
        page(&element("html").child(body).at(Origin(1))).expect("it can be said")
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
        let refused = page(&body).expect_err("neither can be said");
        assert_eq!(refused.iter().map(|it| it.origin).collect::<Vec<_>>(), [Origin(9), Origin(4)]);
    }
}
