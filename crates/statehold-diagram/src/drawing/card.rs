//! The texts of a box or an arrow, and how much room they need.

use super::{Anchor, Role, Text};
use crate::layout::{Point, Rect};
use crate::options::Options;
use crate::picture::{Inside, Label, NodeId, NodeKind, Picture};
use crate::text::{Line, Piece, Tone, wrap};

/// Font size of names.
const NAME_SIZE: f64 = 14.0;
/// Font size of the heading.
const HEADING_SIZE: f64 = 18.0;
/// Font size of everything else.
const SIZE: f64 = 12.0;
/// From one base line to the next, by font size.
const LEADING: f64 = 1.36;
/// Between the border of a box and its texts.
const PAD: (f64, f64) = (12.0, 9.0);
/// Widest text in a box, and at the head of a box with boxes inside, which is wide anyway.
const WIDTH_MAX: (f64, f64) = (250.0, 340.0);
/// Widest text of the heading.
const HEADING_WIDTH_MAX: f64 = 420.0;
/// Widest text at an arrow: narrow, because labels stand side by side.
const LABEL_WIDTH_MAX: f64 = 200.0;
/// Most lines of one text; a longer one stands whole in the tooltip.
const LINES_MAX: usize = 4;
/// Most lines at an arrow: an event, its guard and what is done come together there.
const LABEL_LINES_MAX: usize = 6;
/// Most things listed as happening inside one box.
const INSIDE_MAX: usize = 12;
/// Smallest box of a state.
const MIN: (f64, f64) = (84.0, 38.0);
/// Room left and right of the words of an arrow.
const LABEL_PAD: f64 = 2.0;

/// Texts of a box from top to bottom, before it has a place.
#[derive(Debug, Clone, Default)]
pub(super) struct Card {
    rows: Vec<Row>,
    /// Index of the first row below the divider.
    divided_at: Option<usize>,
    is_centered: bool,
    width_max: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

#[derive(Debug, Clone)]
struct Row {
    line: Line,
    size: f64,
    role: Role,
}

impl Row {
    fn height(&self) -> f64 {
        (self.size * LEADING).round()
    }
}

/// The texts of a node.
pub(super) fn of(picture: &Picture, id: NodeId, options: &Options) -> Card {
    let node = picture.node(id);
    let mut card = Card {
        is_centered: !node.kind.is_container(),
        width_max: match node.kind.is_container() {
            true => WIDTH_MAX.1,
            false => WIDTH_MAX.0,
        },
        ..Card::default()
    };
    if !node.kind.is_state() && node.kind != NodeKind::AnyState {
        return card;
    }
    card.add(
        &[Piece::new(node.name.as_str(), Tone::Strong)],
        NAME_SIZE,
        Role::Name,
    );
    if let Some(count) = options.counts.get(&node.path) {
        let entities = if *count == 1 { "entity" } else { "entities" };
        card.add(
            &[Piece::new(
                format!("{} {entities}", grouped(*count)),
                Tone::Strong,
            )],
            SIZE,
            Role::Count,
        );
    }
    card.add_note(node.label.as_deref());
    card.add_note(node.description.as_deref());
    if !node.tags.is_empty() {
        card.add_note(Some(&format!("#{}", node.tags.join(" #"))));
    }
    card.add_inside(&node.inside);
    card.measure();
    card
}

/// The heading of the picture, with its place.
pub(super) fn heading(picture: &Picture, at: Point) -> (Vec<Text>, Rect) {
    let mut card = Card {
        width_max: HEADING_WIDTH_MAX,
        ..Card::default()
    };
    let (title, note) = match &picture.label {
        Some(label) if *label != picture.machine => (
            label,
            format!("{} · version {}", picture.machine, picture.version),
        ),
        _ => (&picture.machine, format!("version {}", picture.version)),
    };
    card.add(
        &[Piece::new(title.as_str(), Tone::Strong)],
        HEADING_SIZE,
        Role::Name,
    );
    card.add_note(Some(&note));
    card.add_note(picture.deprecated.as_deref());
    card.add_note(picture.description.as_deref());
    card.add_inside(&picture.inside);
    card.measure();
    let rect = Rect::new(at.x - PAD.0, at.y - PAD.1, card.width, card.height);
    let (texts, _) = card.set(&rect, rect.x + PAD.0);
    (texts, rect)
}

impl Card {
    fn add(&mut self, pieces: &[Piece], size: f64, role: Role) {
        for line in wrap(pieces, size, self.width_max, LINES_MAX) {
            self.rows.push(Row { line, size, role });
        }
    }

