//! Every link in our Markdown leads somewhere.
//!
//! Relative links are followed inside the repository, anchors to the headings of the target page by
//! GitHub's rule. External links are only checked for their form: a test must not depend on the
//! network or on someone else's server.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use pulldown_cmark::{BrokenLink, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::repo::Repo;
use crate::report::{Finding, Report, line_of};

/// Checks all links of all `*.md` files.
#[must_use]
pub fn check(repo: &Repo) -> Report {
    let pages: BTreeMap<&str, Page> = repo
        .ending(".md")
        .map(|(path, text)| (path, read_page(text)))
        .collect();
    let mut report = Report::default();
    for (path, page) in &pages {
        for link in &page.links {
            if let Err(message) = check_link(repo, &pages, path, &link.target) {
                let message = format!("`{}`: {message}", link.target);
                report.findings.push(Finding {
                    path: (*path).to_owned(),
                    line: Some(link.line),
                    rule: "link",
                    message,
                });
            }
        }
        for (line, label) in &page.undefined {
            let message = format!("reference `[{label}]` has no definition");
            report.findings.push(Finding {
                path: (*path).to_owned(),
                line: Some(*line),
                rule: "link",
                message,
            });
        }
    }
    report
}

struct Link {
    target: String,
    line: usize,
}

#[derive(Default)]
struct Page {
    links: Vec<Link>,
    anchors: BTreeSet<String>,
    undefined: Vec<(usize, String)>,
}

fn check_link(
    repo: &Repo,
    pages: &BTreeMap<&str, Page>,
    from: &str,
    target: &str,
) -> Result<(), String> {
    if let Some(scheme) = scheme(target) {
        return check_external(scheme, &target[scheme.len() + 1..]);
    }
    let (file, anchor) = match target.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (target, None),
    };
    let path = resolve(from, &percent_decode_str(file).decode_utf8_lossy())?;
    if !repo.exists(&path) {
        return Err("no such file".to_owned());
    }
    let Some(anchor) = anchor else { return Ok(()) };
    let Some(page) = pages.get(path.as_str()) else {
        return Err(
            "an anchor into a file that is no Markdown page; name the item instead".to_owned(),
        );
    };
    let anchor = percent_decode_str(anchor).decode_utf8_lossy();
    if page.anchors.contains(anchor.as_ref()) {
        Ok(())
    } else {
        Err(format!("no heading `#{anchor}` there"))
    }
}

fn scheme(target: &str) -> Option<&str> {
    let (scheme, _) = target.split_once(':')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    (scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(plain))
        .then_some(scheme)
}

fn check_external(scheme: &str, rest: &str) -> Result<(), String> {
    if rest.contains(char::is_whitespace) {
        return Err("an address holds no spaces".to_owned());
    }
    match scheme {
        "http" | "https" => {
            let host = rest
                .strip_prefix("//")
                .and_then(|rest| rest.split(['/', '?', '#']).next());
            let fine = host.is_some_and(|host| !host.is_empty() && !host.starts_with(['.', ':']));
            if fine {
                Ok(())
            } else {
                Err("no host in the address".to_owned())
            }
        }
        "mailto" if rest.contains('@') => Ok(()),
        "mailto" => Err("no mail address".to_owned()),
        _ => Err(format!("scheme `{scheme}` is none of http, https, mailto")),
    }
}

/// The path from the root that `file` means on page `from`; an empty `file` is the page itself.
fn resolve(from: &str, file: &str) -> Result<String, String> {
    if file.is_empty() {
        return Ok(from.to_owned());
    }
    let mut parts: Vec<&str> = match file.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => from.split('/').collect(),
    };
    parts.pop();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or("leads out of the repository")?;
            }
            name => parts.push(name),
        }
    }
    Ok(parts.join("/"))
}

