//! How wide text is, without a font at hand.
//!
//! The table holds the advance widths of DejaVu Sans, the widest of the faces in the pictures' font list, so a box
//! measured here holds its text in any of them. Where the table ends, the estimate errs on the wide side.

/// Weight of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Running text.
    Regular,
    /// Names.
    Bold,
}

/// Advance widths of the printable ASCII characters, in thousandths of the font size.
const REGULAR: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

const BOLD: [u16; 95] = [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696,
    696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683,
    683, 821, 837, 372, 372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771,
    724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665,
    343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
];

/// Width of a text on one line, in the unit of `size`.
#[must_use]
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let thousandths: u32 = text.chars().map(|c| advance(c, weight)).sum();
    f64::from(thousandths) * size / 1000.0
}

fn advance(c: char, weight: Weight) -> u32 {
    let (table, wider) = match weight {
        Weight::Regular => (&REGULAR, 100),
        Weight::Bold => (&BOLD, 113),
    };
    let other = match u32::from(c) {
        code @ 0x20..=0x7e => return u32::from(table[code as usize - 0x20]),
        // Combining marks stand over the character before.
        0x300..=0x36f => 0,
        0xa0..=0x24f => 720,
        0x370..=0x52f => 840,
        0x590..=0x6ff => 760,
        // Quotation marks, dashes, the ellipsis.
        0x2010..=0x2027 => 1000,
        0x2190..=0x22ff => 860,
        // CJK, symbols and emoji are about as wide as high.
        _ => 1060,
    };
    other * wider / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bold_text_is_wider_and_size_scales() {
        let regular = width("charge_card", 12.0, Weight::Regular);
        assert!(width("charge_card", 12.0, Weight::Bold) > regular);
        assert!((width("charge_card", 24.0, Weight::Regular) - 2.0 * regular).abs() < 1e-9);
    }

    #[test]
    fn characters_beyond_the_table_count_as_wide() {
        assert!(width("注文", 10.0, Weight::Regular) >= 20.0);
        assert!(width("é", 10.0, Weight::Regular) > width("e", 10.0, Weight::Regular));
    }
}
