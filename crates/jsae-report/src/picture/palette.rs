/// Colours that stay apart under the common kinds of colour blindness (Okabe and Ito 2008), black last.
pub const PALETTE: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#333333"];

/// Dashes tell lines apart once the colours are used up.
const DASHES: [&str; 4] = ["", "6 3", "2 2", "8 3 2 3"];

/// Colour of the line at `index`.
pub(super) fn color(index: usize) -> &'static str {
    PALETTE[index % PALETTE.len()]
}

/// Dashes of the line at `index`; empty for a full line.
pub(super) fn dashes(index: usize) -> &'static str {
    DASHES[index / PALETTE.len() % DASHES.len()]
}

/// Colour of a displacement, R = Δc1, G = Δc2, B = 0.5 (the paper, figure 2), each from −`reach` to `reach`.
pub fn displacement_color(displacement: [f64; 2], reach: f64) -> [u8; 3] {
    let reach = reach.max(f64::MIN_POSITIVE);
    position_color(displacement.map(|delta| 0.5 + 0.5 * delta / reach))
}

/// Colour of a position in the unit square: R = c1, G = c2, B = 0.5.
pub fn position_color(position: [f64; 2]) -> [u8; 3] {
    let [red, green] = position.map(|c| (255.0 * c.clamp(0.0, 1.0)).round() as u8);
    [red, green, 128]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displacement_colors_run_from_one_reach_to_the_other() {
        assert_eq!(displacement_color([0.0, 0.0], 0.2), [128, 128, 128]);
        assert_eq!(displacement_color([0.2, -0.2], 0.2), [255, 0, 128]);
        assert_eq!(displacement_color([9.0, f64::NAN], 0.2), [255, 0, 128]);
    }
}
