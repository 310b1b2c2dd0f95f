//! The one door for requests: everything a caller sends is read here, strictly, before a handler sees it.
//!
//! What is not known is refused with the list of what is known, so that a misspelt parameter never counts as absent.

mod body;
mod caller;
mod headers;
mod path;
mod query;

pub(crate) use body::{ChartBody, Fields, FromFields, JsonBody};
pub(crate) use caller::Caller;
pub(crate) use headers::{EventId, IfNoneMatch, IfRevision, etag};
pub(crate) use path::Segments;
pub(crate) use query::{FromQuery, NoQuery, Params, Query, bad_query};