    fn add_note(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.add(&[Piece::new(text, Tone::Muted)], SIZE, Role::Note);
        }
    }

    fn add_inside(&mut self, inside: &[Inside]) {
        if inside.is_empty() {
            return;
        }
        self.divided_at = Some(self.rows.len());
        for (at, item) in inside.iter().take(INSIDE_MAX).enumerate() {
            self.add(&item.label.pieces(), SIZE, Role::Inside(at));
        }
        if inside.len() > INSIDE_MAX {
            self.add_note(Some(&format!("… and {} more", inside.len() - INSIDE_MAX)));
        }
    }

    fn measure(&mut self) {
        let text = self
            .rows
            .iter()
            .map(|row| row.line.width(row.size))
            .fold(0.0, f64::max);
        let divider = if self.divided_at.is_some() {
            DIVIDER
        } else {
            0.0
        };
        let rows: f64 = self.rows.iter().map(Row::height).sum();
        self.width = (text + 2.0 * PAD.0).max(MIN.0).ceil();
        self.height = (rows + divider + 2.0 * PAD.1).max(MIN.1).ceil();
    }

    /// Width of the widest text.
    pub(super) fn text_width(&self) -> f64 {
        self.rows
            .iter()
            .map(|row| row.line.width(row.size))
            .fold(0.0, f64::max)
    }

    /// Places the texts at the top of a box, those on the left at `left`; also says where the divider runs.
    pub(super) fn set(&self, rect: &Rect, left: f64) -> (Vec<Text>, Option<f64>) {
        let mut y = rect.y + PAD.1;
        if self.is_centered {
            // A box may have become higher than its texts.
            y += ((rect.height - self.height) / 2.0).max(0.0) + self.slack() / 2.0;
        }
        let mut texts = Vec::with_capacity(self.rows.len());
        let mut divider = None;
        for (at, row) in self.rows.iter().enumerate() {
            if self.divided_at == Some(at) {
                divider = Some((y + DIVIDER / 2.0).round());
                y += DIVIDER;
            }
            let is_left = !self.is_centered || self.divided_at.is_some_and(|first| at >= first);
            let (x, anchor) = if is_left {
                (left, Anchor::Start)
            } else {
                (rect.center().x, Anchor::Middle)
            };
            texts.push(Text {
                at: Point::new(x, base_line(y, row.size)),
                anchor,
                size: row.size,
                role: row.role,
                line: row.line.clone(),
            });
            y += row.height();
        }
        (texts, divider)
    }

    /// Height beyond what the texts need.
    fn slack(&self) -> f64 {
        let divider = if self.divided_at.is_some() {
            DIVIDER
        } else {
            0.0
        };
        let rows: f64 = self.rows.iter().map(Row::height).sum();
        self.height - rows - divider - 2.0 * PAD.1
    }
}

/// Room for the line above what happens inside.
const DIVIDER: f64 = 9.0;

/// The left border of texts in a box.
pub(super) fn text_left(rect: &Rect) -> f64 {
    rect.x + PAD.0
}

/// The words of an arrow in lines.
pub(super) fn label(label: &Label) -> Vec<Line> {
    wrap(&label.pieces(), SIZE, LABEL_WIDTH_MAX, LABEL_LINES_MAX)
}

/// Width and height of an arrow's words; none if there are none.
pub(super) fn label_size(lines: &[Line]) -> Option<(f64, f64)> {
    if lines.is_empty() {
        return None;
    }
    let width = lines
        .iter()
        .map(|line| line.width(SIZE))
        .fold(0.0, f64::max);
    let height = (SIZE * LEADING).round() * lines.len() as f64;
    Some(((width + 2.0 * LABEL_PAD).ceil(), height))
}

/// Places the words of an arrow in their rectangle, on the side that touches the arrow.
pub(super) fn set_label(lines: Vec<Line>, rect: &Rect, anchor: Anchor) -> Vec<Text> {
    let x = match anchor {
        Anchor::Start => rect.x + LABEL_PAD,
        Anchor::Middle => rect.center().x,
        Anchor::End => rect.right() - LABEL_PAD,
    };
    let leading = (SIZE * LEADING).round();
    (lines.into_iter().enumerate())
        .map(|(at, line)| Text {
            at: Point::new(x, base_line(rect.y + leading * at as f64, SIZE)),
            anchor,
            size: SIZE,
            role: Role::Label,
            line,
        })
        .collect()
}

/// The base line of a row that begins at `top`.
fn base_line(top: f64, size: f64) -> f64 {
    top + (size * 1.02).round()
}

/// A number with its thousands set apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
