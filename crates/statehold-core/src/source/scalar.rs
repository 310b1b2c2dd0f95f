//! What a plain YAML scalar means: the YAML 1.2 core schema, and no more.
//!
//! `yes`, `on` and `0755` stay what they look like; numbers that a 64-bit computer cannot hold exactly are refused.

use super::node::NodeValue;

/// Reads a plain scalar.
///
/// # Errors
/// Says why a number cannot be kept.
pub(super) fn resolve(text: &str) -> Result<NodeValue, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(NodeValue::Null),
        "true" | "True" | "TRUE" => return Ok(NodeValue::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(NodeValue::Bool(false)),
        _ => {}
    }
    if is_not_a_number(text) {
        return Err(format!("`{text}` is not a number that can be stored"));
    }
    match number_kind(text) {
        Some(Kind::Decimal) => whole(text, text.parse()),
        Some(Kind::Hexadecimal) => whole(text, i64::from_str_radix(&text[2..], 16)),
        Some(Kind::Octal) => whole(text, i64::from_str_radix(&text[2..], 8)),
        Some(Kind::Float) => float(text),
        None => Ok(NodeValue::Str(text.to_owned())),
    }
}

enum Kind {
    Decimal,
    Hexadecimal,
    Octal,
    Float,
}

fn number_kind(text: &str) -> Option<Kind> {
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, |b| b.is_ascii_hexdigit()).then_some(Kind::Hexadecimal);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |b| matches!(b, b'0'..=b'7')).then_some(Kind::Octal);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if all(unsigned, |b| b.is_ascii_digit()) {
        return Some(Kind::Decimal);
    }
    is_float(unsigned).then_some(Kind::Float)
}

/// `digits [. digits] [e [sign] digits]` or `. digits ...`, as the core schema writes floats.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent_fits = exponent.is_none_or(|e| {
        all(e.strip_prefix(['+', '-']).unwrap_or(e), |b| {
            b.is_ascii_digit()
        })
    });
    let mantissa_fits = match mantissa.split_once('.') {
        None => all(mantissa, |b| b.is_ascii_digit()),
        Some(("", fraction)) => all(fraction, |b| b.is_ascii_digit()),
        Some((whole, fraction)) => {
            all(whole, |b| b.is_ascii_digit()) && fraction.bytes().all(|b| b.is_ascii_digit())
        }
    };
    mantissa_fits && exponent_fits
}

fn all(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(fits)
}

fn is_not_a_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

fn whole(text: &str, parsed: Result<i64, std::num::ParseIntError>) -> Result<NodeValue, String> {
    parsed
        .map(NodeValue::Int)
        .map_err(|_| format!("`{text}` is outside the range of 64-bit whole numbers"))
}

fn float(text: &str) -> Result<NodeValue, String> {
    let value: f64 = text
        .parse()
        .map_err(|_| format!("`{text}` is not a number"))?;
    if crate::json::float_is_exact(text, value) {
        Ok(NodeValue::Float(value))
    } else {
        Err(format!("`{text}` cannot be kept exactly"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        assert_eq!(resolve("on"), Ok(NodeValue::Str("on".into())));
        assert_eq!(resolve("yes"), Ok(NodeValue::Str("yes".into())));
        assert_eq!(resolve("010"), Ok(NodeValue::Int(10)));
        assert_eq!(resolve("0x1f"), Ok(NodeValue::Int(31)));
        assert_eq!(resolve("1.5"), Ok(NodeValue::Float(1.5)));
        assert_eq!(resolve(".5"), Ok(NodeValue::Float(0.5)));
        assert_eq!(resolve("5."), Ok(NodeValue::Float(5.0)));
        assert_eq!(resolve("1e3"), Ok(NodeValue::Float(1000.0)));
        assert_eq!(resolve("48h"), Ok(NodeValue::Str("48h".into())));
        assert_eq!(resolve("1.2.3"), Ok(NodeValue::Str("1.2.3".into())));
        assert_eq!(resolve("-"), Ok(NodeValue::Str("-".into())));
        assert_eq!(resolve("e5"), Ok(NodeValue::Str("e5".into())));
        assert_eq!(resolve("."), Ok(NodeValue::Str(".".into())));
    }

    #[test]
    fn numbers_that_cannot_be_kept_are_refused() {
        for text in ["9223372036854775808", "1e400", ".inf", "-.Inf", ".nan"] {
            assert!(resolve(text).is_err(), "{text}");
        }
        assert!(resolve("0.12345678901234567890123").is_err());
    }
}
