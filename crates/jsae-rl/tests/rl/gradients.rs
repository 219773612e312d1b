//! Gradients against central differences, in double precision.

use jsae_rl::distribution::{Distribution, categorical, gaussian, squashed};
use jsae_rl::{discrete_sac, ppo, value_loss, value_loss_gradient, vpg};
use tch::{Kind, Tensor};

const N: i64 = 6;

/// Fixed numbers in (−1, 1) without pattern.
fn numbers(seed: f64, size: &[i64]) -> Tensor {
    let n = size.iter().product::<i64>();
    let values: Vec<f64> = (0..n).map(|i| ((i as f64 + seed) * 12.9898).sin()).collect();
    Tensor::from_slice(&values).view(size)
}

/// Largest distance between the gradient of `loss` at `point` and its central differences.
fn distance(point: &Tensor, loss: impl Fn(&Tensor) -> Tensor) -> f64 {
    let leaf = point.copy().set_requires_grad(true);
    let gradient = Tensor::run_backward(&[loss(&leaf)], &[&leaf], false, false).remove(0).view(-1);
    let step = 1e-5;
    let differences: Vec<f64> = (0..point.numel() as i64)
        .map(|index| {
            let at = |shift: f64| {
                let moved = point.copy();
                let _ = moved.view(-1).get(index).g_add_scalar_(shift);
                loss(&moved).double_value(&[])
            };
            (at(step) - at(-step)) / (2.0 * step)
        })
        .collect();
    (gradient - Tensor::from_slice(&differences)).abs().max().double_value(&[])
}

fn assert_differentiates(point: &Tensor, loss: impl Fn(&Tensor) -> Tensor) {
    let distance = distance(point, loss);
    assert!(distance < 1e-8, "{distance}");
}

#[test]
fn policy_losses_differentiate_through_a_gaussian() {
    let (latent, old, advantages) = (numbers(1.0, &[N, 2]), numbers(2.0, &[N]), numbers(3.0, &[N]));
    let log_std = numbers(4.0, &[2]);
    let old = gaussian::log_prob(&numbers(5.0, &[N, 2]), &log_std, &latent) + old * 0.3;
    let log_prob = |mean: &Tensor| gaussian::log_prob(mean, &log_std, &latent);
    let mean = numbers(5.0, &[N, 2]);
    assert_differentiates(&mean, |mean| vpg::policy_loss(&log_prob(mean), &advantages));
    assert_differentiates(&mean, |mean| ppo::policy_loss(&log_prob(mean), &old, &advantages, 0.2));
    let of_std = |log_std: &Tensor| gaussian::log_prob(&mean, log_std, &latent);
    assert_differentiates(&log_std, |log_std| vpg::policy_loss(&of_std(log_std), &advantages));
}

#[test]
fn policy_losses_differentiate_through_logits() {
    let (logits, advantages) = (numbers(1.0, &[N, 4]), numbers(3.0, &[N]));
    let actions = Tensor::from_slice(&[0.0, 3.0, 1.0, 2.0, 2.0, 0.0]).view([N, 1]);
    assert_differentiates(&logits, |logits| {
        let distribution = Distribution::Categorical { log_probs: categorical::log_probs(logits) };
        vpg::policy_loss(&distribution.log_prob(&actions), &advantages) - distribution.entropy() * 0.1
    });
    let values = numbers(7.0, &[N, 4]);
    assert_differentiates(&logits, |logits| {
        discrete_sac::policy_loss(&categorical::log_probs(logits), &values, 0.3)
    });
}

