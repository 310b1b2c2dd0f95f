//! Colours and the style sheet.
//!
//! A picture that follows the reader's system uses custom properties (`--sh-ground`, ...), which a page may override;
//! each use stands behind a literal colour for programs that know no custom properties. Light and dark pictures use
//! literals alone.

use std::fmt::Write as _;

use crate::options::Theme;

/// Faces in order of preference. Boxes are measured for the widest of them.
const FONTS: &str = "system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,\"Noto Sans\",\"DejaVu Sans\",sans-serif";

/// A named colour: light, dark.
type Colour = (&'static str, &'static str, &'static str);

const GROUND: Colour = ("ground", "#ffffff", "#10151f");
const INNER: Colour = ("inner", "#f7f9fc", "#161d2a");
const STATE: Colour = ("state", "#eaf0fa", "#243049");
const BORDER: Colour = ("border", "#51637f", "#8b9cb8");
const FRAME: Colour = ("frame", "#8d9bb0", "#5d6d87");
const TEXT: Colour = ("text", "#141c2b", "#e8edf5");
const MUTED: Colour = ("muted", "#566378", "#9fadc2");
const GUARD: Colour = ("guard", "#6a3ab2", "#c7aef5");
const ACTION: Colour = ("action", "#0b6b63", "#6fd6c8");
const ARROW: Colour = ("arrow", "#45546c", "#a3b1c7");
const DANGER: Colour = ("danger", "#b3261e", "#f28b82");
const ACTIVE: Colour = ("active", "#cfe3ff", "#1d4380");
const ACCENT: Colour = ("accent", "#1257c4", "#7fb3ff");
const GOOD: Colour = ("good", "#1b7a3d", "#6fd08c");

const COLOURS: [Colour; 14] = [
    GROUND, INNER, STATE, BORDER, FRAME, TEXT, MUTED, GUARD, ACTION, ARROW, DANGER, ACTIVE, ACCENT,
    GOOD,
];

enum Declaration {
    Plain(&'static str),
    Colour(&'static str, Colour),
}

use Declaration::{Colour as Paint, Plain};

/// Selectors are relative to the picture, so that the sheet does not reach the page around it.
const RULES: &[(&str, &[Declaration])] = &[
    ("text", &[Paint("fill", TEXT)]),
    (".ground", &[Paint("fill", GROUND)]),
    (".strong", &[Plain("font-weight:600")]),
    (".note,.muted", &[Paint("fill", MUTED)]),
    (".count", &[Paint("fill", ACCENT)]),
    (".guard", &[Paint("fill", GUARD)]),
    (".action", &[Paint("fill", ACTION)]),
    (
        ".box",
        &[
            Paint("fill", STATE),
            Paint("stroke", BORDER),
            Plain("stroke-width:1.25"),
        ],
    ),
    (
        ".ring",
        &[
            Plain("fill:none"),
            Paint("stroke", BORDER),
            Plain("stroke-width:1.25"),
        ],
    ),
    (
        ".compound>.box,.parallel>.box",
        &[Paint("fill", INNER), Paint("stroke", FRAME)],
    ),
    (
        ".region>.box",
        &[Plain("fill:none"), Plain("stroke-dasharray:6 4")],
    ),
    (
        ".any>.box",
        &[Paint("fill", GROUND), Plain("stroke-dasharray:3 3")],
    ),
    (
        ".divider",
        &[
            Paint("stroke", FRAME),
            Plain("stroke-width:1"),
            Plain("opacity:.6"),
        ],
    ),
    (".dot", &[Paint("fill", ARROW)]),
    (".history>.box", &[Paint("fill", GROUND)]),
    (".deprecated>.box", &[Plain("opacity:.55")]),
    (
        ".deprecated>.name,.deprecated>.trigger,.deprecated>text>.trigger",
        &[Plain("text-decoration:line-through")],
    ),
    (
        ".active>.box",
        &[
            Paint("fill", ACTIVE),
            Paint("stroke", ACCENT),
            Plain("stroke-width:2.5"),
        ],
    ),
    (".active>.ring", &[Paint("stroke", ACCENT)]),
    (
        ".compound.active>.box,.parallel.active>.box",
        &[Paint("fill", INNER), Plain("stroke-width:2")],
    ),
    (".region.active>.box", &[Plain("fill:none")]),
    (
        ".line",
        &[
            Plain("fill:none"),
            Paint("stroke", ARROW),
            Plain("stroke-width:1.35"),
        ],
    ),
    (".head", &[Paint("fill", ARROW)]),
    (".error>.line", &[Paint("stroke", DANGER)]),
    (".error>.head", &[Paint("fill", DANGER)]),
    (
        ".covered>.line",
        &[Paint("stroke", GOOD), Plain("stroke-width:2")],
    ),
    (".covered>.head", &[Paint("fill", GOOD)]),
    (
        ".missed>.line",
        &[Paint("stroke", DANGER), Plain("stroke-dasharray:4 3")],
    ),
    (".missed>.head", &[Paint("fill", DANGER)]),
    ("text.covered", &[Paint("fill", GOOD)]),
    ("text.missed", &[Paint("fill", DANGER)]),
    // The name of a frame may have to stand on an arrow.
    (
        ".halo",
        &[
            Plain("paint-order:stroke"),
            Paint("stroke", GROUND),
            Plain("stroke-width:3"),
            Plain("stroke-linejoin:round"),
        ],
    ),
];

/// Class of the outermost element.
pub(super) const SCOPE: &str = "statehold-diagram";

/// The style sheet of a theme.
pub(super) fn sheet(theme: Theme) -> String {
    let mut css = String::new();
    if theme == Theme::Auto {
        let list = |pick: fn(&Colour) -> &'static str| -> String {
            COLOURS
                .iter()
                .map(|colour| format!("--sh-{}:{};", colour.0, pick(colour)))
                .collect()
        };
        // `:where` weighs nothing: one plain class of the page overrides a colour.
        let _ = write!(css, ":where(.{SCOPE}){{{}}}", list(|colour| colour.1));
        let _ = write!(
            css,
            "@media(prefers-color-scheme:dark){{:where(.{SCOPE}){{{}}}}}",
            list(|colour| colour.2)
        );
    }
    let _ = write!(css, ".{SCOPE}{{font-family:{FONTS}}}");
    for (selectors, declarations) in RULES {
        let scoped: Vec<String> = selectors
            .split(',')
            .map(|selector| format!(".{SCOPE} {selector}"))
            .collect();
        let body: Vec<String> = declarations
            .iter()
            .map(|declaration| declare(declaration, theme))
            .collect();
        let _ = write!(css, "{}{{{}}}", scoped.join(","), body.join(";"));
    }
    css
}

fn declare(declaration: &Declaration, theme: Theme) -> String {
    match (declaration, theme) {
        (Plain(text), _) => (*text).to_owned(),
        (Paint(property, colour), Theme::Auto) => {
            format!("{property}:{};{property}:var(--sh-{})", colour.1, colour.0)
        }
        (Paint(property, colour), Theme::Light) => format!("{property}:{}", colour.1),
        (Paint(property, colour), Theme::Dark) => format!("{property}:{}", colour.2),
    }
}
