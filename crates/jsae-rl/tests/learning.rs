//! Bandits made of tensors alone: each algorithm finds the best action within seconds.

use jsae_rl::{ActionSpace, Batch, FeatureSpace, OnPolicy, ppo, vpg};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

const N: usize = 256;

/// Plays `epochs` batches of a contextual bandit whose context is one of two and whose reward
/// is `reward(context, latent action)`; returns the mean reward of the deterministic policy.
fn play(
    learner: &mut OnPolicy,
    latent_len: usize,
    epochs: usize,
    reward: impl Fn(usize, &[f32]) -> f32,
) -> f32 {
    tch::set_num_threads(1);
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let contexts: Vec<f32> = (0..N).map(|row| (row % 2) as f32).collect();
    let features = Tensor::from_slice(&contexts).view([-1, 1]);
    let mut latent_actions = vec![0.0; N * latent_len];
    let rewards = |latent_actions: &[f32]| -> Vec<f32> {
        latent_actions.chunks(latent_len).enumerate().map(|(row, e)| reward(row % 2, e)).collect()
    };
    for _ in 0..epochs {
        learner.sample(&features, &mut rng, &mut latent_actions);
        let returns = Tensor::from_slice(&rewards(&latent_actions));
        let batch = Batch {
            features: features.shallow_clone(),
            latent_actions: Tensor::from_slice(&latent_actions).view([-1, latent_len as i64]),
            advantages: &returns - learner.values(&features),
            returns,
        };
        learner.update(&batch, &mut rng).expect("finite losses");
    }
    learner.mode(&features, &mut latent_actions);
    rewards(&latent_actions).iter().sum::<f32>() / N as f32
}

/// 1 for action 2 in context 0 and action 4 in context 1.
fn discrete_reward(context: usize, action: &[f32]) -> f32 {
    f32::from(action[0] as usize == 2 + 2 * context)
}

/// −distance² to (0.5, −0.3) in context 0, to its opposite in context 1.
fn box_reward(context: usize, point: &[f32]) -> f32 {
    let sign = if context == 0 { 1.0 } else { -1.0 };
    -(point[0] - 0.5 * sign).powi(2) - (point[1] + 0.3 * sign).powi(2)
}

#[test]
fn vpg_solves_discrete_and_box_bandits() {
    let config = vpg::Config { actor_learning_rate: 3e-3, ..vpg::Config::default() };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for features in [FeatureSpace::OneHot(vec![2]), FeatureSpace::Dense(1)] {
        let mut discrete = OnPolicy::vpg(&config, &features, ActionSpace::Discrete(6), Device::Cpu, &mut rng);
        assert_eq!(play(&mut discrete, 1, 200, discrete_reward), 1.0);
        let mut gaussian =
            OnPolicy::vpg(&config, &features, ActionSpace::Continuous(2), Device::Cpu, &mut rng);
        let reward = play(&mut gaussian, 2, 200, box_reward);
        assert!(reward > -0.02, "{reward}");
    }
}

#[test]
fn ppo_solves_discrete_and_box_bandits() {
    let config = ppo::Config {
        actor_learning_rate: 3e-3,
        batch_size: Some(100),
        target_kl: Some(0.05),
        max_grad_norm: Some(0.5),
        ent_coef: 1e-3,
        ..ppo::Config::default()
    };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let features = FeatureSpace::OneHot(vec![2]);
    let mut discrete = OnPolicy::ppo(&config, &features, ActionSpace::Discrete(6), Device::Cpu, &mut rng);
    assert_eq!(play(&mut discrete, 1, 200, discrete_reward), 1.0);
    let mut gaussian = OnPolicy::ppo(&config, &features, ActionSpace::Continuous(2), Device::Cpu, &mut rng);
    let reward = play(&mut gaussian, 2, 200, box_reward);
    assert!(reward > -0.02, "{reward}");
}

#[test]
fn losses_are_measured_in_doubles_and_singles_alike() {
    let values = Tensor::from_slice(&[0.5_f32, 1.5]);
    let returns = Tensor::from_slice(&[0.0_f32, 1.0]);
    let single = jsae_rl::value_loss(&values, &returns).double_value(&[]);
    let double =
        jsae_rl::value_loss(&values.to_kind(Kind::Double), &returns.to_kind(Kind::Double)).double_value(&[]);
    assert_eq!([single, double], [0.25, 0.25]);
}
