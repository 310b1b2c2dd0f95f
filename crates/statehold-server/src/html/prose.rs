//! The little of Markdown that our own documents use: paragraphs, `code`, **bold**, lists, code blocks, headings.
//!
//! What it does not know stays as it is written. It never lets markup through.

use super::markup::{Html, el};

/// Renders a text of several blocks.
pub(super) fn blocks(text: &str) -> Html {
    let mut html = Html::default();
    let mut lines = text.lines().peekable();
    let mut open = Block::default();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            open.close(&mut html);
            let code: Vec<&str> = lines
                .by_ref()
                .take_while(|line| !line.starts_with("```"))
                .collect();
            html.push(code_block(info, &code.join("\n")));
        } else if let Some(heading) = line.strip_prefix("## ") {
            open.close(&mut html);
            html.push(el("h2").child(inline(heading)));
        } else if let Some(heading) = line.strip_prefix("# ") {
            open.close(&mut html);
            html.push(el("h1").child(inline(heading)));
        } else if let Some(item) = line.strip_prefix("- ") {
            open.item(item, &mut html);
        } else if line.trim().is_empty() {
            open.close(&mut html);
        } else {
            open.go_on(line.trim());
        }
    }
    open.close(&mut html);
    html
}

/// A block of code; pages about codes mark what is refused as `bad` and what is accepted as `good`.
fn code_block(info: &str, text: &str) -> Html {
    let block = el("pre").child(el("code").child(text));
    let (class, words) = match info.split_whitespace().nth(1) {
        Some("bad") => ("bad", "Refused"),
        Some("good") => ("good", "Accepted"),
        _ => return block.into(),
    };
    el("div")
        .attr("class", class)
        .child(el("p").attr("class", "mark").child(words))
        .child(block)
        .into()
}

/// Renders a text that is part of a line.
pub(super) fn inline(text: &str) -> Html {
    let mut html = Html::default();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '*']) {
        let mark = if rest[at..].starts_with("**") {
            "**"
        } else {
            &rest[at..=at]
        };
        let after = &rest[at + mark.len()..];
        let tag = match mark {
            "`" => "code",
            "**" => "strong",
            _ => "",
        };
        match after.find(mark).filter(|end| !tag.is_empty() && *end > 0) {
            Some(end) => {
                html.push(&rest[..at]);
                html.push(el(tag).child(&after[..end]));
                rest = &after[end + mark.len()..];
            }
            None => {
                html.push(&rest[..at + mark.len()]);
                rest = after;
            }
        }
    }
    html.and(rest)
}

/// The paragraph or list that is being read.
#[derive(Default)]
struct Block {
    /// Items of a list; the last one may still grow.
    items: Vec<String>,
    paragraph: String,
}

impl Block {
    fn item(&mut self, text: &str, html: &mut Html) {
        if !self.paragraph.is_empty() {
            self.close(html);
        }
        self.items.push(text.to_owned());
    }

    fn go_on(&mut self, line: &str) {
        let growing = self.items.last_mut().unwrap_or(&mut self.paragraph);
        if !growing.is_empty() {
            growing.push(' ');
        }
        growing.push_str(line);
    }

    fn close(&mut self, html: &mut Html) {
        let items = std::mem::take(&mut self.items);
        if !items.is_empty() {
            html.push(el("ul").children(items.iter().map(|item| el("li").child(inline(item)))));
        }
        let paragraph = std::mem::take(&mut self.paragraph);
        if !paragraph.is_empty() {
            html.push(el("p").child(inline(&paragraph)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_paragraphs_lists_and_code() {
        let text = "# T\n\nOne\ntwo `x` **y**.\n\n- a\n  b\n- c\n\n```sh\n<d>\n```\n";
        let expected = "<h1>T</h1><p>One two <code>x</code> <strong>y</strong>.</p>\
                        <ul><li>a b</li><li>c</li></ul><pre><code>&lt;d&gt;</code></pre>";
        assert_eq!(blocks(text).to_string(), expected);
    }

    #[test]
    fn marked_code_says_what_it_is_marked_as() {
        let html = blocks("```yaml bad\na: 1\n```").to_string();
        assert_eq!(
            html,
            "<div class=\"bad\"><p class=\"mark\">Refused</p><pre><code>a: 1</code></pre></div>"
        );
    }

    #[test]
    fn unfinished_marks_stay_as_they_are() {
        assert_eq!(
            inline("a ` b ** c * d <e>").to_string(),
            "a ` b ** c * d &lt;e&gt;"
        );
        assert_eq!(
            blocks("```\nopen").to_string(),
            "<pre><code>open</code></pre>"
        );
    }
}
