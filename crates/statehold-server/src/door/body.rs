//! Request bodies: bounded, of a declared type, strict JSON, and without fields that mean nothing.

use axum::body::{Bytes, HttpBody};
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};
use statehold_core::codes;
use statehold_core::json::{self as strict, JsonRefusal, Limits};

use super::headers::one;
use super::query::list;
use crate::app::App;
use crate::problem::Problem;

/// What a body is made of.
pub(crate) trait FromFields: Sized {
    /// Names of its fields.
    const KNOWN: &'static [&'static str];
    /// Whether an absent body counts as `{}`.
    const MAY_BE_ABSENT: bool = false;

    /// Reads the fields.
    fn from_fields(fields: &mut Fields) -> Result<Self, Problem>;
}

/// A JSON body.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: FromFields> FromRequest<App> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let bytes = read(request, app).await?;
        let value = if bytes.is_empty() && T::MAY_BE_ABSENT {
            json!({})
        } else {
            if media_type(&headers)?.as_deref() != Some("application/json") {
                return Err(wrong_type("application/json"));
            }
            let limits = Limits::bytes(app.config.body_bytes_max);
            strict::parse_strict(&bytes, limits).map_err(|refusal| malformed(&refusal))?
        };
        let mut fields = Fields::read(value, T::KNOWN)?;
        T::from_fields(&mut fields).map(Self)
    }
}

/// The fields of a body, each taken once.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    fn read(value: Value, known: &'static [&'static str]) -> Result<Self, Problem> {
        let Value::Object(fields) = value else {
            return Err(unfit(
                "",
                &format!("the body must be an object with {}", list(known)),
            ));
        };
        match fields.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(Self(fields)),
            Some(name) => {
                let detail = format!("the body has no field `{name}`; it takes {}", list(known));
                Err(unfit(&pointer(name), &detail).with("known", json!(known)))
            }
        }
    }

    /// A text that may be left out; null counts as left out.
    pub(crate) fn optional_text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(unfit(
                &pointer(name),
                &format!("field `{name}` must be text"),
            )),
        }
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, name: &str) -> Result<String, Problem> {
        self.optional_text(name)?
            .ok_or_else(|| unfit("", &format!("the body needs the field `{name}`")))
    }

    /// An object that may be left out and is then empty; null counts as left out.
    pub(crate) fn object(&mut self, name: &str) -> Result<Value, Problem> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(json!({})),
            Some(object @ Value::Object(_)) => Ok(object),
            Some(_) => Err(unfit(
                &pointer(name),
                &format!("field `{name}` must be an object"),
            )),
        }
    }
}

/// A chart, as YAML or JSON text.
pub(crate) struct ChartBody {
    /// The text.
    pub(crate) text: String,
    /// A file name with the ending that tells the format.
    pub(crate) name: &'static str,
}

impl FromRequest<App> for ChartBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let name = match media_type(request.headers())?.as_deref() {
            Some("application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml") => {
                "chart.yaml"
            }
            Some("application/json") => "chart.json",
            _ => return Err(wrong_type("application/yaml or application/json")),
        };
        let bytes = read(request, app).await?;
        match String::from_utf8(bytes.into()) {
            Ok(text) => Ok(Self { text, name }),
            Err(error) => Err(
                Problem::new(codes::MALFORMED_BODY, "the chart is not UTF-8 text")
                    .with("offset", error.utf8_error().valid_up_to()),
            ),
        }
    }
}

/// The whole body, within its bounds of size and time.
async fn read(mut request: Request, app: &App) -> Result<Bytes, Problem> {
    let limit = app.config.body_bytes_max;
    if let Some(coding) = one(request.headers(), &CONTENT_ENCODING)?.filter(|c| *c != "identity") {
        let detail = format!("bodies are taken as they are, not in content coding `{coding}`");
        return Err(
            Problem::new(codes::BAD_HEADER, detail).status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
        );
    }
    // A body that is announced as too large is refused before any of it is read.
    if request.body().size_hint().lower() > limit as u64 {
        return Err(too_large(limit));
    }
    DefaultBodyLimit::max(limit).apply(&mut request);
    let buffered = tokio::time::timeout(app.config.body_timeout, Bytes::from_request(request, app));
    match buffered.await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)))) => {
            Err(too_large(limit))
        }
        Ok(Err(_)) => Err(Problem::new(
            codes::MALFORMED_BODY,
            "the body ended before it was complete",
        )),
        Err(_) => Err(Problem::new(
            codes::TIMED_OUT,
            "the body took too long to arrive; nothing was changed",
        )),
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        codes::BODY_TOO_LARGE,
        format!("the body has more than {limit} bytes, which is the most that is taken"),
    )
}

/// The declared type in lower case, without parameters.
fn media_type(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(text) = one(headers, &CONTENT_TYPE)? else {
        return Ok(None);
    };
    let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
    let kind = parts.next();
    let charset = parts.find_map(|part| {
        part.strip_prefix("charset=")
            .map(|c| c.trim_matches('"').to_owned())
    });
    match charset.as_deref() {
        None | Some("utf-8" | "utf8") => Ok(kind),
        Some(other) => Err(Problem::new(
            codes::BAD_HEADER,
            format!("header `Content-Type`: bodies are UTF-8, not `{other}`"),
        )
        .status(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    }
}

fn wrong_type(expected: &str) -> Problem {
    Problem::new(
        codes::BAD_HEADER,
        format!("header `Content-Type`: this address takes {expected}"),
    )
    .status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
}

fn malformed(refusal: &JsonRefusal) -> Problem {
    Problem::new(
        refusal.code,
        format!("the body is not acceptable JSON: {}", refusal.message),
    )
    .with("offset", refusal.offset)
    .with("pointer", refusal.pointer.as_str())
}

fn unfit(pointer: &str, detail: &str) -> Problem {
    Problem::new(codes::MALFORMED_BODY, detail).with("pointer", pointer)
}

fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
