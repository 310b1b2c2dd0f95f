//! Text in labels: `\n` breaks lines, `<U+2026>` and `&#8230;` are characters, tags of style are not shown.

pub(super) use crate::mermaid::short;

/// Longest tag that is looked at, in bytes.
const TAG_BYTES_MAX: usize = 80;

/// Tags that only say how text looks.
const TAGS: [&str; 15] = [
    "b", "i", "u", "s", "w", "color", "size", "back", "font", "sub", "sup", "code", "plain",
    "strike", "img",
];

/// The lines of a label as people read them.
pub(super) fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let broken = ["\\n", "\\l", "\\r"]
            .iter()
            .find_map(|mark| rest.strip_prefix(mark));
        if let Some(behind) = broken {
            lines.push(String::new());
            rest = behind;
            continue;
        }
        let (shown, length) = character(rest)
            .map(|(shown, length)| (Some(shown), length))
            .or_else(|| tag(rest).map(|length| (None, length)))
            .unwrap_or((Some(c), c.len_utf8()));
        if let (Some(line), Some(shown)) = (lines.last_mut(), shown) {
            line.push(shown);
        }
        rest = &rest[length..];
    }
    lines
        .into_iter()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// The text on one line.
pub(super) fn plain(text: &str) -> String {
    lines(text).join(" ")
}

/// A character by its number.
fn character(text: &str) -> Option<(char, usize)> {
    let (marked, end, radix) = match text.strip_prefix("<U+") {
        Some(marked) => (marked, '>', 16),
        None => (text.strip_prefix("&#")?, ';', 10),
    };
    let (number, _) = marked.split_once(end)?;
    let code = u32::from_str_radix(number, radix)
        .ok()
        .filter(|_| number.len() <= 8)?;
    Some((
        char::from_u32(code)?,
        text.len() - marked.len() + number.len() + 1,
    ))
}

/// Length of the tag of style that the text begins with.
fn tag(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let end = inner.bytes().take(TAG_BYTES_MAX).position(|b| b == b'>')?;
    let name = inner[..end].trim_start_matches('/');
    let name = name.split([':', '=', ' ']).next().unwrap_or_default();
    TAGS.iter()
        .any(|tag| tag.eq_ignore_ascii_case(name))
        .then_some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_read_as_they_are_shown() {
        assert_eq!(lines("a<U+003A>b\\nc &#65;"), ["a:b", "c A"]);
        assert_eq!(
            plain("<color:$darkGray>Transfer<b>x</b> <T> <U+ZZ>"),
            "Transferx <T> <U+ZZ>"
        );
    }
}
