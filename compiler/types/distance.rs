//! Did you mean: the names that are nearest to a name that is not there.

use std::collections::BTreeSet;

/// How many names are worth offering.
const MOST: usize = 3;
/// In bytes: nobody mistypes a longer word, and its letters would take as much memory as a source may.
const LONGEST: usize = 1000;

/// At most three names, best first: the same but for case, hyphens and underscores; then by how
/// few letters were left out, put in, changed or swapped; then by the alphabet.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if wanted.len() > LONGEST {
        return Vec::new();
    }
    let folded: Vec<char> = fold(wanted);
    let budget = (folded.len() + 1) / 3;
    let mut rows = Rows::default();
    let mut near = BTreeSet::new();
    for name in names {
        let other = fold(name);
        if folded.len().abs_diff(other.len()) > budget.min(2) || other.is_empty() {
            continue;
        }
        let distance = rows.distance(&folded, &other);
        if distance <= budget {
            near.insert((distance, name));
        }
    }
    near.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// Those that the name is the beginning of: `mem` of `memory`. For when nothing is near.
pub fn longer<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if wanted.len() > LONGEST {
        return Vec::new();
    }
    let folded = fold(wanted);
    let begins = |name: &&str| folded.len() > 2 && fold(name).starts_with(&folded);
    names.filter(begins).collect::<BTreeSet<_>>().into_iter().take(MOST).collect()
}

/// Of how many names each is compared, and how many on either side of a place are where there are more.
const ALL: usize = 1_000;
const BESIDE: usize = 60;

/// Very many names, asked for again and again: of those only the ones that begin or end nearly as the wanted one does
/// are compared, so that what is asked costs what it asks, not what there is.
#[derive(Default)]
pub struct Neighbours {
    sorted: Vec<String>,
    by_start: Vec<(Vec<char>, usize)>,
    by_end: Vec<(Vec<char>, usize)>,
}

impl Neighbours {
    pub fn new(names: impl IntoIterator<Item = String>) -> Neighbours {
        let mut sorted: Vec<String> = names.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut names = Neighbours { sorted, ..Neighbours::default() };
        if names.sorted.len() > ALL {
            let folded = names.sorted.iter().map(|name| fold(name)).enumerate();
            names.by_start = folded.map(|(at, folded)| (folded, at)).collect();
            let turned = |(name, at): &(Vec<char>, usize)| (turned(name), *at);
            names.by_end = names.by_start.iter().map(turned).collect();
            names.by_start.sort_unstable();
            names.by_end.sort_unstable();
        }
        names
    }

    /// In order, each once.
    pub fn sorted(&self) -> &[String] {
        &self.sorted
    }

    /// Those that may be near to a name: all of few, of many those beside it.
    pub fn beside(&self, wanted: &str) -> impl Iterator<Item = &str> {
        let few = match self.by_start.is_empty() {
            true => self.sorted.as_slice(),
            false => &[],
        };
        let start = fold(wanted);
        let end = turned(&start);
        let begins = window(&self.by_start, &start).iter();
        let both = begins.chain(window(&self.by_end, &end)).map(|(_, at)| &self.sorted[*at]);
        few.iter().chain(both).map(String::as_str)
    }
}

fn turned(name: &[char]) -> Vec<char> {
    name.iter().rev().copied().collect()
}

fn window<'a>(names: &'a [(Vec<char>, usize)], wanted: &Vec<char>) -> &'a [(Vec<char>, usize)] {
    let at = names.partition_point(|(name, _)| name < wanted);
    &names[at.saturating_sub(BESIDE)..(at + BESIDE).min(names.len())]
}

fn fold(name: &str) -> Vec<char> {
    name.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// The last three rows of the table, kept between names.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    above: Vec<usize>,
    row: Vec<usize>,
}

