//! Bandits made of tensors alone: each algorithm finds the best action within seconds.

use jsae_rl::{
    ActionSpace, Batch, DiscreteSac, FeatureSpace, OnPolicy, Sac, Transitions, discrete_sac, ppo, sac, vpg,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

const N: usize = 128;

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
    let features = contexts();
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

/// −distance² to (0.5, −0.3) in context 0, to its opposite in context 1: standing at 0 earns −0.34.
fn box_reward(context: usize, point: &[f32]) -> f32 {
    let sign = if context == 0 { 1.0 } else { -1.0 };
    -(point[0] - 0.5 * sign).powi(2) - (point[1] + 0.3 * sign).powi(2)
}

#[test]
fn vpg_solves_discrete_and_box_bandits() {
    // Larger steps overshoot, having no ratio, once the standard deviation has shrunk.
    let config = vpg::Config { actor_learning_rate: 3e-3, ..vpg::Config::default() };
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for features in [FeatureSpace::OneHot(vec![2]), FeatureSpace::Dense(1)] {
        let mut discrete = OnPolicy::vpg(&config, &features, ActionSpace::Discrete(6), Device::Cpu, &mut rng);
        assert_eq!(play(&mut discrete, 1, 100, discrete_reward), 1.0);
        let mut gaussian =
            OnPolicy::vpg(&config, &features, ActionSpace::Continuous(2), Device::Cpu, &mut rng);
        let reward = play(&mut gaussian, 2, 150, box_reward);
        assert!(reward > -0.03, "{reward}");
    }
}

#[test]
fn ppo_solves_discrete_and_box_bandits() {
    let config = ppo::Config {
        actor_learning_rate: 1e-2,
        batch_size: Some(50),
        target_kl: Some(0.05),
        max_grad_norm: Some(0.5),
        ent_coef: 1e-3,
        ..ppo::Config::default()
    };
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let features = FeatureSpace::OneHot(vec![2]);
    let mut discrete = OnPolicy::ppo(&config, &features, ActionSpace::Discrete(6), Device::Cpu, &mut rng);
    assert_eq!(play(&mut discrete, 1, 100, discrete_reward), 1.0);
    let mut gaussian = OnPolicy::ppo(&config, &features, ActionSpace::Continuous(2), Device::Cpu, &mut rng);
    let reward = play(&mut gaussian, 2, 150, box_reward);
    assert!(reward > -0.03, "{reward}");
}

/// Alternating contexts as features, `[N, 1]`.
fn contexts() -> Tensor {
    Tensor::from_slice(&(0..N).map(|row| (row % 2) as f32).collect::<Vec<f32>>()).view([-1, 1])
}

/// One-step episodes: every transition ends the task.
fn transitions(
    latent_actions: &[f32],
    latent_len: usize,
    reward: impl Fn(usize, &[f32]) -> f32,
) -> Transitions {
    let rewards: Vec<f32> =
        latent_actions.chunks(latent_len).enumerate().map(|(row, e)| reward(row % 2, e)).collect();
    Transitions {
        features: contexts(),
        latent_actions: Tensor::from_slice(latent_actions).view([-1, latent_len as i64]),
        rewards: Tensor::from_slice(&rewards),
        next_features: contexts(),
        terminated: Tensor::ones([N as i64], (tch::Kind::Float, Device::Cpu)),
    }
}

fn mean_reward(latent_actions: &[f32], latent_len: usize, reward: impl Fn(usize, &[f32]) -> f32) -> f32 {
    transitions(latent_actions, latent_len, reward).rewards.mean(None).double_value(&[]) as f32
}

#[test]
fn sac_solves_box_bandits() {
    tch::set_num_threads(1);
    for (auto_ent_coef, state_dependent_std) in [(false, false), (true, true)] {
        let config = sac::Config {
            actor_learning_rate: 3e-3,
            critic_learning_rate: 3e-3,
            ent_coef: 0.01,
            auto_ent_coef,
            target_entropy: Some(-4.0),
            state_dependent_std,
            ..sac::Config::default()
        };
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut learner = Sac::new(&config, &FeatureSpace::OneHot(vec![2]), 2, Device::Cpu, &mut rng);
        let mut latent_actions = vec![0.0; 2 * N];
        for round in 0..400 {
            if round < 50 {
                learner.sample_uniform(&mut rng, &mut latent_actions);
            } else {
                learner.sample(&contexts(), &mut rng, &mut latent_actions);
            }
            learner.update(&transitions(&latent_actions, 2, box_reward), &mut rng).expect("finite losses");
        }
        learner.mode(&contexts(), &mut latent_actions);
        let reward = mean_reward(&latent_actions, 2, box_reward);
        assert!(reward > -0.03, "{reward}");
    }
}

#[test]
fn discrete_sac_solves_a_bandit() {
    tch::set_num_threads(1);
    let config = discrete_sac::Config {
        actor_learning_rate: 3e-3,
        critic_learning_rate: 3e-3,
        ent_coef: 0.05,
        auto_ent_coef: true,
        target_entropy: Some(0.1),
        ..discrete_sac::Config::default()
    };
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut learner = DiscreteSac::new(&config, &FeatureSpace::OneHot(vec![2]), 6, Device::Cpu, &mut rng);
    let mut actions = vec![0.0; N];
    for round in 0..300 {
        if round < 50 {
            learner.sample_uniform(&mut rng, &mut actions);
        } else {
            learner.sample(&contexts(), &mut rng, &mut actions);
        }
        learner.update(&transitions(&actions, 1, discrete_reward)).expect("finite losses");
    }
    learner.mode(&contexts(), &mut actions);
    assert_eq!(mean_reward(&actions, 1, discrete_reward), 1.0);
}
