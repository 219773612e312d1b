/// What each action of a finite set does, measured by taking it where nothing is in its way.
///
/// Two actions are of one class where they do exactly the same; how far apart others are, their
/// distance says: that of displacements in a plane, of turns of reels, or 1 between any two.
#[derive(Clone, Debug, PartialEq)]
pub struct Effects {
    meaning: &'static str,
    /// `[n_actions]`, counted from 0 in the order in which they first appear.
    classes: Vec<usize>,
    /// `[n_actions][k]`; none where all distances are alike.
    vectors: Option<Vec<Vec<f64>>>,
}

impl Effects {
    /// Those of actions whose effects are vectors: `[n_actions][k]`, finite numbers.
    pub fn of(meaning: &'static str, vectors: Vec<Vec<f64>>) -> Self {
        let mut known = std::collections::BTreeMap::new();
        let mut class = |vector: &Vec<f64>| {
            // Adding zero makes −0 and 0 one effect.
            let key: Vec<u64> = vector.iter().map(|value| (value + 0.0).to_bits()).collect();
            let next = known.len();
            *known.entry(key).or_insert(next)
        };
        let classes = vectors.iter().map(&mut class).collect();
        Self { meaning, classes, vectors: Some(vectors) }
    }

    /// Those of `n_actions` actions that each do something else, all equally different.
    pub fn distinct(meaning: &'static str, n_actions: usize) -> Self {
        Self { meaning, classes: (0..n_actions).collect(), vectors: None }
    }

    /// What was measured, in a few words.
    pub fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// Actions.
    pub fn n_actions(&self) -> usize {
        self.classes.len()
    }

    /// Different effects.
    pub fn n_classes(&self) -> usize {
        self.classes.iter().max().map_or(0, |last| last + 1)
    }

    /// The class of each action, `[n_actions]`.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// The effects as vectors, `[n_actions][k]`, where they are.
    pub fn vectors(&self) -> Option<&[Vec<f64>]> {
        self.vectors.as_deref()
    }

    /// How different two actions are: 0 where they do the same.
    pub fn distance(&self, a: usize, b: usize) -> f64 {
        match &self.vectors {
            _ if self.classes[a] == self.classes[b] => 0.0,
            Some(vectors) => {
                let squares = vectors[a].iter().zip(&vectors[b]).map(|(x, y)| (x - y) * (x - y));
                squares.sum::<f64>().sqrt()
            }
            None => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_vectors_are_one_class_whatever_the_sign_of_their_zeros() {
        let effects = Effects::of("steps", vec![vec![0.0, 3.0], vec![4.0, 0.0], vec![-0.0, 3.0]]);
        assert_eq!((effects.classes(), effects.n_classes()), ([0, 1, 0].as_slice(), 2));
        assert_eq!([effects.distance(0, 1), effects.distance(0, 2)], [5.0, 0.0]);
    }

    #[test]
    fn distinct_effects_are_one_apart() {
        let effects = Effects::distinct("items", 3);
        assert_eq!((effects.n_classes(), effects.n_actions()), (3, 3));
        assert_eq!([effects.distance(0, 2), effects.distance(1, 1)], [1.0, 0.0]);
    }
}
