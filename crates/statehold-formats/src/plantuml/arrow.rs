//! An arrow as it is written: `A -left[#red,dashed]-> B`, `B <-- A`, `[*] --> A`.

/// Most marks (stereotype, color, tag) at one end.
const MARKS_MAX: usize = 8;

/// A line that is an arrow.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written<'l> {
    pub(super) from: End<'l>,
    pub(super) to: End<'l>,
    /// What stands in brackets in the arrow.
    pub(super) style: Option<&'l str>,
    /// What stands behind the colon.
    pub(super) label: Option<&'l str>,
}

/// One end, with its marks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End<'l> {
    pub(super) id: &'l str,
    pub(super) marks: &'l str,
}

/// Reads a line as an arrow.
pub(super) fn read(line: &str) -> Option<Written<'_>> {
    let (first, rest) = end(line)?;
    let (style, is_reversed, rest) = body(rest)?;
    let (second, rest) = end(rest)?;
    let label = match rest.trim_start().strip_prefix(':') {
        Some(label) => Some(label.trim()),
        None if rest.trim().is_empty() => None,
        None => return None,
    };
    let (from, to) = if is_reversed {
        (second, first)
    } else {
        (first, second)
    };
    Some(Written {
        from,
        to,
        style,
        label,
    })
}

fn end(text: &str) -> Option<(End<'_>, &str)> {
    let text = text.trim_start();
    let (id, behind) = text.split_at(id_length(text));
    if id.is_empty() {
        return None;
    }
    let rest = marks(behind);
    let marks = behind[..behind.len() - rest.len()].trim();
    Some((End { id, marks }, rest.trim_start()))
}

/// What is left behind stereotypes, colors, tags and links.
pub(super) fn marks(text: &str) -> &str {
    let mut rest = text;
    for _ in 0..MARKS_MAX {
        let begins = rest.trim_start();
        let word = |from: &str| {
            from.find(|c: char| c.is_whitespace() || c == ':' || c == '{')
                .unwrap_or(from.len())
        };
        let length = if begins.starts_with("<<") {
            begins.find(">>").map(|at| at + 2)
        } else if begins.starts_with("[[") {
            begins.find("]]").map(|at| at + 2)
        } else if begins.starts_with('#') || begins.starts_with('$') {
            Some(word(begins))
        } else {
            None
        };
        match length {
            Some(length) => rest = &begins[length..],
            None => break,
        }
    }
    rest
}

/// Length of an id: letters, digits, `_`, `.` and `::`, perhaps with a memory behind it; or a mark in brackets.
pub(super) fn id_length(text: &str) -> usize {
    let mut length = 0;
    while let Some(c) = text[length..].chars().next() {
        let is_inner_dot =
            c == '.' && text[length + 1..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if c.is_alphanumeric() || c == '_' || is_inner_dot {
            length += c.len_utf8();
        } else if text[length..].starts_with("::") {
            length += 2;
        } else {
            break;
        }
    }
    let marks: &[&str] = if length == 0 {
        &["[*]", "[H*]", "[H]"]
    } else {
        &["[H*]", "[H]"]
    };
    let mark = marks.iter().find(|mark| text[length..].starts_with(**mark));
    length + mark.map_or(0, |mark| mark.len())
}

/// The line between the ends: its style, and whether it points back.
fn body(text: &str) -> Option<(Option<&str>, bool, &str)> {
    let points_back = text.starts_with('<');
    let mut rest = text
        .strip_prefix('<')
        .or_else(|| text.strip_prefix('x'))
        .unwrap_or(text);
    if !rest.starts_with('-') {
        return None;
    }
    let mut style = None;
    loop {
        rest = rest.trim_start_matches('-');
        if let Some(inner) = rest.strip_prefix('[') {
            let (inner, behind) = inner.split_once(']')?;
            style = Some(inner);
            rest = behind;
            continue;
        }
        let word = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let is_direction = [
            "left", "right", "up", "down", "le", "ri", "do", "l", "r", "u", "d",
        ]
        .contains(&rest[..word].to_ascii_lowercase().as_str());
        if is_direction && rest[word..].starts_with(['-', '[']) {
            rest = &rest[word..];
            continue;
        }
        break;
    }
    if points_back {
        return Some((style, true, rest.strip_prefix('x').unwrap_or(rest)));
    }
    let rest = rest.strip_prefix('>')?;
    let rest = rest.strip_prefix("o ").unwrap_or(rest);
    Some((style, false, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(line: &str) -> Option<(&str, &str, Option<&str>, Option<&str>)> {
        read(line).map(|one| (one.from.id, one.to.id, one.style, one.label))
    }

    #[test]
    fn arrows_of_all_kinds_are_read() {
        for (line, from, to, style, label) in [
            ("A --> B", "A", "B", None, None),
            ("A->B:x", "A", "B", None, Some("x")),
            ("COMPLETED -->[*]", "COMPLETED", "[*]", None, None),
            (
                "[*] -left-> A : go : now",
                "[*]",
                "A",
                None,
                Some("go : now"),
            ),
            ("A -d[#red,dashed]-> B", "A", "B", Some("#red,dashed"), None),
            ("A -[hidden]-> B", "A", "B", Some("hidden"), None),
            ("B <-up- A : x", "A", "B", None, Some("x")),
            ("A <<x>> #red --> B[H*] : y", "A", "B[H*]", None, Some("y")),
            ("a.b --> [H]", "a.b", "[H]", None, None),
            ("A x--> B", "A", "B", None, None),
            ("A -->o B", "A", "B", None, None),
        ] {
            assert_eq!(ends(line), Some((from, to, style, label)), "{line}");
        }
        for line in ["A", "A : x --> y", "A .. B", "\"A\" --> B", "A -- B", "-->"] {
            assert_eq!(ends(line), None, "{line}");
        }
    }
}
