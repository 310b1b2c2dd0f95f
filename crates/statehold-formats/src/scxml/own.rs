//! The marks by which our own exports are known and say what SCXML cannot.

/// Namespace of our attributes and elements.
pub(super) const NAMESPACE: &str = "urn:statehold:scxml";

/// Version of the marks, under the attribute `format` of the document.
pub(super) const FORMAT: &str = "1";

/// `type` of a `send` or `invoke` that is an effect of ours.
pub(super) const EFFECT: &str = "x-statehold-effect";

/// Event of the end of an invoke with this id.
pub(super) fn done_event(id: &str) -> String {
    format!("done.invoke.{id}")
}

/// Event of the failure of an invoke with this id.
pub(super) fn error_event(id: &str) -> String {
    format!("error.invoke.{id}")
}
