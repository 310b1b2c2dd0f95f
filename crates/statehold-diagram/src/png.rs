//! Pictures as PNG, for places that take no SVG.
//!
//! Fonts come from the system: any of the pictures' list will do (DejaVu Sans is measured for), and a system without a
//! single font is an error instead of a picture without words. The style sheet uses literal colours, because the
//! renderer knows no custom properties.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;
use statehold_core::machine::Definition;

use crate::options::{Options, Theme};

/// Most pixels of a picture: 256 MiB of memory while it is painted.
pub const PIXELS_MAX: u64 = 64 * 1024 * 1024;

/// A picture that was not painted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PngError {
    /// The scale is not a positive number, or it makes too many pixels.
    #[error("the picture would have more than {PIXELS_MAX} pixels; choose a smaller scale")]
    TooLarge,
    /// The system has no fonts.
    #[error("no fonts are installed; install DejaVu Sans (Debian: fonts-dejavu-core)")]
    NoFonts,
    /// The renderer refused the picture.
    #[error("the picture could not be painted: {0}")]
    Failed(String),
}

/// The picture of a machine as PNG, `scale` pixels per CSS pixel. A theme that follows the reader's system is painted
/// light.
///
/// # Errors
/// Too many pixels, no fonts, or a renderer that fails.
pub fn png(definition: &Definition, options: &Options, scale: f32) -> Result<Vec<u8>, PngError> {
    let mut options = options.clone();
    if options.theme == Theme::Auto {
        options.theme = Theme::Light;
    }
    let svg = crate::svg(definition, &options);
    let failed = |error: &dyn std::fmt::Display| PngError::Failed(error.to_string());
    let tree = usvg::Tree::from_str(&svg, &parser()?).map_err(|error| failed(&error))?;
    let (width, height) = pixels(tree.size(), scale)?;
    let mut pixmap = Pixmap::new(width, height).ok_or(PngError::TooLarge)?;
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixmap.as_mut(),
    );
    pixmap.encode_png().map_err(|error| failed(&error))
}

fn parser() -> Result<usvg::Options<'static>, PngError> {
    let mut parser = usvg::Options {
        font_family: "DejaVu Sans".to_owned(),
        ..usvg::Options::default()
    };
    let fonts = parser.fontdb_mut();
    fonts.load_system_fonts();
    fonts.set_sans_serif_family("DejaVu Sans");
    if fonts.is_empty() {
        return Err(PngError::NoFonts);
    }
    Ok(parser)
}

fn pixels(size: usvg::Size, scale: f32) -> Result<(u32, u32), PngError> {
    if !scale.is_finite() || scale <= 0.0 {
        return Err(PngError::TooLarge);
    }
    let (width, height) = (
        (size.width() * scale).ceil(),
        (size.height() * scale).ceil(),
    );
    if f64::from(width) * f64::from(height) > PIXELS_MAX as f64 {
        return Err(PngError::TooLarge);
    }
    Ok((width.max(1.0) as u32, height.max(1.0) as u32))
}
