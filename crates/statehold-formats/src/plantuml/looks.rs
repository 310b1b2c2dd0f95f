//! Statements about how the picture looks, and those of the preprocessor and of other kinds of diagrams.

use super::Reader;
use super::text::{plain, short};

/// Words that begin one line about the looks.
const LINES: [&str; 15] = [
    "skinparam",
    "hide",
    "show",
    "scale",
    "left to right direction",
    "top to bottom direction",
    "mainframe",
    "url",
    "allow_mixing",
    "remove",
    "restore",
    "newpage",
    "sprite",
    "set separator",
    "!theme",
];

/// Words that begin a line, or a block up to `end` and the word.
const BLOCKS: [&str; 4] = ["header", "footer", "legend", "caption"];

/// Statements of the preprocessor that leave the rest of the text as it is.
const HARMLESS: [&str; 9] = [
    "include", "pragma", "theme", "import", "log", "assert", "option", "$", "assume",
];

/// Words that begin lines of other kinds of diagrams, with the kind.
const OTHERS: [(&str, &str); 9] = [
    ("if (", "activity"),
    ("while (", "activity"),
    ("partition ", "activity"),
    ("participant ", "sequence"),
    ("actor ", "sequence or use case"),
    ("activate ", "sequence"),
    ("class ", "class"),
    ("component ", "component"),
    ("usecase ", "use case"),
];

impl Reader<'_, '_> {
    /// Whether the line is about the looks, the preprocessor or another kind of diagram; then it is dealt with.
    pub(super) fn looks(&mut self, line: &str, at: usize) -> bool {
        if let Some(directive) = line.strip_prefix('!') {
            self.preprocessor(directive.trim_start(), line, at);
            return true;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(kind) = other_kind(&lower) {
            let shown = short(line);
            let message =
                format!("this is {kind} syntax, and only state diagrams are read: `{shown}`");
            self.builder.stop(at, message);
            return true;
        }
        if line.starts_with("<style>") {
            self.builder
                .notes
                .loss(at, "style", "it is about the picture only");
            let _ = self.block(at, |line| line.contains("</style>"));
            return true;
        }
        if let Some(word) = LINES.iter().find(|word| is_word(&lower, word)) {
            self.builder
                .notes
                .loss(at, *word, "it is about the picture only");
            if lower.ends_with('{') {
                self.braces(at);
            }
            return true;
        }
        self.words(line, &lower, at)
    }

    /// Titles and other words around the picture.
    fn words(&mut self, line: &str, lower: &str, at: usize) -> bool {
        if is_word(lower, "title") {
            let rest = line["title".len()..].trim();
            if rest.is_empty() {
                let lines = self
                    .block(at, |line| line == "end title")
                    .unwrap_or_default();
                let lines: Vec<String> = lines.iter().map(|(_, line)| plain(line)).collect();
                self.builder.title(lines.join(" "));
            } else {
                self.builder.title(plain(rest));
            }
            return true;
        }
        let bare = ["left ", "right ", "center ", "top ", "bottom "]
            .iter()
            .find_map(|side| lower.strip_prefix(side))
            .unwrap_or(lower);
        let Some(word) = BLOCKS.iter().find(|word| is_word(bare, word)) else {
            return false;
        };
        self.builder
            .notes
            .loss(at, *word, "words around the picture are left out");
        let rest = bare[word.len()..].trim();
        if rest.is_empty()
            || *word == "legend" && ["left", "right", "center", "top", "bottom"].contains(&rest)
        {
            let _ = self.block(at, |line| is_end_of(line, word));
        }
        true
    }

    fn preprocessor(&mut self, directive: &str, line: &str, at: usize) {
        if HARMLESS.iter().any(|word| directive.starts_with(word)) {
            let message = "the preprocessor is not run; what this brings in is missing";
            self.builder.notes.loss(at, "preprocessor", message);
        } else {
            let message = format!(
                "run the preprocessor first, this changes the text: `{}`",
                short(line)
            );
            self.builder.stop(at, message);
        }
    }

    /// Skips a block in braces that was opened on the line before.
    pub(super) fn braces(&mut self, begin: usize) {
        let mut depth = 1_usize;
        while let Some((_, line)) = self.line() {
            for c in line.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            if depth == 0 {
                return;
            }
        }
        self.builder.stop(begin, "what begins here is never closed");
    }
}

/// Whether the line begins with a word, and the word ends there.
fn is_word(line: &str, word: &str) -> bool {
    line.strip_prefix(word)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '{']))
}

/// The kind of diagram that has such a line, if it is no state diagram.
fn other_kind(line: &str) -> Option<&'static str> {
    let is_activity = line.contains("(*)")
        || line.starts_with(':') && line.ends_with(';')
        || ["start", "stop", "repeat"].contains(&line);
    if is_activity {
        return Some("activity");
    }
    let begins = |(mark, _): &&(&str, &str)| {
        line.strip_prefix(mark)
            .is_some_and(|rest| !rest.starts_with([':', '-', '<']))
    };
    OTHERS.iter().find(begins).map(|(_, kind)| *kind)
}

fn is_end_of(line: &str, word: &str) -> bool {
    let rest = line.strip_prefix("end");
    rest.is_some_and(|rest| rest.trim_start() == word)
}
