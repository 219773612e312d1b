use super::drawing::{Drawing, text_width};
use crate::table;

const GRID: &str = "stroke=\"#e4e4e4\" fill=\"none\"";
const FRAME: &str = "stroke=\"#888\" fill=\"none\"";

/// A range of values with round ticks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<f64>,
    /// Written below or beside it.
    pub(super) title: String,
    /// How a tick is written.
    pub(super) kind: Kind,
    /// Names of the values 0, 1, … where they are no numbers.
    pub(super) names: Vec<String>,
}

/// What an axis counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Steps,
    Plain,
}

impl Axis {
    /// From the lowest to the highest value, with about `n` ticks within.
    pub(super) fn over(values: impl Iterator<Item = f64>, n: usize, kind: Kind, title: &str) -> Self {
        let finite = values.filter(|value| value.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let (low, high) = match (low <= high, low < high) {
            (false, _) => (0.0, 1.0),
            (true, false) => (low - 0.5, high + 0.5),
            (true, true) => (low, high),
        };
        let step = round_step((high - low) / n.max(1) as f64);
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        let ticks = (first..=last.min(first + 50)).map(|i| i as f64 * step).collect();
        Self { low, high, ticks, title: title.to_owned(), kind, names: Vec::new() }
    }

    /// Names side by side, at 0, 1, ….
    pub(super) fn named(names: Vec<String>, title: &str) -> Self {
        let last = names.len().saturating_sub(1) as f64;
        let ticks = (0..names.len()).map(|i| i as f64).collect();
        Self { low: -0.5, high: last + 0.5, ticks, title: title.to_owned(), kind: Kind::Plain, names }
    }

    /// Widened by a share of its range at both ends.
    pub(super) fn padded(mut self, share: f64) -> Self {
        let room = share * (self.high - self.low);
        (self.low, self.high) = (self.low - room, self.high + room);
        self
    }

    /// Where a value lies, 0 at the low end and 1 at the high end.
    pub(super) fn place(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    fn label(&self, tick: f64) -> String {
        if let Some(name) = self.names.get(tick as usize) {
            return name.clone();
        }
        if self.kind == Kind::Steps {
            return table::steps(tick);
        }
        let step = self.ticks.windows(2).next().map_or(1.0, |pair| pair[1] - pair[0]);
        let decimals = (-(step * 1.001).log10().floor()).max(0.0) as usize;
        let decimals =
            if (step * 10f64.powi(decimals as i32)).fract() > 0.01 { decimals + 1 } else { decimals };
        if tick.abs() >= 10_000.0 { table::steps(tick) } else { format!("{:.decimals$}", tick + 0.0) }
    }
}

/// The next of 1, 2, 2.5, 5 × 10^k.
fn round_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0].into_iter().find(|factor| factor * power >= rough * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// A box with two axes.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub(super) x: Axis,
    pub(super) y: Axis,
    /// Left, top, width and height of the box inside its drawing.
    pub(super) inside: [f64; 4],
}

impl Panel {
    /// A panel whose box has the given size, and the drawing with grid, ticks and titles around it.
    pub(super) fn new(title: &str, x: Axis, y: Axis, [width, height]: [f64; 2]) -> (Self, Drawing) {
        let labels = y.ticks.iter().map(|&tick| text_width(&y.label(tick), 11.0)).fold(0.0, f64::max);
        let (left, top) = (labels + 24.0, 22.0);
        let panel = Self { x, y, inside: [left, top, width, height] };
        let mut drawing = Drawing::new(left + width + 12.0, top + height + 36.0);
        drawing.text([left + width / 2.0, 13.0], "middle", "font-size=\"12\" font-weight=\"bold\"", title);
        panel.draw_x(&mut drawing);
        panel.draw_y(&mut drawing);
        drawing.rect(panel.inside, FRAME);
        (panel, drawing)
    }

    /// Where the point (x, y) lies in the drawing.
    pub(super) fn at(&self, x: f64, y: f64) -> [f64; 2] {
        let [left, top, width, height] = self.inside;
        [left + width * self.x.place(x), top + height * (1.0 - self.y.place(y).clamp(-0.5, 1.5))]
    }

    fn draw_x(&self, drawing: &mut Drawing) {
        let [left, top, width, height] = self.inside;
        let bottom = top + height;
        for &tick in &self.x.ticks {
            let x = left + width * self.x.place(tick);
            drawing.line([x, top], [x, bottom], GRID);
            drawing.text([x, bottom + 14.0], "middle", "", &self.x.label(tick));
        }
        drawing.text([left + width / 2.0, bottom + 30.0], "middle", "", &self.x.title);
    }

    fn draw_y(&self, drawing: &mut Drawing) {
        let [left, top, width, height] = self.inside;
        for &tick in &self.y.ticks {
            let y = top + height * (1.0 - self.y.place(tick));
            drawing.line([left, y], [left + width, y], GRID);
            drawing.text([left - 5.0, y + 4.0], "end", "", &self.y.label(tick));
        }
        let (x, y) = (10.0, top + height / 2.0);
        drawing.text([x, y], "middle", &format!("transform=\"rotate(-90 {x} {y})\""), &self.y.title);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, kind: Kind) -> Vec<String> {
        let axis = Axis::over([low, high].into_iter(), 4, kind, "");
        axis.ticks.iter().map(|&tick| axis.label(tick)).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(-1.52, 0.93, Kind::Plain), ["-1", "0"]);
        assert_eq!(labels(0.0, 480.0, Kind::Plain), ["0", "200", "400"]);
        assert_eq!(labels(0.0, 1.0, Kind::Plain), ["0.00", "0.25", "0.50", "0.75", "1.00"]);
        assert_eq!(labels(1500.0, 1_050_000.0, Kind::Steps), ["500k", "1M"]);
    }

    #[test]
    fn nothing_and_one_value_still_make_an_axis() {
        assert_eq!(labels(f64::NAN, f64::NAN, Kind::Plain).len(), 5);
        let axis = Axis::over([3.0].into_iter(), 4, Kind::Plain, "");
        assert_eq!((axis.low, axis.high), (2.5, 3.5));
        assert_eq!(axis.place(3.0), 0.5);
    }
}
