use anyhow::{Result, ensure};
use jsae_knn::NearestNeighbours;

/// Of the actions nearest to a latent action, the one that scores best (Wolpertinger, Dulac-Arnold et al. 2015).
///
/// Whoever acts hands it the score: it knows of no critic.
#[derive(Debug)]
pub struct Ranked {
    index: NearestNeighbours,
    /// g of every action, `[n_actions, latent_dim]`.
    rows: Vec<f32>,
    candidates: usize,
}

impl Ranked {
    /// Looks among as many of the nearest rows as there are `candidates`.
    ///
    /// # Errors
    /// More candidates than rows.
    pub fn new(index: NearestNeighbours, rows: Vec<f32>, candidates: usize) -> Result<Self> {
        let n = index.n_rows();
        ensure!((1..=n).contains(&candidates), "{candidates} candidates asked for among {n} actions");
        Ok(Self { index, rows, candidates })
    }

    /// Writes the best candidate for each row of `latent_actions`, `[n, latent_dim]`, to `actions`, `[n]`, and
    /// its embedding in place of the latent action: what a critic then learns of is what was executed.
    ///
    /// `score` is given the candidates' embeddings, `[n * k, latent_dim]`, nearest first; of equal scores the
    /// nearest wins.
    ///
    /// # Errors
    /// A latent action that is NaN, or what `score` refuses.
    pub fn choose(
        &self,
        latent_actions: &mut [f32],
        actions: &mut [f64],
        score: &mut dyn FnMut(&[f32]) -> Result<Vec<f32>>,
    ) -> Result<()> {
        let (dim, k) = (self.index.dim(), self.candidates);
        let (mut found, mut chosen) = (Vec::new(), Vec::with_capacity(k * actions.len()));
        let mut embeddings = Vec::with_capacity(k * latent_actions.len());
        for latent in latent_actions.chunks_exact(dim) {
            self.index.k_nearest(latent, k, &mut found)?;
            for &(row, _) in &found {
                chosen.push(row);
                embeddings.extend_from_slice(self.row(row));
            }
        }
        let scores = score(&embeddings)?;
        let of_each = chosen.chunks_exact(k).zip(scores.chunks_exact(k));
        for ((action, latent), (rows, scores)) in
            actions.iter_mut().zip(latent_actions.chunks_exact_mut(dim)).zip(of_each)
        {
            let best = (1..k).fold(0, |best, i| if scores[i] > scores[best] { i } else { best });
            *action = rows[best] as f64;
            latent.copy_from_slice(self.row(rows[best]));
        }
        Ok(())
    }

    pub(super) fn index(&self) -> &NearestNeighbours {
        &self.index
    }

    pub(super) fn rebuild(&mut self, rows: Vec<f32>) -> Result<()> {
        self.index.rebuild(&rows)?;
        self.rows = rows;
        Ok(())
    }

    fn row(&self, row: usize) -> &[f32] {
        let dim = self.index.dim();
        &self.rows[row * dim..(row + 1) * dim]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five actions on a line, at −1, −0.5, 0, 0.5 and 1.
    fn line(candidates: usize) -> Ranked {
        let rows = vec![-1.0, -0.5, 0.0, 0.5, 1.0];
        Ranked::new(NearestNeighbours::new(&rows, 1).expect("rows"), rows, candidates).expect("candidates")
    }

    fn choose(ranked: &Ranked, latent: [f32; 2], score: impl Fn(f32) -> f32) -> ([f32; 2], [f64; 2]) {
        let (mut latent, mut actions) = (latent, [9.0; 2]);
        let mut score =
            |candidates: &[f32]| Ok(candidates.iter().map(|&candidate| score(candidate)).collect());
        ranked.choose(&mut latent, &mut actions, &mut score).expect("finite numbers");
        (latent, actions)
    }

    #[test]
    fn the_best_of_the_nearest_is_taken_with_its_embedding() {
        // Nearest three to 0.1: 0, 0.5, −0.5; to 0.9: 1, 0.5, 0.
        assert_eq!(choose(&line(3), [0.1, 0.9], |e| e), ([0.5, 1.0], [3.0, 4.0]));
        assert_eq!(choose(&line(3), [0.1, 0.9], |e| -e), ([-0.5, 0.0], [1.0, 2.0]));
    }

    #[test]
    fn of_equal_scores_the_nearest_wins() {
        assert_eq!(choose(&line(5), [0.1, 0.9], |_| 0.0), ([0.0, 1.0], [2.0, 4.0]));
    }

    #[test]
    fn one_candidate_is_the_nearest() {
        assert_eq!(choose(&line(1), [0.1, 0.9], |e| -e), ([0.0, 1.0], [2.0, 4.0]));
    }

    #[test]
    fn more_candidates_than_actions_are_refused() {
        let rows = vec![0.0, 1.0];
        let index = NearestNeighbours::new(&rows, 1).expect("rows");
        let error = Ranked::new(index, rows, 3).expect_err("two actions").to_string();
        assert_eq!(error, "3 candidates asked for among 2 actions");
    }
}
