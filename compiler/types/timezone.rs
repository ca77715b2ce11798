//! A time zone, by its area and place. Which places there are changes with the years.

use super::distance::nearest;
use super::{Why, made_of, outer_spaces, shown, zones};

/// The names of places change with the years: one that nobody knows yet is taken.
pub(super) fn timezone(text: &str) -> Result<(), Why> {
    outer_spaces(text, timezone)?;
    if matches!(text, "UTC" | "GMT") {
        return Ok(());
    }
    let expected = |found: &str| {
        Why::new(format!("expected `UTC` or an area such as `Europe/Berlin`, found {found}"))
    };
    if text.is_empty() {
        return Err(expected("nothing"));
    }
    let Some((area, place)) = text.split_once('/') else {
        let upper = text.to_ascii_uppercase();
        let why = expected(&shown(text)).offer(text, &upper, timezone);
        return Err(if why.replace.is_none() {
            why.help("name the area and the place")
        } else {
            why
        });
    };
    if !zones::areas().any(|known| known == area) {
        let why = expected(&shown(text));
        return Err(match nearest(area, zones::areas()).first() {
            Some(near) => why.offer(text, &format!("{near}/{place}"), timezone),
            None => why.help(format!("areas are {}", zones::areas().collect::<Vec<_>>().join(" "))),
        });
    }
    if let Some(near) = zones::meant(area, place) {
        let why = Why::new(format!("expected a place of {area}, found {}", shown(place)));
        return Err(why.offer(text, &format!("{area}/{near}"), timezone));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/');
    made_of(place, "a place after the area", "letters, digits, `_`, `-` and `+`", allowed)
        .map_err(|why| why.offer(text, &text.replace(' ', "_"), timezone))?;
    if place.split('/').any(|part| !part.starts_with(|c: char| c.is_ascii_uppercase())) {
        return Err(Why::new(format!("expected a capital letter first, found {}", shown(place))));
    }
    Ok(())
}
