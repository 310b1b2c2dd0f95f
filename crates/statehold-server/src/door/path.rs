//! The variable parts of an address.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use statehold_core::codes;

use crate::app::App;
use crate::problem::Problem;

/// The variable parts of the address, percent-decoded.
pub(crate) struct Segments<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Segments<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, app).await {
            Ok(Path(segments)) => Ok(Self(segments)),
            Err(_) => Err(Problem::new(
                codes::BAD_ID,
                "the address holds a part that is not percent-encoded UTF-8",
            )),
        }
    }
}
