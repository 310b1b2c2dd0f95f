//! Request headers with a meaning of ours: `Idempotency-Key`, `If-Match`, `If-None-Match`; and `ETag` in answers.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use statehold_core::codes;

use crate::app::App;
use crate::problem::Problem;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The value of a header that may stand once.
pub(super) fn one<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(bad(name, "is given twice"));
    }
    let text = value
        .to_str()
        .map_err(|_| bad(name, "holds characters other than visible ASCII"))?;
    Ok(Some(text.trim()))
}

fn bad(name: &HeaderName, problem: &str) -> Problem {
    Problem::new(
        codes::BAD_HEADER,
        format!("header `{}` {problem}", spelling(name)),
    )
}

/// As the documents write it.
fn spelling(name: &HeaderName) -> String {
    let words: Vec<String> = name
        .as_str()
        .split('-')
        .map(|word| word[..1].to_ascii_uppercase() + &word[1..])
        .collect();
    words.join("-")
}

/// The entity tag of a revision.
pub(crate) fn etag(revision: u64) -> String {
    format!("\"{revision}\"")
}

/// The event id that `Idempotency-Key` carries, if any.
#[derive(Debug)]
pub(crate) struct EventId(Option<String>);

impl EventId {
    /// The event id of a request whose body may carry one as well.
    pub(crate) fn or_body(self, body: Option<String>) -> Result<Option<String>, Problem> {
        match (self.0, body) {
            (Some(header), Some(body)) if header != body => Err(Problem::new(
                codes::BAD_HEADER,
                format!(
                    "header `Idempotency-Key` says `{header}` and the body's `id` says `{body}`: \
                     both are the event's id, so give one of them or the same twice"
                ),
            )),
            (header, body) => Ok(header.or(body)),
        }
    }

    /// The event id of a request whose body carries none.
    pub(crate) fn into_inner(self) -> Option<String> {
        self.0
    }
}

impl FromRequestParts<App> for EventId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let id = one(&parts.headers, &IDEMPOTENCY_KEY)?;
        Ok(Self(id.map(str::to_owned)))
    }
}

/// The revision that `If-Match` names, if any: the event is fired at exactly this one.
#[derive(Debug)]
pub(crate) struct IfRevision(pub(crate) Option<u64>);

impl FromRequestParts<App> for IfRevision {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        match one(&parts.headers, &IF_MATCH)? {
            // `*`: any revision, as long as there is an entity; without one the answer is 404 anyway.
            None | Some("*") => Ok(Self(None)),
            Some(tag) => match revision(tag) {
                Some(revision) => Ok(Self(Some(revision))),
                None => Err(bad(
                    &IF_MATCH,
                    "is not one revision in quotes, e.g. \"3\", as the `ETag` header gives it",
                )),
            },
        }
    }
}

/// What a cache says it has.
#[derive(Debug)]
pub(crate) struct IfNoneMatch(Option<String>);

impl IfNoneMatch {
    /// Whether the caller has this revision already.
    pub(crate) fn has(&self, revision: u64) -> bool {
        self.0.as_deref().is_some_and(|tags| {
            tags == "*"
                || tags
                    .split(',')
                    .any(|tag| weak_revision(tag.trim()) == Some(revision))
        })
    }
}

impl IfNoneMatch {
    /// Whether the caller has what carries this tag already.
    pub(crate) fn has_tag(&self, tag: &str) -> bool {
        let strong = |given: &str| given.strip_prefix("W/").unwrap_or(given) == tag;
        let is_known = |tags: &str| tags == "*" || tags.split(',').map(str::trim).any(strong);
        self.0.as_deref().is_some_and(is_known)
    }
}

impl FromRequestParts<App> for IfNoneMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Ok(Self(
            one(&parts.headers, &IF_NONE_MATCH)?.map(str::to_owned),
        ))
    }
}

/// `"3"`, and `3` from those who forget the quotes: nothing else can be meant.
fn revision(tag: &str) -> Option<u64> {
    let digits = match tag.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => tag,
    };
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten()
}

/// Caches may weaken a tag; for reading that makes no difference.
fn weak_revision(tag: &str) -> Option<u64> {
    revision(tag.strip_prefix("W/").unwrap_or(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_a_number_in_quotes_or_alone() {
        assert_eq!(revision("\"3\""), Some(3));
        assert_eq!(revision("3"), Some(3));
        for tag in [
            "",
            "\"\"",
            "\"3",
            "3\"",
            "W/\"3\"",
            "\"3\", \"4\"",
            "-1",
            "+1",
            "99999999999999999999",
        ] {
            assert_eq!(revision(tag), None, "{tag}");
        }
    }

    #[test]
    fn a_cache_may_name_several_revisions() {
        let has = |tags: &str| IfNoneMatch(Some(tags.to_owned())).has(3);
        assert!(has("\"3\"") && has("W/\"3\"") && has("\"1\", W/\"3\"") && has("*"));
        assert!(!has("\"4\"") && !has("") && !IfNoneMatch(None).has(3));
    }
}
