use tch::Tensor;

/// What an update reports, in a fixed order, under Stable-Baselines3's keys (`train/…`).
pub type Metrics = Vec<(&'static str, f64)>;

/// A loss, gradient or parameter that is no longer a number: the run cannot go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "the {network}'s {tensor} is {value} in iteration {iteration} of the update (learning rate {learning_rate})"
)]
pub struct NonFinite {
    /// Which network.
    pub network: &'static str,
    /// Loss, gradient norm or parameters.
    pub tensor: &'static str,
    /// Infinite or NaN.
    pub value: f64,
    /// Optimiser steps made before in the same update.
    pub iteration: usize,
    /// Step size of the network's optimiser.
    pub learning_rate: f64,
}

/// 1 − var(returns − values) / var(returns): 1 is a perfect critic, 0 no better than a
/// constant; NaN where the returns do not vary.
pub fn explained_variance(values: &Tensor, returns: &Tensor) -> f64 {
    let variance = returns.var(false).double_value(&[]);
    if variance == 0.0 { f64::NAN } else { 1.0 - (returns - values).var(false).double_value(&[]) / variance }
}
