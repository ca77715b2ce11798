//! When something is done: `daily`, or a calendar expression of systemd such as `Mon..Fri 03:30`.
//! A line of a crontab is told its own calendar expression.

use super::distance::nearest;
use super::timezone::timezone;
use super::{Why, either, outer_spaces, shown};

pub const WORDS: [&str; 9] = [
    "minutely",
    "hourly",
    "daily",
    "weekly",
    "monthly",
    "quarterly",
    "semiannually",
    "yearly",
    "annually",
];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const LONG_DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A place in a calendar expression: its name, its least and its greatest number.
type Place = (&'static str, u16, u16);
const YEAR: Place = ("year", 1970, 2199);
const MONTH: Place = ("month", 1, 12);
const DAY: Place = ("day", 1, 31);
const HOUR: Place = ("hour", 0, 23);
const MINUTE: Place = ("minute", 0, 59);
const SECOND: Place = ("second", 0, 59);

pub fn schedule(text: &str) -> Result<(), Why> {
    outer_spaces(text, schedule)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [] => Err(Why::new("expected a schedule, found nothing").help(EXAMPLES)),
        [word] if WORDS.contains(word) => Ok(()),
        [word] if word.starts_with('@') => Err(nickname(word)),
        [_, _, _, _, _] if !text.contains(':') => Err(crontab(text, &words)),
        words => calendar(text, words),
    }
}

const EXAMPLES: &str = "such as `daily`, `03:30` or `Mon..Fri 03:30`";

fn nickname(word: &str) -> Why {
    let why = Why::new(format!("expected a schedule, found {} of a crontab", shown(word)));
    match &word[1..] {
        "midnight" => why.replace("daily"),
        "reboot" => why.help("what runs at every start is a unit, not a schedule"),
        bare if WORDS.contains(&bare) => why.replace(bare),
        _ => why.help(EXAMPLES),
    }
}

/// `[WEEKDAYS] [DATE] [TIME] [TIMEZONE]`, at least one of the first three.
fn calendar(text: &str, words: &[&str]) -> Result<(), Why> {
    let letters = |word: &&&str| word.starts_with(|c: char| c.is_alphabetic());
    let mut rest = words;
    let mut any = false;
    if let Some(word) = rest.first().filter(letters) {
        weekdays(word, text)?;
        (rest, any) = (&rest[1..], true);
    }
    if let Some(word) = rest.first().filter(|w| !letters(w) && !w.contains(':')) {
        date(word)?;
        (rest, any) = (&rest[1..], true);
    }
    if let Some(word) = rest.first().filter(|w| w.contains(':')) {
        time(word)?;
        (rest, any) = (&rest[1..], true);
    }
    if let Some(word) = rest.first().filter(|w| any && letters(w)) {
        timezone(word).map_err(|why| why.within(|right| text.replace(word, right)))?;
        rest = &rest[1..];
    }
    match rest.first() {
        Some(word) => {
            Err(Why::new(format!("expected the end of the schedule, found {}", shown(word)))
                .help("the order is weekdays, date, time, timezone: `Mon *-*-* 03:30 Etc/UTC`"))
        }
        None => Ok(()),
    }
}

fn weekdays(list: &str, whole: &str) -> Result<(), Why> {
    let mut right = String::new();
    for (at, item) in list.split(',').enumerate() {
        let (first, last) = match item.split_once("..").or_else(|| item.split_once('-')) {
            Some((first, last)) => (first, Some(last)),
            None => (item, None),
        };
        let first = weekday(first, list, whole)?;
        if at > 0 {
            right.push(',');
        }
        right.push_str(DAYS[first]);
        if let Some(last) = last {
            let last = weekday(last, list, whole)?;
            if last <= first {
                return Err(Why::new(format!(
                    "expected a later day after `{}..`, found `{}`",
                    DAYS[first], DAYS[last]
                ))
                .help("a week goes from `Mon` to `Sun`"));
            }
            right.push_str("..");
            right.push_str(DAYS[last]);
        }
    }
    if right == list {
        return Ok(());
    }
    Err(Why::new(format!("expected weekdays such as `Mon` or `Mon..Fri`, found {}", shown(list)))
        .offer(whole, &whole.replacen(list, &right, 1), schedule))
}

fn weekday(day: &str, list: &str, whole: &str) -> Result<usize, Why> {
    let lower = day.to_lowercase();
    let short = DAYS.iter().position(|d| d.eq_ignore_ascii_case(day));
    if let Some(found) = short.or_else(|| LONG_DAYS.iter().position(|d| *d == lower)) {
        return Ok(found);
    }
    let alone = list == whole && list == day;
    if !alone {
        return Err(Why::new(format!("expected a weekday, found {}", shown(day)))
            .help(format!("weekdays are {}", DAYS.join(" "))));
    }
    let why = Why::new(format!("expected a schedule, found {}", shown(whole)));
    if WORDS.contains(&&*lower) {
        return Err(why.replace(lower));
    }
    Err(match nearest(day, WORDS.iter().chain(&DAYS).copied()).as_slice() {
        [] => why.help(EXAMPLES),
        near => why.help(format!("did you mean {}?", either(near))),
    })
}

