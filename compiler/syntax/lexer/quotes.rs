//! What a line with `${...}` lacks, a quote or a brace. A guess that reads the line as its writer would:
//! no text inside of a `${...}` has brackets in it.

/// As many bytes of a line are tried: each try reads the line once.
const TRIED: usize = 400;

/// What a line lacks.
pub(super) struct Lacking {
    /// `"` or `}`.
    pub sign: &'static str,
    /// Where it belongs.
    pub at: usize,
    /// Where the `}` of its first `${` stands, in the line as it is; the place itself, if that is what lacks.
    pub value_end: usize,
    /// Where the text that begins the line ends, in the line as it is.
    pub end: usize,
}

/// `line` begins with the quote of the outer text: the sign and its place that make the whole of it sound.
pub(super) fn lacking(line: &str) -> Option<Lacking> {
    if line.len() > TRIED || !line.is_ascii() {
        return None;
    }
    let first = line.find("${")? + 2;
    let bytes = line.as_bytes();
    let quotes = bytes.iter().filter(|&&byte| byte == b'"').count();
    if quotes % 2 == 0 {
        let in_path = |byte: &u8| is_word(*byte) || matches!(*byte, b'.' | b'-');
        let path = bytes[first..].iter().take_while(|&byte| in_path(byte)).count();
        return made_sound(line, first, "}", first + path).filter(|_| path > 0);
    }
    let ends = |byte| matches!(byte, b']' | b')' | b',' | b'}' | b' ');
    let begins = |byte| matches!(byte, b'[' | b'(' | b' ' | b'{');
    let places = (first..line.len()).filter(|&at| begins(bytes[at - 1]) || ends(bytes[at]));
    let sound = places.filter_map(|at| made_sound(line, first, "\"", at));
    // Names and commas are rather between two texts than in one.
    sound.min_by_key(|lacking| quoted(&bytes[first..lacking.value_end], lacking.at - first))
}

/// How many bytes of a value lie in texts, with one more quote at that place.
fn quoted(value: &[u8], place: usize) -> usize {
    let mut inside = false;
    let mut count = 0;
    for (at, byte) in value.iter().enumerate() {
        inside ^= at == place;
        inside ^= *byte == b'"';
        count += usize::from(inside);
    }
    count
}

/// `first` is where the first value begins.
fn made_sound(line: &str, first: usize, sign: &'static str, at: usize) -> Option<Lacking> {
    let mended = format!("{}{sign}{}", &line[..at], &line[at..]);
    let end = end_of_text(mended.as_bytes())?;
    let rest = mended[end..].bytes().filter(|&byte| byte == b'"').count();
    let value_end = end_of_value(mended.as_bytes(), first)? - 2;
    (rest % 2 == 0).then_some(Lacking { sign, at, value_end: value_end.max(at), end: end - 1 })
}

/// Where the text that begins the line ends, if all of it is sound.
fn end_of_text(line: &[u8]) -> Option<usize> {
    let mut at = 1;
    while let Some(&byte) = line.get(at) {
        match byte {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            b'$' if line.get(at + 1) == Some(&b'{') => at = end_of_value(line, at + 2)?,
            _ => at += 1,
        }
    }
    None
}

/// Behind the `}` of the `${` whose value begins here.
fn end_of_value(line: &[u8], mut at: usize) -> Option<usize> {
    let mut open = Vec::new();
    loop {
        match line.get(at)? {
            b'"' => {
                at = end_of_inner(line, at)?;
                continue;
            }
            b'[' => open.push(b']'),
            b'(' => open.push(b')'),
            b'{' => open.push(b'}'),
            b'}' if open.is_empty() => return Some(at + 1),
            close @ (b']' | b')' | b'}') if open.pop() != Some(*close) => return None,
            _ => {}
        }
        at += 1;
    }
}

/// Behind the text that begins here, inside of a `${`: a text that stands for itself, with nothing odd in it.
fn end_of_inner(line: &[u8], start: usize) -> Option<usize> {
    let rest = &line[start + 1..];
    let length = rest.iter().position(|&byte| byte == b'"')?;
    let end = start + length + 2;
    let next = *line[end..].iter().find(|&&byte| byte != b' ')?;
    let odd = rest[..length].iter().any(|byte| b"[](){}".contains(byte));
    let glued = is_word(line[start - 1]) || next == b'"' || is_word(next);
    (!odd && !glued).then_some(end)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_put_where_the_line_becomes_sound() {
        let mended =
            |line: &str| lacking(line).map(|l| format!("{}|{}", &line[..l.at], &line[l.at..l.end]));
        let found = |line: &str, place: &str| assert_eq!(mended(line).as_deref(), Some(place));
        found(r#""${sites["git.ism.la].url}/""#, r#""${sites["git.ism.la|].url}/""#);
        found(r#""${sites[git.ism.la"].url}/""#, r#""${sites[|git.ism.la"].url}/""#);
        found(r#""${join(["a, "b"], "-")}" }"#, r#""${join(["a|, "b"], "-")}""#);
        found(r#""${join(xs, ")}""#, r#""${join(xs, |")}""#);
        found(r#""https://${cluster.domain/""#, r#""https://${cluster.domain|/""#);
        found(r#""${name" }"#, r#""${name|""#);
        assert_eq!(mended(r#""${cluster."#), None);
        assert_eq!(mended(r#""${sites["a"].url}"#), None);
    }
}
