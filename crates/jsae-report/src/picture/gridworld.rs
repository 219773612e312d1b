use super::drawing::{Drawing, short};

const SIZE: f64 = 210.0;
const TOP: f64 = 22.0;
/// Radius of a dot, in sides of the square.
const RADIUS: f64 = 0.0175;

/// A unit square with walls; rectangles are `[left, bottom, right, top]`, y upwards, in sides of the square.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gridworld {
    /// Written above it.
    pub title: String,
    /// Obstacles.
    pub walls: Vec<[f64; 4]>,
    /// The goal.
    pub goal: [f64; 4],
    /// Where an episode begins.
    pub start: [f64; 2],
    /// Bins of a side whose grid is drawn; 0 for none.
    pub n_bins: usize,
    /// Ways through the square, each a list of points.
    pub paths: Vec<Vec<[f64; 2]>>,
}

/// Draws walls gray, the goal blue and the start red (the paper, figures 2a and 5).
pub fn gridworld(world: &Gridworld) -> Drawing {
    let mut drawing = Drawing::new(SIZE + 2.0, TOP + SIZE + 1.0);
    let at = |[x, y]: [f64; 2]| [1.0 + SIZE * x, TOP + SIZE * (1.0 - y)];
    drawing.text([SIZE / 2.0, 13.0], "middle", "font-size=\"12\" font-weight=\"bold\"", &world.title);
    for line in 1..world.n_bins {
        let c = line as f64 / world.n_bins as f64;
        drawing.line(at([c, 0.0]), at([c, 1.0]), "stroke=\"#eee\" stroke-width=\".5\"");
        drawing.line(at([0.0, c]), at([1.0, c]), "stroke=\"#eee\" stroke-width=\".5\"");
    }
    let walls = world.walls.iter().map(|wall| (wall, "fill=\"#808080\""));
    for ([left, bottom, right, top], fill) in walls.chain([(&world.goal, "fill=\"#1f5ac8\"")]) {
        let [x, y] = at([*left, *top]);
        drawing.rect([x, y, SIZE * (right - left), SIZE * (top - bottom)], fill);
    }
    for path in &world.paths {
        let points: Vec<[f64; 2]> = path.iter().map(|&point| at(point)).collect();
        let line = super::drawing::path(&points);
        drawing
            .element(&format!("<path d=\"{line}\" fill=\"none\" stroke=\"#d62728\" stroke-width=\"1.2\"/>"));
    }
    let [x, y] = at(world.start).map(short);
    drawing
        .element(&format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{}\" fill=\"#d62728\"/>", short(SIZE * RADIUS)));
    drawing.rect([1.0, TOP, SIZE, SIZE], "fill=\"none\" stroke=\"#888\"");
    drawing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_stand_where_they_are_with_y_upwards() {
        let world =
            Gridworld { walls: vec![[0.0, 0.5, 0.1, 1.0]], start: [0.5, 0.0], ..Gridworld::default() };
        let svg = gridworld(&world).to_svg();
        assert!(
            svg.contains("<rect x=\"1\" y=\"22\" width=\"21\" height=\"105\" fill=\"#808080\"/>"),
            "{svg}"
        );
        assert!(svg.contains("cx=\"106\" cy=\"232\""), "{svg}");
    }
}
