//! The few styles there are. They are always written; what goes to no terminal loses them on the way out.

use clap::builder::styling::{AnsiColor, Style};

/// Names and headings.
pub(crate) const STRONG: Style = Style::new().bold();
/// What matters less.
pub(crate) const WEAK: Style = Style::new().dimmed();
/// Good.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Bad.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Doubtful.
pub(crate) const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();
/// States.
pub(crate) const STATE: Style = AnsiColor::Cyan.on_default();

/// The text in a style.
pub(crate) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The text without what could steer a terminal.
pub(crate) fn clean(text: &str) -> String {
    let harmless = |c: char| match c {
        '\n' | '\t' => c,
        c if c.is_control() || is_bidi(c) => '\u{fffd}',
        c => c,
    };
    text.chars().map(harmless).collect()
}

/// Characters that reorder what follows them: they make a text look like another one.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\n\u{202e}c"), "a\u{fffd}[2Jb\n\u{fffd}c");
    }
}
