//! A day, as `2027-06-30`.

use super::{Why, shown};

const MONTHS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

pub fn day(text: &str) -> Result<(), Why> {
    match written(text) {
        Some(day) if exists(day) => Ok(()),
        Some(_) => Err(Why::new(format!("there is no day {}", shown(text)))),
        None => {
            let what = format!("expected a day such as `2027-06-30`, found {}", shown(text));
            let why = Why::new(what);
            Err(match turned(text) {
                Some(right) => why.replace(right),
                None => {
                    why.help("the year first, then the month and the day, each with two digits")
                }
            })
        }
    }
}

/// Year, month and day of what has the form of a day.
fn written(text: &str) -> Option<[&str; 3]> {
    let parts: Vec<&str> = text.split('-').collect();
    let parts: [&str; 3] = parts.try_into().ok()?;
    let plain =
        |part: &str, len: usize| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
    (plain(parts[0], 4) && plain(parts[1], 2) && plain(parts[2], 2)).then_some(parts)
}

fn exists([year, month, day]: [&str; 3]) -> bool {
    let (Ok(year), Ok(month), Ok(day)) =
        (year.parse::<u32>(), month.parse::<usize>(), day.parse::<u32>())
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = month.checked_sub(1).and_then(|at| MONTHS.get(at)).copied().unwrap_or(0);
    let last = if month == 2 && !leap { 28 } else { last };
    (1..=last).contains(&day)
}

/// `30.6.2027`, `2027/6/30`: where only one reading is possible.
fn turned(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['.', '/', '-']).map(str::trim).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let two = |part: &str| format!("{part:0>2}");
    let (year, month, day) = match (a.len(), c.len()) {
        (4, _) => (*a, two(b), two(c)),
        // With a slash, nobody can say which of the two is the month.
        (_, 4) if text.contains('.') => (*c, two(b), two(a)),
        _ => return None,
    };
    let right = format!("{year}-{month}-{day}");
    written(&right).is_some_and(exists).then_some(right)
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn a_day_is_one_of_the_calendar() {
        for right in ["2027-06-30", "2024-02-29", "2000-02-29", "0001-01-01"] {
            assert!(day(right).is_ok(), "{right}");
        }
        for (wrong, meant) in [
            ("2027-02-29", None),
            ("1900-02-29", None),
            ("2027-13-01", None),
            ("2027-06-31", None),
            ("30.6.2027", Some("2027-06-30")),
            ("2027/6/3", Some("2027-06-03")),
            ("2027-6-3", Some("2027-06-03")),
            ("6/3/2027", None),
            // Three parts, and no day in whichever order.
            ("2027-june-30", None),
            ("2027-006-30", None),
            ("2027-06-30T00:00", None),
            ("30.juni.2027", None),
            ("éé-6-3", None),
            ("tomorrow", None),
            ("", None),
        ] {
            let why = day(wrong).expect_err(wrong);
            assert_eq!(why.replace.as_deref(), meant, "{wrong}");
        }
    }
}
