//! A look at the tokens of a JSON text before it is parsed: depth, U+0000, numbers that would lose digits.
//!
//! It bounds what the parser will recurse into and judges numbers by their own text, which a parsed value no longer
//! has. Grammar is not its business: broken text passes and is refused by the parser.

/// What no store may be given, found without knowing whether the rest is JSON.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) kind: FlawKind,
    pub(crate) message: String,
    pub(crate) offset: usize,
    /// Bytes that it covers.
    pub(crate) len: usize,
}

#[derive(Debug)]
pub(crate) enum FlawKind {
    Depth,
    Number,
    Nul,
}

/// Looks at every token for depth, U+0000 and numbers that would lose digits. Grammar is not its business.
pub(crate) fn scan(text: &str, max_depth: usize) -> Result<(), Flaw> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = scan_string(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                if depth > max_depth {
                    return Err(Flaw {
                        kind: FlawKind::Depth,
                        message: format!("nested deeper than {max_depth} levels"),
                        offset: at,
                        len: 1,
                    });
                }
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let end = number_end(bytes, at);
                check_number(&text[at..end]).map_err(|message| Flaw {
                    kind: FlawKind::Number,
                    message,
                    offset: at,
                    len: end - at,
                })?;
                at = end;
            }
            _ => at += 1,
        }
    }
    Ok(())
}

/// The offset after the string that begins at `start`.
pub(super) fn scan_string(bytes: &[u8], start: usize) -> Result<usize, Flaw> {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return Ok(at + 1),
            b'\\' => {
                if bytes.get(at + 1..at + 6) == Some(b"u0000") {
                    return Err(Flaw {
                        kind: FlawKind::Nul,
                        message: "text must not hold the character U+0000".to_owned(),
                        offset: at,
                        len: 6,
                    });
                }
                at += 2;
            }
            _ => at += 1,
        }
    }
    Ok(bytes.len())
}

fn number_end(bytes: &[u8], start: usize) -> usize {
    let length = bytes[start..]
        .iter()
        .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
    length.map_or(bytes.len(), |length| start + length)
}

/// Digits that always survive a 64-bit float, and that no 64-bit integer overflows.
const SAFE_DIGITS: usize = 15;

/// Whether a number token keeps its value. What is no number at all is left to the grammar.
fn check_number(token: &str) -> Result<(), String> {
    let integer = token.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if token.len() <= SAFE_DIGITS && !token.contains(['e', 'E']) {
        return Ok(());
    }
    if integer {
        return match token.parse::<i64>() {
            Ok(_) => Ok(()),
            Err(_) => Err("the number is outside the range of 64-bit whole numbers".to_owned()),
        };
    }
    match token.parse::<f64>() {
        Ok(value) if !float_is_exact(token, value) => {
            Err("the number cannot be kept exactly".to_owned())
        }
        _ => Ok(()),
    }
}

/// Whether the text that `value` is written as is the same number as `token`: nothing is lost by keeping `value`. Of two
/// shortest texts that lie equally near, only the writer's own one counts.
pub(crate) fn float_is_exact(token: &str, value: f64) -> bool {
    value.is_finite() && decimal(token) == decimal(&serde_json::Value::from(value).to_string())
}

/// Sign, significant digits and exponent: equal for texts of the same number.
fn decimal(token: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = token.split_once(['e', 'E']).unwrap_or((token, "0"));
    let negative = mantissa.starts_with('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = (whole.chars().chain(fraction.chars()))
        .filter(char::is_ascii_digit)
        .collect();
    let stripped = digits.trim_start_matches('0');
    let significant = stripped.trim_end_matches('0');
    if significant.is_empty() {
        // Zero has no sign here: every store gives -0 back as 0.
        return (false, String::new(), 0);
    }
    let shift = (stripped.len() - significant.len()) as i64 - fraction.len() as i64;
    // An exponent too long to read belongs to no finite number; saturating keeps it unequal to all of them.
    let exponent = exponent.parse::<i64>().unwrap_or(i64::MAX / 2);
    (
        negative,
        significant.to_owned(),
        exponent.saturating_add(shift),
    )
}
