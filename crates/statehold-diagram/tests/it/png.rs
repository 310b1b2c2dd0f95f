//! Pictures as PNG. A system without fonts must say so; everything else is the renderer's business.

use statehold_diagram::{Options, PngError, png};

use crate::charts;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

#[test]
fn a_picture_becomes_a_png_or_the_missing_fonts_are_named() {
    for (name, machine) in charts::all() {
        match png(&machine, &Options::default(), 1.0) {
            Ok(bytes) => assert!(bytes.starts_with(SIGNATURE), "{name}"),
            Err(error) => assert_eq!(error, PngError::NoFonts, "{name}"),
        }
    }
}

#[test]
fn a_scale_that_makes_too_many_pixels_is_refused() {
    let (_, machine) = charts::all().remove(0);
    for scale in [1_000.0, 0.0, -1.0, f32::NAN, f32::INFINITY] {
        let error = png(&machine, &Options::default(), scale).unwrap_err();
        assert!(
            matches!(error, PngError::TooLarge | PngError::NoFonts),
            "{scale}: {error}"
        );
    }
}