fn read_page(text: &str) -> Page {
    let mut page = Page::default();
    let mut undefined = Vec::new();
    let mut note_undefined = |link: BrokenLink<'_>| {
        // A lone `[word]` is usually just brackets; `[text][word]` was meant as a link.
        if matches!(
            link.link_type,
            LinkType::Reference
                | LinkType::ReferenceUnknown
                | LinkType::Collapsed
                | LinkType::CollapsedUnknown
        ) {
            undefined.push((line_of(text, link.span.start), link.reference.to_string()));
        }
        None::<(CowStr<'_>, CowStr<'_>)>
    };
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    let parser = Parser::new_with_broken_link_callback(text, options, Some(&mut note_undefined));
    let mut heading: Option<String> = None;
    let mut used = BTreeMap::new();
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(Link {
                    target: dest_url.to_string(),
                    line: line_of(text, range.start),
                });
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let slug = slug(&heading.take().unwrap_or_default());
                page.anchors.insert(unique(slug, &mut used));
            }
            Event::Text(words) | Event::Code(words) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&words);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => page.anchors.extend(html_anchor(&html)),
            _ => {}
        }
    }
    page.undefined = undefined;
    page
}

/// GitHub's rule: lower case, punctuation dropped, each space a hyphen.
fn slug(heading: &str) -> String {
    let kept = heading
        .trim()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// The second heading of the same words gets `-1`, the third `-2`.
fn unique(slug: String, used: &mut BTreeMap<String, usize>) -> String {
    let count = used.entry(slug.clone()).or_insert(0);
    *count += 1;
    if *count == 1 {
        slug
    } else {
        format!("{slug}-{}", *count - 1)
    }
}

fn html_anchor(html: &str) -> Option<String> {
    let (_, rest) = html
        .split_once("id=\"")
        .or_else(|| html.split_once("name=\""))?;
    rest.split('"').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: &str = "# Life of *one* `event`!\n## Same\n## Same\n<a id=\"own\"></a>\n";

    fn messages(text: &str) -> Vec<String> {
        let files = [
            ("docs/guide/a.md", text),
            ("docs/b.md", TARGET),
            ("src/lib.rs", ""),
            ("README.md", ""),
        ];
        let report = check(&Repo::planted(&files));
        report
            .findings
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn links_to_files_folders_headings_and_anchors_are_fine() {
        let text = "# Top\n[a](../b.md) [b](../b.md#life-of-one-event) [c](../b.md#same-1) [d](../b.md#own)\n\
                    [e](..) [f](#top) [g](/README.md) ![h](../../src/lib.rs) [i](https://example.com/x#y) [j][k]\n\n[k]: ../b.md";
        assert_eq!(messages(text), Vec::<String>::new());
    }

    #[test]
    fn a_missing_file_and_a_missing_heading_are_found() {
        assert_eq!(messages("[a](c.md)"), ["`c.md`: no such file"]);
        assert_eq!(
            messages("[a](../b.md#same-2)"),
            ["`../b.md#same-2`: no heading `#same-2` there"]
        );
        assert_eq!(
            messages("[a](#gone)"),
            ["`#gone`: no heading `#gone` there"]
        );
    }

    #[test]
    fn a_link_out_of_the_repository_is_found() {
        assert_eq!(
            messages("[a](../../../x.md)"),
            ["`../../../x.md`: leads out of the repository"]
        );
    }

    #[test]
    fn lines_of_source_files_are_no_anchors() {
        assert!(messages("[a](../../src/lib.rs#L10)")[0].contains("no Markdown page"));
    }

    #[test]
    fn a_reference_without_definition_is_found_and_brackets_are_not() {
        assert_eq!(
            messages("[a][b] and [x] and `[c][d]`"),
            ["reference `[b]` has no definition"]
        );
    }

    #[test]
    fn external_links_are_checked_for_their_form() {
        assert!(messages("[a](https:///x)")[0].contains("no host"));
        assert!(messages("[a](<https://a b>)")[0].contains("no spaces"));
        assert!(messages("[a](ftp://example.com)")[0].contains("scheme `ftp`"));
        assert!(messages("[a](mailto:x)")[0].contains("no mail address"));
    }

    #[test]
    fn links_in_code_are_text() {
        assert!(messages("```\n[a](gone.md)\n```\n`[a](gone.md)`").is_empty());
    }

    #[test]
    fn a_finding_names_its_line() {
        let report = check(&Repo::planted(&[("a.md", "x\n\n[a](gone.md)")]));
        assert_eq!(report.findings[0].line, Some(3));
    }
}
