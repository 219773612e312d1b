//! π_i: a Gaussian over latent actions.

use crate::normal;

/// Parameters of the policy.
pub(crate) const N_PARAMETERS: usize = 4;

/// A derivative by the parameters.
pub(crate) type Gradient = [f64; N_PARAMETERS];

/// θ: mean θ₀ + θ₁ x + θ₂ x², standard deviation exp θ₃.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gaussian(pub(crate) Gradient);

impl Gaussian {
    pub(crate) fn mean(&self, x: f64) -> f64 {
        self.0[0] + self.0[1] * x + self.0[2] * x * x
    }

    pub(crate) fn std(&self) -> f64 {
        self.0[3].exp()
    }

    /// π_i(e given x).
    pub(crate) fn density(&self, e: f64, x: f64) -> f64 {
        normal::density((e - self.mean(x)) / self.std()) / self.std()
    }

    /// ∂ ln π_i(e given x) / ∂θ.
    pub(crate) fn score(&self, e: f64, x: f64) -> Gradient {
        let z = (e - self.mean(x)) / self.std();
        by_parameters(x, z / self.std(), z * z - 1.0)
    }

    /// ∫ π_i(e given x) de over an interval.
    pub(crate) fn probability(&self, (low, high): (f64, f64), x: f64) -> f64 {
        let [low, high] = [low, high].map(|end| (end - self.mean(x)) / self.std());
        normal::between(low, high)
    }

    /// Derivative of [`Gaussian::probability`], from the density at the two ends.
    pub(crate) fn probability_gradient(&self, (low, high): (f64, f64), x: f64) -> Gradient {
        let [low, high] = [low, high].map(|end| (end - self.mean(x)) / self.std());
        let moment = |z: f64| if z.is_finite() { z * normal::density(z) } else { 0.0 };
        let by_mean = (normal::density(low) - normal::density(high)) / self.std();
        by_parameters(x, by_mean, moment(low) - moment(high))
    }
}

/// Chain rule, from derivatives by mean and by ln standard deviation.
fn by_parameters(x: f64, by_mean: f64, by_log_std: f64) -> Gradient {
    [by_mean, by_mean * x, by_mean * x * x, by_log_std]
}

/// Central differences of `f` at `theta`.
pub(crate) fn central_differences(theta: Gradient, f: impl Fn(Gradient) -> f64) -> Gradient {
    const STEP: f64 = 1e-5;
    std::array::from_fn(|i| {
        let at = |step: f64| {
            let mut moved = theta;
            moved[i] += step;
            f(moved)
        };
        (at(STEP) - at(-STEP)) / (2.0 * STEP)
    })
}

/// Largest difference of two gradients, as a share of the norm of the second.
pub(crate) fn relative_difference(a: &Gradient, b: &Gradient) -> f64 {
    let norm = b.iter().map(|value| value * value).sum::<f64>().sqrt();
    crate::process::distance(a, b) / norm
}
