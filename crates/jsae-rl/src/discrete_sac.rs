//! Soft actor-critic for finitely many actions (Christodoulou 2019): expectations over the
//! actions are computed, not sampled.

mod config;

pub use config::Config;

use std::collections::BTreeMap;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

use crate::critic::{value_loss, value_loss_gradient};
use crate::distribution::categorical;
use crate::network::{Activation, Input, NetworkShape};
use crate::policy::{Policy, PolicyShape};
use crate::replay::Transitions;
use crate::sac::soft_target;
use crate::state::load_in_place;
use crate::temperature::Temperature;
use crate::twin::TwinCritics;
use crate::{ActionSpace, FeatureSpace, Metrics, NonFinite, StateError};

/// A discrete soft actor-critic learner: a categorical actor, and twin critics with a value
/// per action.
#[derive(Debug)]
pub struct DiscreteSac {
    actor: Policy,
    critics: TwinCritics,
    temperature: Temperature,
    n_actions: usize,
    gamma: f64,
    tau: f64,
}

impl DiscreteSac {
    /// A learner whose networks are drawn from `rng`.
    pub fn new(
        config: &Config,
        features: &FeatureSpace,
        n_actions: usize,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let shape = NetworkShape {
            features: features.clone(),
            latent_len: 0,
            hidden_sizes: config.hidden_sizes.clone(),
            outputs: n_actions,
            activation: Activation::Relu,
        };
        let target_entropy =
            config.auto_ent_coef.then(|| config.target_entropy.unwrap_or(0.98 * (n_actions as f64).ln()));
        let rate = config.actor_learning_rate;
        let policy = PolicyShape {
            features,
            actions: ActionSpace::Discrete(n_actions),
            hidden_sizes: &config.hidden_sizes,
            initial_std: 1.0,
            activation: Activation::Relu,
        };
        Self {
            actor: Policy::new(&policy, rate, None, device, rng),
            critics: TwinCritics::new(&shape, config.critic_learning_rate, device, rng),
            temperature: Temperature::new(config.ent_coef, target_entropy, rate, device),
            n_actions,
            gamma: config.gamma,
            tau: config.tau,
        }
    }

    /// Draws an action for each row of `features`, `[n, row_len]`, into `actions`, `[n]`.
    pub fn sample(&self, features: &Tensor, rng: &mut ChaCha8Rng, actions: &mut [f32]) {
        self.actor.sample(features, rng, actions);
    }

    /// Uniform actions: what acts before learning starts.
    pub fn sample_uniform(&self, rng: &mut ChaCha8Rng, actions: &mut [f32]) {
        actions.fill_with(|| rng.random_range(0..self.n_actions) as f32);
    }

    /// The most likely action for each row of `features`.
    pub fn mode(&self, features: &Tensor, actions: &mut [f32]) {
        self.actor.mode(features, actions);
    }

    /// One step of the critics, the actor, the tuned entropy weight and the targets.
    ///
    /// # Errors
    /// A loss or gradient norm that is not finite.
    pub fn update(&mut self, batch: &Transitions) -> Result<Metrics, NonFinite> {
        let ent_coef = self.temperature.ent_coef();
        let target = self.target(batch, ent_coef);
        let input = self.actor.input(&batch.features);
        let mut metrics = self.update_critics(&input, batch, &target)?;
        metrics.extend(self.update_actor(&input, ent_coef)?);
        self.critics.track(self.tau);
        metrics.push(("train/ent_coef", ent_coef));
        Ok(metrics)
    }

    /// Everything that learning goes on from, sharing its storage.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        let parts = [self.actor.tensors(), self.critics.tensors(), self.temperature.tensors()];
        parts.into_iter().flatten().collect()
    }

    /// Takes over values saved from [`DiscreteSac::tensors`].
    ///
    /// # Errors
    /// A tensor that is missing or of another shape or kind; then nothing has changed.
    pub fn load_tensors(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), StateError> {
        load_in_place(self.tensors(), tensors)
    }

    fn target(&self, batch: &Transitions, ent_coef: f64) -> Tensor {
        let input = self.actor.input(&batch.next_features);
        let log_probs = self.actor.log_probs(&input);
        let soft_values =
            expected(&log_probs, &(self.critics.smaller_target(&input) - &log_probs * ent_coef));
        soft_target(&batch.rewards, &batch.terminated, &soft_values, self.gamma)
    }

    fn update_critics(
        &mut self,
        input: &Input,
        batch: &Transitions,
        target: &Tensor,
    ) -> Result<Metrics, NonFinite> {
        let tapes = self.critics.record(input);
        let actions = batch.latent_actions.to_kind(Kind::Int64);
        let target = target.unsqueeze(1);
        let values = tapes.each_ref().map(|tape| tape.output().gather(1, &actions, false));
        let loss: f64 = values.iter().map(|values| value_loss(values, &target).double_value(&[])).sum();
        let gradients = [0, 1].map(|critic: usize| {
            let gradient = value_loss_gradient(&values[critic], &target);
            tapes[critic].output().zeros_like().scatter_(1, &actions, &gradient)
        });
        let norm = self.critics.step(&tapes, &gradients, loss)?;
        Ok(vec![("train/critic_loss", loss), ("train/critic_grad_norm", norm)])
    }

    fn update_actor(&mut self, input: &Input, ent_coef: f64) -> Result<Metrics, NonFinite> {
        let values = self.critics.smaller(input);
        let recorded = self.actor.record(input);
        let loss = policy_loss(recorded.log_probs(), &values, ent_coef);
        let mean_log_prob = -recorded.distribution.entropy().double_value(&[]);
        let step = self.actor.step(&recorded, &loss, 0)?;
        let mut metrics = vec![
            ("train/actor_loss", step.loss),
            ("train/actor_grad_norm", step.gradient_norm),
            ("train/entropy_loss", mean_log_prob),
        ];
        metrics.extend(self.temperature.step(mean_log_prob)?.map(|loss| ("train/ent_coef_loss", loss)));
        Ok(metrics)
    }
}

/// Mean over the rows of Σ_a π(a) (α ln π(a) − q(a)), a scalar tensor, for log-probabilities
/// and action values `[n, n_actions]` (Christodoulou 2019, eq. 12).
pub fn policy_loss(log_probs: &Tensor, action_values: &Tensor, ent_coef: f64) -> Tensor {
    expected(log_probs, &(log_probs * ent_coef - action_values)).mean(None)
}

/// Σ_a π(a) y(a) of each row, `[n]`.
fn expected(log_probs: &Tensor, values: &Tensor) -> Tensor {
    (categorical::probabilities(log_probs) * values).sum_dim_intlist(1, false, None)
}
