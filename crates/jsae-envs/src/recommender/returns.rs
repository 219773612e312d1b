use rayon::prelude::*;

use super::{Recommender, Shop};

/// A way to recommend whose return can be computed exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Any item, with equal probabilities.
    Random,
    /// The item that makes the expected price of the next purchase largest (the lowest index
    /// among equals): best for one step.
    Greedy,
    /// The item that makes the expected return largest: no policy does better.
    Optimal,
}

impl Recommender {
    /// Expected return of `policy` over `n_steps` steps, undiscounted, over the starts of
    /// [`Start::Fixed`](crate::Start::Fixed), exactly.
    ///
    /// Dynamic programming over all n_items² states; seconds for 835 items and 20 steps.
    pub fn expected_return(&self, policy: Policy, n_steps: u32) -> f64 {
        let values = self.values(policy, n_steps);
        let n_items = self.shop.prices.len();
        match &self.shop.starts {
            None => values.iter().sum::<f64>() / values.len() as f64,
            Some(starts) => {
                starts.iter().map(|([first, second], p)| p * values[second * n_items + first]).sum()
            }
        }
    }

    /// Expected return of `policy` over `n_steps` steps from every state, undiscounted, exactly:
    /// `[n_items * n_items]`, the state (first, second) at `second * n_items + first`.
    pub fn values(&self, policy: Policy, n_steps: u32) -> Vec<f64> {
        let n_items = self.shop.prices.len();
        let mut values = vec![0.0; n_items * n_items];
        for _ in 0..n_steps {
            let mut backed_up = vec![0.0; n_items * n_items];
            backed_up.par_chunks_mut(n_items).enumerate().for_each(|(second, out)| {
                let gains: Vec<f64> = (0..n_items)
                    .map(|next| self.shop.prices[next] + values[next * n_items + second])
                    .collect();
                self.shop.back_up(policy, second, &gains, out);
            });
            values = backed_up;
        }
        values
    }
}

impl Shop {
    /// Writes the values of the states (·, `second`), `gains[j]` being what buying j brings.
    fn back_up(&self, policy: Policy, second: usize, gains: &[f64], out: &mut [f64]) {
        let mut probabilities = vec![0.0; gains.len()];
        let mut shared = None;
        for (first, value) in out.iter_mut().enumerate() {
            let state = [first, second];
            let mut own = || {
                self.dynamics.distribution(state, &mut probabilities);
                self.value(policy, &probabilities, gains)
            };
            *value =
                if self.dynamics.depends_on_first(state) { own() } else { *shared.get_or_insert_with(own) };
        }
    }

    /// Value of a state from the `probabilities` of what is bought there, `[n_items]`.
    ///
    /// With B = Σ p g and w = e / (1 + e) for the boost e of item a, recommending a is worth
    /// (B + e g_a) / (1 + e) = B + w (g_a − B): one item each, whatever the others' number.
    fn value(&self, policy: Policy, probabilities: &[f64], gains: &[f64]) -> f64 {
        let weight = |p: f64| 1.0 - 1.0 / (1.0 + self.boost(p));
        let base = dot(probabilities, gains);
        let improvements = probabilities.iter().zip(gains).map(|(&p, gain)| weight(p) * (gain - base));
        match policy {
            Policy::Optimal => {
                base + improvements.fold(f64::NEG_INFINITY, |best, x| if x > best { x } else { best })
            }
            Policy::Random => base + improvements.sum::<f64>() / gains.len() as f64,
            Policy::Greedy => {
                let base_price = dot(probabilities, &self.prices);
                let mut best = (f64::NEG_INFINITY, 0);
                for (item, (&p, price)) in probabilities.iter().zip(&self.prices).enumerate() {
                    let improvement = weight(p) * (price - base_price);
                    if improvement > best.0 {
                        best = (improvement, item);
                    }
                }
                base + weight(probabilities[best.1]) * (gains[best.1] - base)
            }
        }
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}
