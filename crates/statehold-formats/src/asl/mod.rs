//! Importer of asl.

use crate::{FormatError, ImportOptions, Imported, Problem};

/// Makes a chart of a document.
///
/// # Errors
/// Everything that keeps the text from becoming a chart.
pub(crate) fn import(text: &str, _options: &ImportOptions) -> Result<Imported, FormatError> {
    Err(FormatError::one(Problem::at(text, 0, "this format is not read yet")))
}
