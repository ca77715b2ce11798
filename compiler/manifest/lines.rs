//! Rows of a manifest as `to_json` writes them, a line each: read as they stand, without a tree of JSON. Whatever is
//! spelled in another way is left to a reader of JSON.

/// One row, before anything in it is believed.
#[derive(Default)]
pub struct Raw<'t> {
    pub path: Option<&'t str>,
    pub sha256: Option<&'t str>,
    pub size: Option<u64>,
    pub mode: Option<&'t str>,
    pub tool: Option<&'t str>,
    pub node: Option<&'t str>,
    pub side: Option<&'t str>,
    pub destination: Option<&'t str>,
    pub owner: Option<&'t str>,
    pub group: Option<&'t str>,
    pub delivered_mode: Option<&'t str>,
    pub declarations: Vec<&'t str>,
}

/// The rows between two lines, and what stands behind them.
pub fn rows<'t>(text: &'t str, before: &str) -> Option<(Vec<Raw<'t>>, &'t str)> {
    let mut rest = text.strip_prefix(before)?;
    let mut rows = Vec::new();
    while let Some((line, after)) = rest.split_once('\n').filter(|(line, _)| line.starts_with('{'))
    {
        let mut scan = Scan(line.strip_suffix(',').unwrap_or(line));
        rows.push(scan.row()?);
        rest = after;
    }
    Some((rows, rest))
}

/// What is left of a line.
struct Scan<'t>(&'t str);

impl<'t> Scan<'t> {
    fn row(&mut self) -> Option<Raw<'t>> {
        let mut row = Raw::default();
        self.take("{")?;
        loop {
            let key = self.text()?;
            self.take(": ")?;
            let place = match key {
                "path" => &mut row.path,
                "sha256" => &mut row.sha256,
                "mode" => &mut row.mode,
                "tool" => &mut row.tool,
                "node" => &mut row.node,
                "side" => &mut row.side,
                "destination" => &mut row.destination,
                "owner" => &mut row.owner,
                "group" => &mut row.group,
                "delivered_mode" => &mut row.delivered_mode,
                "size" => {
                    let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
                    let (number, rest) = self.0.split_at(digits);
                    // JSON knows no number that begins with a 0.
                    if number.len() > 1 && number.starts_with('0') {
                        return None;
                    }
                    row.size = Some(number.parse().ok()?);
                    self.0 = rest;
                    match self.more()? {
                        true => continue,
                        false => return Some(row),
                    }
                }
                "declarations" => {
                    row.declarations = self.list()?;
                    match self.more()? {
                        true => continue,
                        false => return Some(row),
                    }
                }
                _ => return None,
            };
            *place = Some(self.text()?);
            if !self.more()? {
                return Some(row);
            }
        }
    }

    fn list(&mut self) -> Option<Vec<&'t str>> {
        self.take("[")?;
        let mut all = vec![self.text()?];
        while self.take("]").is_none() {
            self.take(", ")?;
            all.push(self.text()?);
        }
        Some(all)
    }

    /// Whether another field follows, or the end of the line.
    fn more(&mut self) -> Option<bool> {
        if self.0 == "}" {
            return Some(false);
        }
        self.take(", ").map(|()| true)
    }

    fn take(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// A text without an escape in it.
    fn text(&mut self) -> Option<&'t str> {
        self.take("\"")?;
        let end = self.0.bytes().position(|b| matches!(b, b'"' | b'\\' | 0..0x20))?;
        let (text, rest) = self.0.split_at(end);
        self.0 = rest;
        self.take("\"").map(|()| text)
    }
}
