use std::fmt::Write as _;

/// Room around a whole picture, in pixels.
const MARGIN: f64 = 8.0;
/// Room between drawings side by side.
const GAP: f64 = 14.0;

/// Part of a picture: SVG elements in a box, not yet a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
    /// SVG elements.
    body: String,
}

impl Drawing {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    /// The whole file, on a light ground.
    pub fn to_svg(&self) -> String {
        let (width, height) = (short(self.width + 2.0 * MARGIN), short(self.height + 2.0 * MARGIN));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"'DejaVu Sans',Helvetica,Arial,sans-serif\" \
             font-size=\"11\" fill=\"#222\">\n<rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"#fff\"/>\n\
             <g transform=\"translate({m} {m})\">\n{}</g>\n</svg>\n",
            self.body,
            m = short(MARGIN),
        )
    }

    /// Adds an element as it stands.
    pub(super) fn element(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    pub(super) fn rect(&mut self, [left, top, width, height]: [f64; 4], attributes: &str) {
        let [x, y, w, h] = [left, top, width, height].map(short);
        self.element(&format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" {attributes}/>"));
    }

    pub(super) fn line(&mut self, from: [f64; 2], to: [f64; 2], attributes: &str) {
        self.element(&format!("<path d=\"{}\" {attributes}/>", path(&[from, to])));
    }

    pub(super) fn text(&mut self, [x, y]: [f64; 2], anchor: &str, attributes: &str, text: &str) {
        let (x, y, text) = (short(x), short(y), escaped(text));
        self.element(&format!(
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" {attributes}>{text}</text>"
        ));
    }

    /// Another drawing with its corner at (x, y).
    pub(super) fn place(&mut self, [x, y]: [f64; 2], other: &Drawing) {
        let (x, y) = (short(x), short(y));
        self.element(&format!("<g transform=\"translate({x} {y})\">\n{}</g>", other.body));
    }
}

/// Drawings in rows of up to `columns`, their tops aligned.
pub fn side_by_side(drawings: &[Drawing], columns: usize) -> Drawing {
    let mut all = Drawing::default();
    let mut top = 0.0;
    for row in drawings.chunks(columns.max(1)) {
        let mut left = 0.0;
        for drawing in row {
            all.place([left, top], drawing);
            all.width = all.width.max(left + drawing.width);
            left += drawing.width + GAP;
        }
        let height = row.iter().map(|drawing| drawing.height).fold(0.0, f64::max);
        all.height = top + height;
        top += height + GAP;
    }
    all
}

/// A path through points: absolute first, then relative tenths of pixels, without rounding that adds up.
pub(super) fn path(points: &[[f64; 2]]) -> String {
    let mut text = String::new();
    let mut at = [0i64; 2];
    for (i, point) in points.iter().enumerate() {
        let tenths = point.map(|c| (10.0 * c).round() as i64);
        let relative = [tenths[0] - at[0], tenths[1] - at[1]].map(|c| short(c as f64 / 10.0));
        let command = match i {
            0 => "M",
            1 => "l",
            _ => " ",
        };
        let separator = if relative[1].starts_with('-') { "" } else { " " };
        let _ = write!(text, "{command}{}{separator}{}", relative[0], relative[1]);
        at = tenths;
    }
    text
}

/// A number to a tenth of a pixel.
pub(super) fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    match text {
        "-0" => "0".to_owned(),
        text => text.replacen("0.", ".", usize::from(text.starts_with("0.") || text.starts_with("-0."))),
    }
}

/// Width of a line of text, in pixels: generous for common sans-serif fonts.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let wide = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ' ' | '\'' => 0.36,
        'm' | 'w' | 'M' | 'W' => 0.95,
        c if c.is_uppercase() => 0.72,
        _ => 0.62,
    };
    size * text.chars().map(wide).sum::<f64>()
}

/// Text that is no markup.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_and_end_where_they_should() {
        assert_eq!(path(&[[1.0, 2.0], [1.25, 1.5], [11.0, 1.5]]), "M1 2l.3-.5 9.7 0");
        assert_eq!(path(&[]), "");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([0.0, -0.04, 0.25, -0.5, 10.0, 100.06].map(short), ["0", "0", ".2", "-.5", "10", "100.1"]);
    }

    #[test]
    fn drawings_stand_in_rows() {
        let part = Drawing::new(100.0, 50.0);
        let all = side_by_side(&[part.clone(), part.clone(), part], 2);
        assert_eq!((all.width, all.height), (214.0, 114.0));
        assert_eq!(side_by_side(&[], 2), Drawing::default());
    }

    #[test]
    fn markup_in_text_is_escaped() {
        let mut drawing = Drawing::new(10.0, 10.0);
        drawing.text([0.0, 0.0], "start", "", "<a> & \"b\"");
        assert!(drawing.to_svg().contains("&lt;a&gt; &amp; &quot;b&quot;"));
    }
}