impl Rows {
    /// Damerau-Levenshtein, where no letter is touched twice.
    fn distance(&mut self, a: &[char], b: &[char]) -> usize {
        self.above.clear();
        self.above.extend(0..=b.len());
        self.before.clone_from(&self.above);
        for (i, x) in a.iter().enumerate() {
            self.row.clear();
            self.row.push(i + 1);
            for (j, y) in b.iter().enumerate() {
                let mut best = (self.above[j] + usize::from(x != y))
                    .min(self.above[j + 1] + 1)
                    .min(self.row[j] + 1);
                if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                    best = best.min(self.before[j - 1] + 1);
                }
                self.row.push(best);
            }
            std::mem::swap(&mut self.before, &mut self.above);
            std::mem::swap(&mut self.above, &mut self.row);
        }
        self.above[b.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near<'a>(wanted: &str, names: &[&'a str]) -> Vec<&'a str> {
        nearest(wanted, names.iter().copied())
    }

    #[test]
    fn a_word_too_long_to_be_mistyped_is_near_nothing() {
        let known = "a".repeat(LONGEST);
        assert_eq!(nearest(&known, [known.as_str()].into_iter()), [known.as_str()]);
        let long = format!("{known}a");
        assert!(nearest(&long, [long.as_str()].into_iter()).is_empty());
        assert!(longer(&long, [long.repeat(2).as_str()].into_iter()).is_empty());
    }

    #[test]
    fn counts_the_four_mistakes_as_one_each() {
        let distance = |a: &str, b: &str| Rows::default().distance(&fold(a), &fold(b));
        for (a, b, d) in [
            ("memory", "memory", 0),
            ("memroy", "memory", 1),
            ("memoy", "memory", 1),
            ("memoory", "memory", 1),
            ("menory", "memory", 1),
            ("kitten", "sitting", 3),
            ("", "abc", 3),
            ("ca", "abc", 3),
        ] {
            assert_eq!(distance(a, b), d, "{a} {b}");
            assert_eq!(distance(b, a), d, "{b} {a}");
        }
    }

    #[test]
    fn the_same_name_in_another_style_comes_first() {
        assert_eq!(near("Depends-On", &["depend_on", "depends_on"]), ["depends_on", "depend_on"]);
        assert_eq!(near("dependson", &["depends_on"]), ["depends_on"]);
    }

    #[test]
    fn offers_three_at_most_in_one_order_whatever_the_input_order() {
        let names = ["ports", "post", "pert", "porto", "fort"];
        let expected = near("port", &names);
        assert_eq!(expected, ["fort", "pert", "porto"]);
        let mut turned = names;
        turned.reverse();
        assert_eq!(near("port", &turned), expected);
        assert_eq!(near("port", &["post", "post"]), ["post"]);
    }

    #[test]
    fn offers_nothing_far_off() {
        assert!(near("x", &["y", "z"]).is_empty());
        assert!(near("image", &["volume", "restart"]).is_empty());
        assert!(near("net", &["networks"]).is_empty());
        assert!(near("", &["a", "-"]).is_empty());
    }

    #[test]
    fn of_very_many_names_the_near_ones_are_found() {
        let many = (0..5_000).map(|at| format!("box-{}-{at}", at % 7));
        let names = Neighbours::new(many.chain(["director".to_owned(), "cooperator".to_owned()]));
        assert_eq!(names.sorted().len(), 5_002);
        let near = |wanted: &str| nearest(wanted, names.beside(wanted)).first().copied();
        for slip in ["directr", "dierctor", "irector", "directorr", "Director", "xirector"] {
            assert_eq!(near(slip), Some("director"), "{slip}");
        }
        assert_eq!(near("cooperater"), Some("cooperator"));
        assert_eq!(near("bx-3-4998"), Some("box-0-4998"));
        assert!(names.beside("director").count() <= 4 * BESIDE);
        let few = Neighbours::new(["b", "a", "b"].map(str::to_owned));
        assert_eq!(few.beside("zzz").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn letters_count_not_bytes() {
        assert_eq!(near("grüße", &["gruße"]), ["gruße"]);
    }
}
