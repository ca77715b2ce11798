//! Values of a Compose file: text in which `$` stands for itself, and secrets that only the
//! process's environment knows. Keys are not interpolated and need none of this.
//!
//! Cannot be said: a secret whose name no shell knows; a message with `}`, `$` or control characters.

use super::Unsayable;
use super::lines::{control, identifier};
use crate::origin::Origin;
use std::borrow::Cow;

/// A piece of a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part<'a> {
    Text(Cow<'a, str>),
    /// A variable that must be set and not empty when Compose starts, else it stops with `message`.
    Secret {
        name: Cow<'a, str>,
        message: Cow<'a, str>,
    },
}

/// Text that Compose takes as it stands.
pub fn literal(text: &str) -> Cow<'_, str> {
    if text.contains('$') { text.replace('$', "$$").into() } else { text.into() }
}

/// The whole value, ready to be a text of the YAML tree.
pub fn value<'a>(parts: &[Part<'a>], origin: Origin) -> Result<Cow<'a, str>, Unsayable> {
    let refuse = |why: String| Err(Unsayable { origin, why });
    if let [Part::Text(text)] = parts
        && !text.contains('$')
    {
        return Ok(text.clone());
    }
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(&literal(text)),
            Part::Secret { name, message } => {
                if !identifier(name) {
                    return refuse(format!(
                        "a secret cannot reach a container under the name {name:?}"
                    ));
                }
                if message.contains(['}', '$', '{']) || control(message, "").is_some() {
                    return refuse(format!(
                        "Compose cannot say {message:?} when a secret is missing"
                    ));
                }
                for piece in ["${", name, ":?", message, "}"] {
                    out.push_str(piece);
                }
            }
        }
    }
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::hostile;

    /// Compose's interpolation in small: `$$` is a dollar, `${NAME:?...}` a variable, else an error.
    fn interpolate(text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                out.push('$');
                rest = after;
            } else {
                let (inside, after) = rest.strip_prefix('{')?.split_once('}')?;
                let (name, _) = inside.split_once(":?")?;
                out.push_str(&format!("<{name}>"));
                rest = after;
            }
        }
        Some(out + rest)
    }

    #[test]
    fn hostile_texts_come_back_beside_a_secret() {
        for text in hostile::strings() {
            let parts = [
                Part::Text(text.as_str().into()),
                Part::Secret { name: "KEY".into(), message: "KEY is not set".into() },
                Part::Text(text.as_str().into()),
            ];
            let value = value(&parts, Origin(1)).unwrap();
            assert_eq!(interpolate(&value), Some(format!("{text}<KEY>{text}")));
        }
    }

    #[test]
    fn names_and_messages_that_break_out_are_refused() {
        for (name, message) in [("A-B", "m"), ("", "m"), ("A", "m}"), ("A", "${B}"), ("A", "a\nb")]
        {
            let part = Part::Secret { name: name.into(), message: message.into() };
            assert_eq!(value(&[part], Origin(4)).unwrap_err().origin, Origin(4));
        }
    }
}
