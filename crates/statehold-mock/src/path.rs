//! Path patterns of routes: `/charges/{id}` and `/files/*`.
//!
//! A pattern is checked when it is made, so matching cannot fail, only not match. It does not know
//! methods, queries or which route comes first.

use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::percent_decode_str;

/// Longest pattern, in bytes. Real APIs stay under a tenth of it.
const PATTERN_BYTES_MAX: usize = 1_024;

/// The part of the address space that belongs to the mock itself.
pub(crate) const CONTROL_PREFIX: &str = "/__mock";

/// Name under which templates find what a trailing `*` matched.
const REST: &str = "rest";

/// The path of a route, with parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    segments: Vec<Segment>,
    /// Ends in `/*`.
    open: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Parameter(String),
}

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence, without a full stop, about what is wrong with it.
    pub fn new(text: &str) -> Result<PathPattern, String> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err("a path begins with `/`".to_owned());
        };
        if text.len() > PATTERN_BYTES_MAX {
            return Err(format!("the path is longer than {PATTERN_BYTES_MAX} bytes"));
        }
        if text.contains(['?', '#']) || text.contains(char::is_whitespace) {
            return Err(
                "a path holds no query, fragment or space; the query is not matched".to_owned(),
            );
        }
        if is_control(text) {
            return Err(format!("`{CONTROL_PREFIX}` belongs to the mock itself"));
        }
        let (closed, open) = match rest.strip_suffix('*') {
            Some("") => ("", true),
            Some(closed) if closed.ends_with('/') => (&closed[..closed.len() - 1], true),
            Some(_) => return Err("`*` stands alone, as the last segment".to_owned()),
            None => (rest, false),
        };
        let mut segments = Vec::new();
        if !(closed.is_empty() && open) {
            for part in closed.split('/') {
                segments.push(segment(part, closed.is_empty(), &segments)?);
            }
        }
        Ok(PathPattern {
            text: text.to_owned(),
            segments,
            open,
        })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether both match exactly the same paths.
    #[must_use]
    pub fn same_paths(&self, other: &PathPattern) -> bool {
        let same = |(a, b): (&Segment, &Segment)| match (a, b) {
            (Segment::Literal(a), Segment::Literal(b)) => a == b,
            (Segment::Parameter(_), Segment::Parameter(_)) => true,
            _ => false,
        };
        self.open == other.open
            && self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(same)
    }

    /// The parameters of a request path, decoded; `None` when the path does not match.
    pub(crate) fn parameters(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let mut rest = path.strip_prefix('/');
        let mut found = BTreeMap::new();
        for segment in &self.segments {
            let (part, after) = match rest?.split_once('/') {
                Some((part, after)) => (part, Some(after)),
                None => (rest?, None),
            };
            rest = after;
            let part = percent_decode_str(part).decode_utf8().ok()?;
            match segment {
                Segment::Literal(wanted) if *wanted == part => {}
                Segment::Literal(_) => return None,
                // An empty segment is a missing id, which no API takes for one.
                Segment::Parameter(_) if part.is_empty() => return None,
                Segment::Parameter(name) => {
                    found.insert(name.clone(), part.into_owned());
                }
            }
        }
        match (self.open, rest) {
            (false, None) => Some(found),
            (true, Some(rest)) => {
                found.insert(
                    REST.to_owned(),
                    percent_decode_str(rest).decode_utf8_lossy().into_owned(),
                );
                Some(found)
            }
            _ => None,
        }
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether a path belongs to the mock's own control addresses.
pub(crate) fn is_control(path: &str) -> bool {
    path.strip_prefix(CONTROL_PREFIX)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn segment(part: &str, is_root: bool, before: &[Segment]) -> Result<Segment, String> {
    if part.is_empty() && !is_root {
        return Err("a path holds no empty segment".to_owned());
    }
    let Some(rest) = part.strip_prefix('{') else {
        return literal(part);
    };
    let Some(name) = rest.strip_suffix('}') else {
        return Err(format!(
            "`{part}`: a parameter is a whole segment in braces, such as `{{id}}`"
        ));
    };
    if name.is_empty()
        || !name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return Err(format!(
            "`{part}`: a parameter's name is letters, digits and `_`"
        ));
    }
    let parameter = Segment::Parameter(name.to_owned());
    if before.contains(&parameter) || name == REST {
        return Err(format!("the parameter `{name}` is taken"));
    }
    Ok(parameter)
}

fn literal(part: &str) -> Result<Segment, String> {
    if part.contains(['{', '}', '*']) {
        return Err(format!("`{part}`: a parameter or `*` is a whole segment"));
    }
    let decoded = percent_decode_str(part)
        .decode_utf8()
        .map_err(|_| format!("`{part}` is not UTF-8 when decoded"))?;
    Ok(Segment::Literal(decoded.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, path: &str) -> Option<String> {
        let pattern = PathPattern::new(pattern).expect("a good pattern");
        let pairs = pattern.parameters(path)?;
        Some(
            pairs
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join(","),
        )
    }

    #[test]
    fn a_parameter_takes_exactly_one_decoded_segment() {
        assert_eq!(found("/a/{id}", "/a/x%20y").as_deref(), Some("id=x y"));
        assert_eq!(found("/a/{id}/b", "/a/1/b").as_deref(), Some("id=1"));
        assert_eq!(found("/a/{id}", "/a/1/2"), None);
        assert_eq!(found("/a/{id}", "/a/"), None);
        assert_eq!(found("/a/{id}", "/a"), None);
    }

    #[test]
    fn a_star_takes_the_rest() {
        assert_eq!(found("/a/*", "/a/b/c").as_deref(), Some("rest=b/c"));
        assert_eq!(found("/a/*", "/a/").as_deref(), Some("rest="));
        assert_eq!(found("/a/*", "/a"), None);
        assert_eq!(found("/*", "/").as_deref(), Some("rest="));
        assert_eq!(found("/*", "/x/y").as_deref(), Some("rest=x/y"));
    }

    #[test]
    fn a_literal_matches_itself_only() {
        assert_eq!(found("/", "/").as_deref(), Some(""));
        assert_eq!(found("/", "/a"), None);
        assert_eq!(found("/a/b", "/a/b").as_deref(), Some(""));
        assert_eq!(found("/a/b", "/a/b/"), None);
        assert_eq!(
            found("/a b".replace(' ', "%20").as_str(), "/a%20b").as_deref(),
            Some("")
        );
    }

    #[test]
    fn bad_patterns_are_refused_with_a_reason() {
        for (pattern, reason) in [
            ("a", "begins with"),
            ("/a?b=c", "no query"),
            ("/a//b", "empty segment"),
            ("/a/", "empty segment"),
            ("/a*", "stands alone"),
            ("/*/a", "whole segment"),
            ("/{a", "whole segment"),
            ("/x{a}", "whole segment"),
            ("/{}", "letters"),
            ("/{a}/{a}", "taken"),
            ("/{rest}/*", "taken"),
            ("/__mock", "itself"),
            ("/__mock/calls", "itself"),
        ] {
            let problem = PathPattern::new(pattern).expect_err(pattern);
            assert!(problem.contains(reason), "{pattern}: {problem}");
        }
        assert!(PathPattern::new("/__mocks").is_ok());
        assert!(PathPattern::new(&format!("/{}", "a".repeat(PATTERN_BYTES_MAX))).is_err());
    }

    #[test]
    fn patterns_are_the_same_whatever_their_parameters_are_called() {
        let same = |a, b| {
            PathPattern::new(a)
                .expect("a")
                .same_paths(&PathPattern::new(b).expect("b"))
        };
        assert!(same("/a/{id}", "/a/{name}"));
        assert!(!same("/a/{id}", "/a/b"));
        assert!(!same("/a/*", "/a/{id}"));
    }
}