/// `Y-M-D` or `M-D`; `~` instead of the last `-` counts days from the month's end.
fn date(word: &str) -> Result<(), Why> {
    let (months, day) = word.rsplit_once(['-', '~']).ok_or_else(|| {
        Why::new(format!("expected a date or a time, found {}", shown(word))).help(EXAMPLES)
    })?;
    let month = match months.split_once('-') {
        Some((year, month)) => {
            list(year, YEAR)?;
            month
        }
        None => months,
    };
    list(month, MONTH)?;
    list(day, DAY)?;
    let longest = match month.trim_start_matches('0') {
        "2" => 29,
        "4" | "6" | "9" | "11" => 30,
        _ => 31,
    };
    if day.parse::<u16>().is_ok_and(|day| day > longest) {
        return Err(Why::new(format!("expected a day that comes, found {}", shown(word)))
            .help(format!("that month has {longest} days at most")));
    }
    Ok(())
}

/// `H:M` or `H:M:S`
fn time(word: &str) -> Result<(), Why> {
    let parts: Vec<&str> = word.split(':').collect();
    match parts.as_slice() {
        [hour, minute] => list(hour, HOUR).and_then(|()| list(minute, MINUTE)),
        [hour, minute, second] => {
            list(hour, HOUR)?;
            list(minute, MINUTE)?;
            list(second, SECOND)
        }
        _ => {
            Err(Why::new(format!("expected a time, found {}", shown(word))).help("such as `03:30`"))
        }
    }
}

/// `*`, or `3`, `1..5`, `0/15`, `8..18/2` with commas between them.
fn list(text: &str, place: Place) -> Result<(), Why> {
    if text == "*" {
        return Ok(());
    }
    let (name, low, high) = place;
    for item in text.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (item, None),
        };
        if let Some(step) = step {
            if range == "*" {
                return Err(Why::new(format!("expected the first {name} before `/`, found `*`"))
                    .help(format!("write `{low}/{step}`")));
            }
            number(step, (name, 1, high))?;
        }
        match range.split_once("..") {
            Some((first, last)) if number(last, place)? <= number(first, place)? => {
                return Err(Why::new(format!(
                    "expected a later {name} after `{first}..`, found `{last}`"
                )));
            }
            Some(_) => {}
            None => drop(number(range, place)?),
        }
    }
    Ok(())
}

fn number(text: &str, (name, low, high): Place) -> Result<u16, Why> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|n| digits && (low..=high).contains(n)).ok_or_else(|| {
        let found = shown(text);
        let a = if name == HOUR.0 { "an" } else { "a" };
        Why::new(format!("expected {a} {name} from {low} to {high}, found {found}"))
    })
}

/// The five fields of cron in words of systemd, where both can say the same.
fn crontab(text: &str, fields: &[&str]) -> Why {
    let why =
        Why::new(format!("expected a calendar expression, found the crontab line {}", shown(text)));
    let [minute, hour, day, month, weekday] = fields else { return why.help(EXAMPLES) };
    let days_both = *day != "*" && *weekday != "*";
    if days_both {
        return why
            .help("cron means either the day of the month or the weekday: write two schedules");
    }
    let form = || {
        let weekday = match *weekday {
            "*" => String::new(),
            list => format!("{} ", cron_weekdays(list)?),
        };
        let month = cron_list(month, MONTH)?;
        let (day, hour, minute) =
            (cron_list(day, DAY)?, cron_list(hour, HOUR)?, cron_list(minute, MINUTE)?);
        Some(format!("{weekday}*-{month}-{day} {hour}:{minute}:00"))
    };
    match form() {
        Some(right) => why.offer(text, &right, schedule),
        None => why.help(EXAMPLES),
    }
}

fn cron_list(list: &str, place: Place) -> Option<String> {
    if list == "*" {
        return Some("*".to_owned());
    }
    let (_, low, high) = place;
    let one = |text: &str| {
        let named = MONTHS.iter().position(|m| place == MONTH && m.eq_ignore_ascii_case(text));
        let number =
            named.and_then(|at| u16::try_from(at + 1).ok()).or_else(|| text.parse().ok())?;
        (low..=high).contains(&number).then(|| format!("{number:02}"))
    };
    let item = |item: &str| {
        let (range, step) = item.split_once('/').map_or((item, None), |(r, s)| (r, Some(s)));
        let range = match range.split_once('-') {
            _ if range == "*" => format!("{low:02}"),
            Some((first, last)) => format!("{}..{}", one(first)?, one(last)?),
            None => one(range)?,
        };
        Some(match step {
            Some(step) => format!("{range}/{}", step.parse::<u16>().ok()?),
            None => range,
        })
    };
    list.split(',').map(item).collect::<Option<Vec<_>>>().map(|items| items.join(","))
}

