//! Published machines.

use serde_json::Value;

use super::style::{GOOD, STRONG, paint};
use super::table::table;
use super::value::text;

/// The published machines.
pub(crate) fn machines(document: &Value) -> String {
    let rows = document["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|machine| {
            [
                text(machine, "name"),
                text(machine, "version"),
                text(machine, "label"),
            ]
        });
    table(["machine", "version", "label"], rows.collect())
}

/// What publishing did.
pub(crate) fn publication(document: &Value) -> String {
    let what = match (document["new"] == true, document["dry_run"] == true) {
        (true, true) => "would be published",
        (true, false) => "published",
        (false, _) => "published already, nothing changes",
    };
    format!(
        "{} version {}: {}",
        paint(STRONG, text(document, "machine")),
        text(document, "version"),
        paint(GOOD, what)
    )
}
