//! "Did you mean": the nearest of a few known names.

/// Longest name compared; longer ones are no typing mistakes, and the comparison is quadratic.
const MAX_COMPARED: usize = 48;

/// Most candidates looked at: a suggestion is a courtesy and must not cost more than the file.
const MAX_CANDIDATES: usize = 1_000;

/// The candidate closest to `name`, if one is close enough to be meant. Case, `-` and `_` do not count, so
/// `on_done` finds `onDone`. Of equally close ones the first wins.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(name)?;
    let allowed = (wanted.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .take(MAX_CANDIDATES)
        .filter_map(|candidate| Some((distance(&wanted, &folded(candidate)?), candidate)))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn folded(name: &str) -> Option<Vec<char>> {
    let folded: Vec<char> = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .take(MAX_COMPARED + 1)
        .collect();
    (folded.len() <= MAX_COMPARED).then_some(folded)
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(from != to);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *from == b[j - 1] && a[i - 1] == *to {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        assert_eq!(nearest("gaurd", ["on", "guard"]), Some("guard"));
        assert_eq!(nearest("on_done", ["on", "onDone"]), Some("onDone"));
        assert_eq!(nearest("paied", ["pending", "paid"]), Some("paid"));
    }

    #[test]
    fn far_names_are_not() {
        assert_eq!(nearest("colour", ["on", "guard"]), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest(&"x".repeat(100), ["x"]), None);
    }
}