#[test]
fn squashed_sample_differentiates_and_keeps_its_digits_far_out() {
    let (mean, log_std, noise) = (numbers(1.0, &[N, 2]) * 3.0, numbers(2.0, &[2]), numbers(3.0, &[N, 2]));
    let slopes = numbers(4.0, &[N, 2]);
    let loss = |mean: &Tensor, log_std: &Tensor| {
        let sample = squashed::sample(mean, log_std, &noise, 1.1);
        (sample.latent_actions * &slopes).sum(None) + sample.log_prob.sum(None) * 0.2
    };
    assert_differentiates(&mean, |mean| loss(mean, &log_std));
    assert_differentiates(&log_std, |log_std| loss(&mean, log_std));
    let leaves = [&mean, &log_std].map(|tensor| tensor.copy().set_requires_grad(true));
    let by_graph = Tensor::run_backward(&[loss(&leaves[0], &leaves[1])], &leaves.each_ref(), false, false);
    let (by_mean, by_log_std) = squashed::sample(&mean, &log_std, &noise, 1.1).gradients(&slopes, 0.2);
    let by_hand = [by_mean, by_log_std.sum_dim_intlist(0, false, None)];
    for (by_hand, by_graph) in by_hand.iter().zip(&by_graph) {
        let distance = (by_hand - by_graph).abs().max().double_value(&[]);
        assert!(distance < 1e-12, "{distance}");
    }
    let far = Tensor::full([1, 1], 20.0, (Kind::Float, tch::Device::Cpu));
    let zero = Tensor::zeros([1], (Kind::Float, tch::Device::Cpu));
    let log_prob = squashed::sample(&far, &zero, &zero.view([1, 1]), 1.0).log_prob;
    // ln N(0) − 2 (ln 2 − 20): the naive form takes the logarithm of 0.
    let expected = -0.5 * (2.0 * std::f64::consts::PI).ln() - 2.0 * (std::f64::consts::LN_2 - 20.0);
    assert!((log_prob.double_value(&[0]) - expected).abs() < 1e-4);
}

#[test]
fn value_loss_gradient_is_its_derivative() {
    let (values, returns) = (numbers(1.0, &[N]), numbers(2.0, &[N]));
    assert_differentiates(&values, |values| value_loss(values, &returns));
    let leaf = values.copy().set_requires_grad(true);
    let by_graph = Tensor::run_backward(&[value_loss(&leaf, &returns)], &[&leaf], false, false).remove(0);
    let distance = (by_graph - value_loss_gradient(&values, &returns)).abs().max().double_value(&[]);
    assert!(distance < 1e-15);
}

/// The policy gradient of a known smooth reward, by the raw samples and by samples snapped to
/// a grid as a nearest-neighbour mapping would.
#[test]
fn only_the_raw_sample_gives_the_policy_gradient() {
    let n = 200_000;
    let mut rng = <rand_chacha::ChaCha8Rng as rand::SeedableRng>::seed_from_u64(5);
    let std = 0.3;
    let mean = Tensor::full([n, 1], 0.2, (Kind::Double, tch::Device::Cpu));
    let log_std = Tensor::from_slice(&[f64::ln(std)]);
    let latent = &mean + gaussian::noise(n as usize, 1, &mut rng).to_kind(Kind::Double) * std;
    // Actions −1, 0 and 1; the reward is 1 for the last.
    let snapped = latent.round().clamp(-1.0, 1.0);
    let reward = snapped.eq(1.0).to_kind(Kind::Double).view(-1);
    let slope = |scored: &Tensor| {
        let leaf = mean.copy().set_requires_grad(true);
        let loss = vpg::policy_loss(&gaussian::log_prob(&leaf, &log_std, scored), &reward);
        -Tensor::run_backward(&[loss], &[&leaf], false, false).remove(0).sum(None).double_value(&[])
    };
    // d/dm P(e > ½) = N(½; m, std).
    let exact = (-0.5 * f64::powi((0.5 - 0.2) / std, 2)).exp() / (std * (2.0 * std::f64::consts::PI).sqrt());
    assert!((slope(&latent) / exact - 1.0).abs() < 0.02, "{} of {exact}", slope(&latent));
    assert!((slope(&snapped) / exact - 1.0).abs() > 0.3, "{} of {exact}", slope(&snapped));
}
