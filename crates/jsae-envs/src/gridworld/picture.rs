use super::config::Layout;
use super::geometry::Rect;
use crate::Frame;

const WHITE: [u8; 3] = [255, 255, 255];
const GRAY: [u8; 3] = [128, 128, 128];
const BLUE: [u8; 3] = [31, 90, 200];
const RED: [u8; 3] = [214, 39, 40];
/// Radius of the agent's disc, in sides of the square.
const AGENT_RADIUS: f64 = 0.0125;

const COLUMNS: usize = 40;
const LINES: usize = 20;

/// The square as in the paper's figure 5, `size` pixels a side, y upwards: obstacles gray, goal blue, the
/// agent at `position` red.
pub fn picture(layout: &Layout, position: [f64; 2], size: usize) -> Frame {
    let mut pixels = Vec::with_capacity(3 * size * size);
    for row in (0..size).rev() {
        for column in 0..size {
            let point = [column, row].map(|i| (i as f64 + 0.5) / size as f64);
            pixels.extend(color(layout, position, point));
        }
    }
    Frame { width: size, height: size, pixels }
}

/// The square as 20 lines of 40 characters, y upwards: `#` wall, `G` goal, `A` agent, `.` free.
///
/// A character is marked where the wall or goal covers any of it.
pub fn text(layout: &Layout, position: [f64; 2]) -> String {
    let cell = |at: f64, n: usize| ((at * n as f64) as usize).min(n - 1);
    let agent = (cell(position[0], COLUMNS), cell(position[1], LINES));
    let mut text = String::with_capacity((COLUMNS + 1) * LINES);
    for line in (0..LINES).rev() {
        for column in 0..COLUMNS {
            text.push(match (column, line) == agent {
                true => 'A',
                false if layout.walls.iter().any(|wall| covers(wall, column, line)) => '#',
                false if covers(&layout.goal, column, line) => 'G',
                false => '.',
            });
        }
        text.push('\n');
    }
    text
}

/// Does the rectangle cover any of a character's cell? A shared edge does not count.
fn covers(Rect([left, bottom, right, top]): &Rect, column: usize, line: usize) -> bool {
    const MARGIN: f64 = 1e-9;
    let overlaps = |low: f64, high: f64, i: usize, n: usize| {
        low + MARGIN < (i + 1) as f64 / n as f64 && i as f64 / n as f64 + MARGIN < high
    };
    overlaps(*left, *right, column, COLUMNS) && overlaps(*bottom, *top, line, LINES)
}

fn color(layout: &Layout, agent: [f64; 2], point: [f64; 2]) -> [u8; 3] {
    if (point[0] - agent[0]).hypot(point[1] - agent[1]) <= AGENT_RADIUS {
        RED
    } else if layout.walls.iter().any(|wall| wall.contains(point)) {
        GRAY
    } else if layout.goal.contains(point) {
        BLUE
    } else {
        WHITE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_those_of_figure_five() {
        let picture = picture(&Layout::default(), [0.3, 0.1], 400);
        let at = |x: f64, y: f64| {
            let (column, row) = ((x * 400.0) as usize, 399 - (y * 400.0) as usize);
            picture.pixels[3 * (400 * row + column)..][..3].to_vec()
        };
        assert_eq!(at(0.3, 0.1), RED);
        assert_eq!(at(0.15, 0.65), BLUE);
        assert_eq!(at(0.2, 0.39), GRAY);
        assert_eq!(at(0.51, 0.6), GRAY);
        assert_eq!(at(0.9, 0.9), WHITE);
    }

    #[test]
    fn text_shows_the_agent_below_the_wall_and_the_goal_above() {
        let text = text(&Layout::default(), [0.3, 0.1]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines.len(), lines[0].len()), (20, 40));
        assert_eq!(lines[17], format!("{}A{}", ".".repeat(12), ".".repeat(27)));
        assert_eq!(lines[12], format!("{}{}", "#".repeat(21), ".".repeat(19)));
        assert_eq!(&lines[7][5..7], "GG");
    }

    #[cfg(feature = "picture")]
    #[test]
    fn png_decodes_to_the_pixels() {
        let picture = picture(&Layout::default(), [0.3, 0.1], 40);
        let file = picture.to_png().unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (40, 40));
        assert_eq!(pixels, picture.pixels);
    }
}
