//! Numbers that are none stop a run where they first appear.

use anyhow::{Result, bail, ensure};
use tch::{Kind, Tensor};

use crate::experiment::{AlgorithmConfig, EmbeddingConfig, Experiment};

/// Refuses NaN and infinity in `rows` of `len` numbers, one row for each environment.
///
/// # Errors
/// The first such number, with its environment and its place in the row.
pub(crate) fn rows<T: Copy + Into<f64>>(name: &str, rows: &[T], len: usize) -> Result<()> {
    // Zero times a finite number is zero; in lanes, so that the compiler uses the wide registers.
    let mut lanes = [0.0; 8];
    let (chunks, rest) = rows.as_chunks::<8>();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += 0.0 * value.into();
        }
    }
    let rest: f64 = rest.iter().map(|&value| 0.0 * value.into()).sum();
    if lanes.iter().sum::<f64>() + rest == 0.0 {
        return Ok(());
    }
    let found = rows.iter().position(|&value| !value.into().is_finite());
    let Some(at) = found else { return Ok(()) };
    let value: f64 = rows[at].into();
    bail!("{name} {} of environment {} is {value}", at % len, at / len)
}

/// Refuses NaN and infinity in what was learnt. An optimiser's moments are not looked at: parameters follow
/// them in the same step.
///
/// # Errors
/// The name of the first such tensor.
pub(crate) fn parameters(tensors: &[(String, Tensor)]) -> Result<()> {
    let learnt = tensors.iter().filter(|(name, _)| !name.contains(".adam."));
    learnt.into_iter().try_for_each(|(name, values)| tensor(name, values))
}

fn tensor(name: &str, tensor: &Tensor) -> Result<()> {
    // A sum that is finite has finite terms; one that is not may only be large.
    if !tensor.is_floating_point() || tensor.sum(tensor.kind()).double_value(&[]).is_finite() {
        return Ok(());
    }
    let bad = tensor.isfinite().logical_not().sum(Kind::Int64).int64_value(&[]);
    ensure!(bad == 0, "{name} holds {bad} numbers of {} that are NaN or infinite", tensor.numel());
    Ok(())
}

/// The step sizes of a run, for the message of a number that left the numbers.
pub(crate) fn learning_rates(experiment: &Experiment) -> String {
    let (actor, critic) = match &experiment.algorithm {
        AlgorithmConfig::Vpg(config) => (config.actor_learning_rate, config.critic_learning_rate),
        AlgorithmConfig::Ppo(config) => (config.actor_learning_rate, config.critic_learning_rate),
        AlgorithmConfig::Sac(config) => (config.actor_learning_rate, config.critic_learning_rate),
        AlgorithmConfig::DiscreteSac(config) => (config.actor_learning_rate, config.critic_learning_rate),
    };
    let embedding = of_embedding(experiment).map(|rate| format!(", embedding {rate}")).unwrap_or_default();
    format!("learning rates: actor {actor}, critic {critic}{embedding}")
}

/// Pre-training with its step size, for the same purpose.
pub(crate) fn pretraining(experiment: &Experiment) -> String {
    let rate = of_embedding(experiment).map(|rate| format!(", learning rate {rate}")).unwrap_or_default();
    format!("pre-training{rate}")
}

fn of_embedding(experiment: &Experiment) -> Option<f64> {
    match &experiment.embedding {
        EmbeddingConfig::Jsae(config) => Some(config.learning_rate),
        EmbeddingConfig::Ra(config) => Some(config.learning_rate),
        EmbeddingConfig::Rounding(_) | EmbeddingConfig::Identity(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bad_number_is_named() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for at in 0..22 {
                let mut values = vec![1e300; 22];
                values[at] = bad;
                let error = rows("observation", &values, 11).expect_err("a bad number").to_string();
                assert_eq!(error, format!("observation {} of environment {} is {bad}", at % 11, at / 11));
            }
        }
        assert!(rows("observation", &[f64::MAX; 22], 11).is_ok());
        assert!(rows::<f32>("reward", &[], 1).is_ok());
    }

    #[test]
    fn sums_of_large_numbers_are_numbers() {
        assert!(tensor("w", &Tensor::from_slice(&[f32::MAX; 64])).is_ok());
        let error = tensor("w", &Tensor::from_slice(&[1.0, f32::NAN, f32::INFINITY]));
        assert_eq!(error.unwrap_err().to_string(), "w holds 2 numbers of 3 that are NaN or infinite");
        assert!(tensor("step", &Tensor::from_slice(&[3_i64])).is_ok());
    }
}
