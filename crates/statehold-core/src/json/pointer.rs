//! Where in a JSON text an offset lies, as a JSON pointer.

use super::scan::scan_string;

/// Longest pointer of a refusal, in bytes; the keys in it come from whoever sent the text.
const MAX_POINTER_BYTES: usize = 500;

/// JSON pointer of the value that `offset` lies in, as far as the text before it can be followed.
pub(super) fn pointer_at(text: &str, offset: usize) -> String {
    enum Level {
        List(usize),
        Object { key: String, after_key: bool },
    }
    let bytes = text.as_bytes();
    let mut levels: Vec<Level> = Vec::new();
    let mut at = 0;
    while at < offset.min(bytes.len()) {
        match (bytes[at], levels.last_mut()) {
            (b'"', level) => {
                let end = scan_string(bytes, at).unwrap_or(bytes.len());
                if let Some(Level::Object {
                    key,
                    after_key: false,
                }) = level
                {
                    *key = serde_json::from_str(&text[at..end]).unwrap_or_default();
                }
                at = end;
                continue;
            }
            (b'{', _) => levels.push(Level::Object {
                key: String::new(),
                after_key: false,
            }),
            (b'[', _) => levels.push(Level::List(0)),
            (b'}' | b']', _) => drop(levels.pop()),
            (b':', Some(Level::Object { after_key, .. })) => *after_key = true,
            (b',', Some(Level::Object { after_key, .. })) => *after_key = false,
            (b',', Some(Level::List(index))) => *index += 1,
            _ => {}
        }
        at += 1;
    }
    let mut pointer = String::new();
    for level in levels {
        let segment = match level {
            Level::List(index) => index.to_string(),
            Level::Object { key, .. } => key.replace('~', "~0").replace('/', "~1"),
        };
        if pointer.len() + segment.len() + 1 > MAX_POINTER_BYTES {
            break;
        }
        pointer.push('/');
        pointer.push_str(&segment);
    }
    pointer
}
