use serde::{Deserialize, Serialize};

/// A rectangle, edges included, written `[x, y, x2, y2]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rect(pub [f64; 4]);

impl Rect {
    /// Does `point` lie inside or on an edge?
    #[inline]
    pub fn contains(&self, point: [f64; 2]) -> bool {
        let Self([left, bottom, right, top]) = *self;
        left <= point[0] && point[0] <= right && bottom <= point[1] && point[1] <= top
    }

    /// Does the segment from `a` to `b` share a point with the rectangle?
    ///
    /// Two convex sets are apart exactly where a line separates them, and for a rectangle and a
    /// segment the lines along the rectangle's sides and along the segment are all that need trying.
    #[inline]
    pub fn touches(&self, a: [f64; 2], b: [f64; 2]) -> bool {
        let Self([left, bottom, right, top]) = *self;
        let beside = a[0].max(b[0]) < left || right < a[0].min(b[0]);
        if beside || a[1].max(b[1]) < bottom || top < a[1].min(b[1]) {
            return false;
        }
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let side = |x: f64, y: f64| dx * (y - a[1]) - dy * (x - a[0]);
        let sides = [side(left, bottom), side(right, bottom), side(left, top), side(right, top)];
        !(sides.iter().all(|&s| s > 0.0) || sides.iter().all(|&s| s < 0.0))
    }
}

#[inline]
pub(super) fn in_unit_square(point: [f64; 2]) -> bool {
    Rect([0.0, 0.0, 1.0, 1.0]).contains(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: Rect = Rect([0.0, 0.0, 1.0, 1.0]);

    #[test]
    fn edges_and_corners_belong_to_the_rectangle() {
        assert!(UNIT.contains([1.0, 0.5]) && UNIT.contains([0.0, 0.0]));
        assert!(UNIT.touches([1.0, -1.0], [1.0, -0.0]));
        assert!(UNIT.touches([-0.5, 0.5], [0.5, 1.5]), "the diagonal through the corner (0, 1)");
        assert!(!UNIT.touches([-0.5, 0.5001], [0.5, 1.5001]));
    }

    #[test]
    fn segment_through_touches_though_both_ends_are_outside() {
        assert!(UNIT.touches([-1.0, 0.5], [2.0, 0.6]));
        assert!(UNIT.touches([0.5, 1.5], [0.5, -1.5]));
        assert!(!UNIT.touches([-1.0, 0.5], [-0.1, 0.6]));
    }

    #[test]
    fn bounding_boxes_that_overlap_are_not_enough() {
        assert!(!UNIT.touches([0.9, 1.3], [1.3, 0.9]));
        assert!(UNIT.touches([0.9, 1.05], [1.05, 0.9]));
    }

    #[test]
    fn segment_of_no_length_is_a_point() {
        assert!(UNIT.touches([0.5, 0.5], [0.5, 0.5]));
        assert!(!UNIT.touches([1.5, 0.5], [1.5, 0.5]));
    }

    #[test]
    fn agrees_with_sampling_the_segment() {
        let wall = Rect([0.4, 0.45, 0.6, 0.5]);
        let grid: Vec<f64> = (0..12).map(|i| f64::from(i) * 0.0917 + 0.0031).collect();
        for &ax in &grid {
            for (&ay, &bx) in grid.iter().zip(grid.iter().rev()) {
                for &by in &grid {
                    let at = |t: f64| [ax + t * (bx - ax), ay + t * (by - ay)];
                    let sampled = (0..=4000).any(|i| wall.contains(at(f64::from(i) / 4000.0)));
                    assert_eq!(wall.touches([ax, ay], [bx, by]), sampled, "({ax}, {ay}) to ({bx}, {by})");
                }
            }
        }
    }
}
