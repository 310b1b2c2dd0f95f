//! Results in the JUnit XML that continuous-integration servers read.

use std::fmt::Write;

use statehold_core::source::line_col;

use super::Played;

/// One suite per scenario file, one case per scenario.
pub(super) fn document(played: &[Played]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for file in played {
        let failed = file
            .verdicts
            .iter()
            .filter(|verdict| !verdict.passed())
            .count();
        let name = escape(&file.source.name);
        let _ = writeln!(
            xml,
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failed}\">",
            file.verdicts.len()
        );
        for verdict in &file.verdicts {
            let (line, _) = line_col(&file.source.text, verdict.span.start);
            let head = format!(
                "    <testcase classname=\"{name}\" name=\"{}\" file=\"{name}\" line=\"{line}\"",
                escape(&verdict.name)
            );
            if verdict.passed() {
                let _ = writeln!(xml, "{head}/>");
                continue;
            }
            let _ = writeln!(xml, "{head}>");
            for failure in &verdict.failures {
                let mut lines = Vec::new();
                if let (Some(expected), Some(found)) = (&failure.expected, &failure.found) {
                    lines.push(format!("expected {expected}, found {found}"));
                }
                lines.extend(failure.notes.iter().cloned());
                let (message, text) = (escape(&failure.message), escape(&lines.join("\n")));
                let _ = writeln!(xml, "      <failure message=\"{message}\">{text}</failure>");
            }
            xml.push_str("    </testcase>\n");
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// Text as it may stand in XML 1.0: markup escaped, characters that XML forbids replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn names_cannot_become_markup() {
        assert_eq!(escape("a\"><b>\u{0}&"), "a&quot;&gt;&lt;b&gt;\u{fffd}&amp;");
    }
}
