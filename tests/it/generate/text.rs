//! Writing `.colab` text with its blocks indented.

#[derive(Default)]
pub struct Text {
    out: String,
    depth: usize,
}

impl Text {
    pub fn line(&mut self, line: impl AsRef<str>) {
        self.out.extend(std::iter::repeat_n("  ", self.depth));
        self.out.push_str(line.as_ref());
        self.out.push('\n');
    }

    pub fn block(&mut self, head: impl AsRef<str>, body: impl FnOnce(&mut Text)) {
        self.line(format!("{} {{", head.as_ref()));
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.line("}");
    }

    pub fn done(self) -> String {
        self.out
    }
}
