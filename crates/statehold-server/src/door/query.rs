//! Query parameters.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::json;
use statehold_core::codes;
use statehold_engine::PAGE_MAX;

use crate::app::App;
use crate::problem::Problem;

/// Bytes of one parameter's value, at most: none is longer than an id, but a state of many regions is.
const VALUE_BYTES_MAX: usize = 1_024;

/// Rows of a page when the caller does not say.
const PAGE_DEFAULT: u32 = 100;

/// The parameters a route takes.
pub(crate) trait FromQuery: Sized {
    /// Names of the parameters.
    const KNOWN: &'static [&'static str];
    /// Names that will mean something one day: using them is refused in those words.
    const LATER: &'static [&'static str] = &[];

    /// Reads them.
    fn from_query(params: &Params) -> Result<Self, Problem>;
}

/// Parameters of a request, each known and given once.
pub(crate) struct Query<T>(pub(crate) T);

/// For routes that take no parameters.
pub(crate) type NoQuery = Query<()>;

impl FromQuery for () {
    const KNOWN: &'static [&'static str] = &[];

    fn from_query(_: &Params) -> Result<Self, Problem> {
        Ok(())
    }
}

impl<T: FromQuery> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let params = Params::read::<T>(parts.uri.query().unwrap_or_default())?;
        T::from_query(&params).map(Self)
    }
}

/// Names and values as they were given.
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    fn read<T: FromQuery>(query: &str) -> Result<Self, Problem> {
        let mut params: Vec<(String, String)> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if T::LATER.contains(&name.as_str()) {
                return Err(bad_query(format!(
                    "query parameter `{name}` is not supported yet"
                )));
            }
            if !T::KNOWN.contains(&name.as_str()) {
                return Err(unknown(&name, T::KNOWN));
            }
            if params.iter().any(|(earlier, _)| *earlier == name) {
                return Err(bad_query(format!(
                    "query parameter `{name}` is given twice"
                )));
            }
            params.push((name, value));
        }
        Ok(Self(params))
    }

    /// The value of a parameter, if it is given.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find_map(|(n, value)| (n == name).then_some(value.as_str()))
    }

    /// As [`Params::text`], owned.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// A whole number from 0.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Problem> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = text
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| text.parse().ok())
            .flatten();
        let number = number.filter(|n: &u64| i64::try_from(*n).is_ok());
        number.map(Some).ok_or_else(|| {
            bad_query(format!(
                "query parameter `{name}`: expected a whole number from 0, got `{text}`"
            ))
        })
    }

    /// `limit`: how many rows at most.
    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        let limit = self.number("limit")?.unwrap_or(u64::from(PAGE_DEFAULT));
        u32::try_from(limit)
            .ok()
            .filter(|limit| (1..=PAGE_MAX).contains(limit))
            .ok_or_else(|| {
                bad_query(format!(
                    "query parameter `limit`: expected 1 to {PAGE_MAX}, got {limit}"
                ))
            })
    }

    /// `true` or `false`; false if it is not given.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(bad_query(format!(
                "query parameter `{name}`: expected `true` or `false`, got `{other}`"
            ))),
        }
    }
}

fn decode(text: &str) -> Result<String, Problem> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| bad_query("the query is not percent-encoded UTF-8"))?;
    if decoded.len() > VALUE_BYTES_MAX {
        return Err(bad_query(format!(
            "a query parameter has {} bytes, at most {VALUE_BYTES_MAX} are taken",
            decoded.len()
        )));
    }
    if decoded.chars().any(char::is_control) {
        return Err(bad_query("a query parameter holds control characters"));
    }
    Ok(decoded.into_owned())
}

fn unknown(name: &str, known: &[&str]) -> Problem {
    let taken = match known {
        [] => "this address takes none".to_owned(),
        _ => format!("this address takes {}", list(known)),
    };
    bad_query(format!("there is no query parameter `{name}`; {taken}")).with("known", json!(known))
}

/// Names for a sentence: `` `a`, `b` and `c` ``.
pub(super) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// A query parameter that cannot be taken.
pub(crate) fn bad_query(detail: impl Into<String>) -> Problem {
    Problem::new(codes::BAD_QUERY, detail)
}
