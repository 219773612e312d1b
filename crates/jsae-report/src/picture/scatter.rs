use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::axis::{Axis, Kind, Panel};
use super::drawing::{Drawing, short};

const SIZE: [f64; 2] = [210.0, 210.0];

/// A coloured point.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Where it lies.
    pub at: [f64; 2],
    /// Red, green and blue.
    pub color: [u8; 3],
    /// What it is, for those who point at it; shown on the page only.
    pub label: String,
}

/// A cloud of points, such as an embedding of states or actions in two dimensions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scatter {
    /// Written above it.
    pub title: String,
    /// Written below and beside it.
    pub axes: [String; 2],
    /// The points; those with a coordinate that is no finite number are not drawn.
    pub points: Vec<Point>,
}

/// Draws the points (the paper, figures 2b to 2d).
pub fn scatter(scatter: &Scatter) -> Drawing {
    let points: Vec<&Point> = scatter.points.iter().filter(|p| p.at.iter().all(|c| c.is_finite())).collect();
    let axis = |i: usize| {
        let values = points.iter().map(|point| point.at[i]);
        Axis::over(values, 4, Kind::Plain, &scatter.axes[i]).padded(0.05)
    };
    let (panel, mut drawing) = Panel::new(&scatter.title, axis(0), axis(1), SIZE);
    let size = if points.len() > 400 { 3.4 } else { 5.0 };
    let mut by_color: BTreeMap<String, String> = BTreeMap::new();
    for point in points {
        let [x, y] = panel.at(point.at[0], point.at[1]);
        let _ = write!(by_color.entry(coarse(point.color)).or_default(), "M{} {}h0", short(x), short(y));
    }
    drawing.element(&format!(
        "<g fill=\"none\" stroke-linecap=\"round\" stroke-width=\"{size}\" opacity=\".85\">"
    ));
    for (color, path) in by_color {
        drawing.element(&format!("<path stroke=\"{color}\" d=\"{path}\"/>"));
    }
    drawing.element("</g>");
    drawing
}

/// Sixteen levels a channel: hardly seen, and points of a colour share one element.
fn coarse(color: [u8; 3]) -> String {
    let [red, green, blue] = color.map(|level| (f64::from(level) / 17.0).round() as u8);
    format!("#{red:x}{green:x}{blue:x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_a_color_share_an_element() {
        let point = |x: f64, color| Point { at: [x, 0.0], color, label: String::new() };
        let points = vec![point(0.0, [255, 0, 128]), point(1.0, [254, 2, 130]), point(f64::NAN, [0; 3])];
        let svg = scatter(&Scatter { points, ..Scatter::default() }).to_svg();
        assert_eq!(svg.matches("stroke=\"#f08\"").count(), 1);
        assert_eq!(svg.matches("h0").count(), 2);
    }
}