fn cron_weekdays(list: &str) -> Option<String> {
    let mut set = [false; 7];
    let one = |text: &str| {
        let named = DAYS.iter().position(|d| d.eq_ignore_ascii_case(text));
        named.or_else(|| text.parse::<usize>().ok().filter(|n| *n <= 7).map(|n| (n + 6) % 7))
    };
    for item in list.split(',') {
        match item.split_once('-') {
            // From Sunday on, cron counts Sunday first; around the end, it does not count at all.
            Some((first, last)) => {
                let (first, last) = (one(first)?, one(last)?);
                let first_is_sunday = first == 6 && last != 6;
                set[6] |= first_is_sunday;
                let from = if first_is_sunday { 0 } else { first };
                set.get_mut(from..=last)?.fill(true);
            }
            None => set[one(item)?] = true,
        }
    }
    let mut runs = Vec::new();
    let mut at = 0;
    while at < 7 {
        let length = set[at..].iter().take_while(|on| **on).count();
        match length {
            0 => {}
            1 => runs.push(DAYS[at].to_owned()),
            2 => runs.extend([DAYS[at].to_owned(), DAYS[at + 1].to_owned()]),
            _ => runs.push(format!("{}..{}", DAYS[at], DAYS[at + length - 1])),
        }
        at += length.max(1);
    }
    Some(runs.join(","))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refuses};
    use super::*;

    #[test]
    fn words_and_calendars() {
        accepts(schedule, &WORDS);
        accepts(
            schedule,
            &[
                "03:30",
                "Mon",
                "Mon..Fri 03:30",
                "Mon,Wed..Fri 3:05",
                "*-*-* 03:00:00",
                "*-*-01",
                "*-*~03",
                "02-29 12:00",
                "2027-01-01 00:00:00 Etc/UTC",
                "*:0/15",
                "8..18/2:00",
                "Sat *-*-1..7 18:00 Europe/Berlin",
                "*-01,07-01 00:00",
            ],
        );
    }

    #[test]
    fn a_crontab_line_is_told_its_calendar() {
        for (line, right) in [
            ("0 3 * * *", Some("*-*-* 03:00:00")),
            ("*/15 * * * *", Some("*-*-* *:00/15:00")),
            ("30 4 1 * *", Some("*-*-01 04:30:00")),
            ("0 0 * jan,7 *", Some("*-01,07-* 00:00:00")),
            ("30 3 * * 1-5", Some("Mon..Fri *-*-* 03:30:00")),
            ("30 3 * * mon,WED", Some("Mon,Wed *-*-* 03:30:00")),
            ("0 3 * * 0", Some("Sun *-*-* 03:00:00")),
            ("0 3 * * 7", Some("Sun *-*-* 03:00:00")),
            ("0 3 * * 0-2", Some("Mon,Tue,Sun *-*-* 03:00:00")),
            ("0 3 * * 6,0", Some("Sat,Sun *-*-* 03:00:00")),
            ("0 3 * * 0-6", Some("Mon..Sun *-*-* 03:00:00")),
            ("0 8-18/2 * * *", Some("*-*-* 08..18/2:00:00")),
            ("0 3 13 * 5", None),
            ("0 25 * * *", None),
            ("a b c d e", None),
            ("@daily", Some("daily")),
            ("@midnight", Some("daily")),
            ("@reboot", None),
        ] {
            let why = schedule(line).expect_err(line);
            assert_eq!(why.replace.as_deref(), right, "{line}");
            assert!(why.help.is_some() && right.is_none_or(|r| schedule(r).is_ok()), "{line}");
        }
    }

    #[test]
    fn faults() {
        refuses(
            schedule,
            &[
                ("", "expected a schedule, found nothing", None),
                ("dayly", "expected a schedule, found `dayly`", None),
                ("Daily", "expected a schedule, found `Daily`", Some("daily")),
                ("every day", "expected a weekday, found `every`", None),
                (
                    "mon..fri 03:30",
                    "expected weekdays such as `Mon` or `Mon..Fri`, found `mon..fri`",
                    Some("Mon..Fri 03:30"),
                ),
                (
                    "Monday-Friday 03:30",
                    "expected weekdays such as `Mon` or `Mon..Fri`, found `Monday-Friday`",
                    Some("Mon..Fri 03:30"),
                ),
                ("Fri..Mon", "expected a later day after `Fri..`, found `Mon`", None),
                ("24:00", "expected an hour from 0 to 23, found `24`", None),
                ("03:60", "expected a minute from 0 to 59, found `60`", None),
                ("03:", "expected a minute from 0 to 59, found nothing", None),
                ("1:2:3:4", "expected a time, found `1:2:3:4`", None),
                ("*-13-01", "expected a month from 1 to 12, found `13`", None),
                ("*-02-30", "expected a day that comes, found `*-02-30`", None),
                ("*:*/15", "expected the first minute before `/`, found `*`", None),
                ("*:0/0", "expected a minute from 1 to 59, found `0`", None),
                ("5", "expected a date or a time, found `5`", None),
                (
                    "03:30 Mon",
                    "expected `UTC` or an area such as `Europe/Berlin`, found `Mon`",
                    None,
                ),
                ("03:30 03:40", "expected the end of the schedule, found `03:40`", None),
                ("9..8:00", "expected a later hour after `9..`, found `8`", None),
            ],
        );
        assert_eq!(
            schedule("dayly").expect_err("a slip").help.as_deref(),
            Some("did you mean `daily`?")
        );
    }
}
