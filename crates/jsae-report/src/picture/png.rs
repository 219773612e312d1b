use std::sync::{Arc, LazyLock};

use resvg::{tiny_skia, usvg};

use super::Drawing;

/// Why a picture could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The picture has no size, or too large a one.
    #[error("a picture of {width} × {height} pixels cannot be made")]
    Size {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// The renderer refused it.
    #[error("the picture cannot be drawn: {0}")]
    Draw(#[from] usvg::Error),
    /// The encoder refused it.
    #[error("the picture cannot be written as PNG: {0}")]
    Encode(String),
}

static FONTS: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.load_font_data(dejavu::sans::bold().to_vec());
    Arc::new(fonts)
});

/// The drawing as a PNG file, `scale` pixels for each of its own.
///
/// # Errors
/// A size that cannot be, or an encoder that gives up.
pub fn to_png(drawing: &Drawing, scale: f32) -> Result<Vec<u8>, PngError> {
    let options = usvg::Options { fontdb: FONTS.clone(), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(&drawing.to_svg(), &options)?;
    let [width, height] =
        [tree.size().width(), tree.size().height()].map(|side| (side * scale).round() as u32);
    let mut pixels = tiny_skia::Pixmap::new(width, height).ok_or(PngError::Size { width, height })?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| PngError::Encode(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_drawn_without_fonts_of_the_system() {
        let png = |text: &str| {
            let mut drawing = Drawing::new(80.0, 20.0);
            drawing.text([0.0, 15.0], "start", "", text);
            to_png(&drawing, 1.0).unwrap()
        };
        assert_eq!(png("return")[..4], [0x89, b'P', b'N', b'G']);
        assert!(png("return").len() > png("").len() + 100);
    }

    #[test]
    fn picture_of_no_size_is_refused() {
        assert!(matches!(to_png(&Drawing::new(1.0, 1.0), 0.0), Err(PngError::Size { .. })));
    }
}
