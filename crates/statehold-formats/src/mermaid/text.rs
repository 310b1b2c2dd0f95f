//! Text in labels: `<br/>` breaks lines, `#35;` and `#quot;` are characters, and so are entities of HTML.

/// Longest entity, in bytes, marks aside.
const ENTITY_BYTES_MAX: usize = 10;

/// Named characters that people write in labels.
const NAMED: [(&str, char); 18] = [
    ("quot", '"'),
    ("apos", '\''),
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("nbsp", ' '),
    ("num", '#'),
    ("semi", ';'),
    ("colon", ':'),
    ("comma", ','),
    ("equals", '='),
    ("lpar", '('),
    ("rpar", ')'),
    ("lbrack", '['),
    ("rbrack", ']'),
    ("lbrace", '{'),
    ("rbrace", '}'),
    ("hyphen", '-'),
];

/// The lines of a label as people read them.
pub(super) fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = break_length(rest);
        if length > 0 {
            lines.push(String::new());
            rest = &rest[length..];
            continue;
        }
        let (shown, length) = entity(rest).unwrap_or((c, c.len_utf8()));
        if let Some(line) = lines.last_mut() {
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

/// A line for a message.
pub(crate) fn short(line: &str) -> String {
    const SHOWN_CHARS: usize = 60;
    let mut short: String = line.chars().take(SHOWN_CHARS).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

/// Length of the line break that the text begins with.
fn break_length(text: &str) -> usize {
    if text.starts_with("\\n") {
        return 2;
    }
    let Some(tag) = text.get(..3).filter(|tag| tag.eq_ignore_ascii_case("<br")) else {
        return 0;
    };
    let rest = text[tag.len()..].trim_start();
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    match rest.strip_prefix('>') {
        Some(rest) => text.len() - rest.len(),
        None => 0,
    }
}

/// The character that the text begins with the name of, and the length of that name.
fn entity(text: &str) -> Option<(char, usize)> {
    let marked = text
        .strip_prefix("&#")
        .or_else(|| text.strip_prefix(['#', '&']))?;
    let end = marked
        .bytes()
        .take(ENTITY_BYTES_MAX + 1)
        .position(|b| b == b';')?;
    let name = &marked[..end];
    let length = text.len() - marked.len() + end + 1;
    let shown = if let Ok(code) = name.parse::<u32>() {
        char::from_u32(code)?
    } else if let Some(hex) = name
        .strip_prefix(['x', 'X'])
        .filter(|_| text.starts_with('&'))
    {
        char::from_u32(u32::from_str_radix(hex, 16).ok()?)?
    } else {
        NAMED.iter().find(|(known, _)| *known == name)?.1
    };
    Some((shown, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_read_as_they_are_shown() {
        assert_eq!(
            lines("a#59;b#35;c<br/>d &lt;e&gt;<BR >f"),
            ["a;b#c", "d <e>", "f"]
        );
        assert_eq!(plain("#quot;x#quot; #45;#45;#62; y"), "\"x\" --> y");
        assert_eq!(plain("#233;#x41; # &#x41; &#65; &amp"), "é#x41; # A A &amp");
        assert_eq!(
            plain("a<break>#99999999999;#ä;"),
            "a<break>#99999999999;#ä;"
        );
    }
}
