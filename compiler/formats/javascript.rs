//! One constant of JavaScript, for a page that no server sends: a list of data, one item a line.
//! JSON is a part of the language, so that no value can become anything else.

use super::data::Data;
use super::lines::Lines;
use super::{Taker, Written, json};

/// `const NAME = [ ... ];`
pub fn constant<'d>(
    name: &'static str,
    rows: impl IntoIterator<Item = Data<'d>>,
    mut to: Taker,
) -> Written {
    let mut out = Lines::new();
    out.say(&format!("const {name} = ["), crate::origin::Origin::NONE);
    let mut faults = Vec::new();
    for row in rows {
        match json::compact(&row) {
            Ok(written) => out.say(&format!("  {},", written.text.trim_end()), row.origin),
            Err(found) => faults.extend(found),
        }
        out.pass_on(&mut to);
    }
    out.say("];", crate::origin::Origin::NONE);
    if faults.is_empty() { out.finish() } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Map;

    #[test]
    fn a_value_stays_a_value() {
        let row = Map::new().with("a", "\"]; alert(1) // </script>\n");
        let written = constant("X", [row.into()], None).unwrap();
        assert_eq!(
            written.text,
            "const X = [\n  {\"a\":\"\\\"]; alert(1) // </script>\\n\"},\n];\n"
        );
        assert_eq!(written.lines.len(), 3);
    }
}
