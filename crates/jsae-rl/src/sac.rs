//! Soft actor-critic (Haarnoja et al. 2018) on latent actions.

mod actor;
mod config;
#[cfg(test)]
mod tests;

pub use config::Config;

use std::collections::BTreeMap;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use crate::critic::{value_loss, value_loss_gradient};
use crate::distribution::gaussian;
use crate::network::{Activation, Input, NetworkShape};
use crate::policy::copy_to_slice;
use crate::replay::Transitions;
use crate::state::{load_in_place, take_parameters};
use crate::temperature::Temperature;
use crate::twin::TwinCritics;
use crate::{FeatureSpace, Metrics, NonFinite, StateError};
use actor::Actor;

/// A soft actor-critic learner: a squashed Gaussian actor and twin critics on (x, e).
#[derive(Debug)]
pub struct Sac {
    actor: Actor,
    critics: TwinCritics,
    temperature: Temperature,
    latent_dim: usize,
    action_limit: f64,
    gamma: f64,
    tau: f64,
    device: Device,
}

impl Sac {
    /// A learner whose networks are drawn from `rng`.
    pub fn new(
        config: &Config,
        features: &FeatureSpace,
        latent_dim: usize,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let shape = NetworkShape {
            features: features.clone(),
            latent_len: latent_dim,
            hidden_sizes: config.hidden_sizes.clone(),
            outputs: 1,
            activation: Activation::Relu,
        };
        let target_entropy =
            config.auto_ent_coef.then(|| config.target_entropy.unwrap_or(-(latent_dim as f64)));
        let rate = config.actor_learning_rate;
        Self {
            actor: Actor::new(config, features, latent_dim, device, rng),
            critics: TwinCritics::new(&shape, config.critic_learning_rate, device, rng),
            temperature: Temperature::new(config.ent_coef, target_entropy, rate, device),
            latent_dim,
            action_limit: config.action_limit,
            gamma: config.gamma,
            tau: config.tau,
            device,
        }
    }

    /// Draws a latent action for each row of `features`, `[n, row_len]`, into
    /// `latent_actions`, `[n, latent_dim]`.
    pub fn sample(&self, features: &Tensor, rng: &mut ChaCha8Rng, latent_actions: &mut [f32]) {
        let noise = self.noise(features.size()[0] as usize, rng);
        let sample = self.actor.sample(&self.actor.input(features), &noise);
        copy_to_slice(&sample.latent_actions, latent_actions);
    }

    /// Uniform latent actions within ±action_limit: what acts before learning starts.
    pub fn sample_uniform(&self, rng: &mut ChaCha8Rng, latent_actions: &mut [f32]) {
        let limit = self.action_limit as f32;
        latent_actions.fill_with(|| rng.random_range(-limit..=limit));
    }

    /// The squashed mean for each row of `features`.
    pub fn mode(&self, features: &Tensor, latent_actions: &mut [f32]) {
        copy_to_slice(&self.actor.mode(features), latent_actions);
    }

    /// The smaller of both critics' values, `[n]`, of latent actions, `[n, latent_dim]`.
    pub fn action_values(&self, features: &Tensor, latent_actions: &Tensor) -> Tensor {
        let input = self.actor.input(features).with_latent_actions(latent_actions);
        self.critics.smaller(&input).squeeze_dim(1)
    }

    /// One step of the critics, the actor, the tuned entropy weight and the targets, with
    /// noise from `rng`.
    ///
    /// # Errors
    /// A loss or gradient norm that is not finite.
    pub fn update(&mut self, batch: &Transitions, rng: &mut ChaCha8Rng) -> Result<Metrics, NonFinite> {
        let n = batch.rewards.size()[0] as usize;
        let (next_noise, noise) = (self.noise(n, rng), self.noise(n, rng));
        self.update_with(batch, &next_noise, &noise)
    }

    /// Everything that learning goes on from, sharing its storage.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        let parts = [self.actor.tensors(), self.critics.tensors(), self.temperature.tensors()];
        parts.into_iter().flatten().collect()
    }

    /// Takes over values saved from [`Sac::tensors`].
    ///
    /// # Errors
    /// A tensor that is missing or of another shape or kind; then nothing has changed.
    pub fn load_tensors(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), StateError> {
        load_in_place(self.tensors(), tensors)
    }

    /// Begins with the actor's or the critics' parameters, or both, of another learner's `tensors`:
    /// what it has learnt of a task like this one. The optimisers begin afresh.
    ///
    /// # Errors
    /// A tensor that is missing or of another shape or kind; then nothing has changed.
    pub fn take(
        &mut self,
        tensors: &BTreeMap<String, Tensor>,
        actor: bool,
        critic: bool,
    ) -> Result<(), StateError> {
        take_parameters(self.tensors(), tensors, actor, critic)
    }

    /// [`Sac::update`] for given noise, `[n, latent_dim]` each.
    fn update_with(
        &mut self,
        batch: &Transitions,
        next_noise: &Tensor,
        noise: &Tensor,
    ) -> Result<Metrics, NonFinite> {
        let ent_coef = self.temperature.ent_coef();
        let target = self.target(batch, ent_coef, next_noise);
        let input = self.actor.input(&batch.features);
        let mut metrics = self.update_critics(&input, batch, &target)?;
        metrics.extend(self.update_actor(&input, ent_coef, noise)?);
        self.critics.track(self.tau);
        metrics.push(("train/ent_coef", ent_coef));
        Ok(metrics)
    }

    fn target(&self, batch: &Transitions, ent_coef: f64, next_noise: &Tensor) -> Tensor {
        let input = self.actor.input(&batch.next_features);
        let sample = self.actor.sample(&input, next_noise);
        let input = input.with_latent_actions(&sample.latent_actions);
        let values = self.critics.smaller_target(&input).squeeze_dim(1);
        soft_target(&batch.rewards, &batch.terminated, &(values - sample.log_prob * ent_coef), self.gamma)
    }

    fn update_critics(
        &mut self,
        input: &Input,
        batch: &Transitions,
        target: &Tensor,
    ) -> Result<Metrics, NonFinite> {
        let input = input.with_latent_actions(&batch.latent_actions);
        let tapes = self.critics.record(&input);
        let target = target.unsqueeze(1);
        let loss: f64 = tapes.iter().map(|tape| value_loss(tape.output(), &target).double_value(&[])).sum();
        let gradients = tapes.each_ref().map(|tape| value_loss_gradient(tape.output(), &target));
        let norm = self.critics.step(&tapes, &gradients, loss)?;
        Ok(vec![("train/critic_loss", loss), ("train/critic_grad_norm", norm)])
    }

    /// The critics stay frozen: only the gradient of their latent input is computed, the slopes of the actor's loss.
    fn update_actor(&mut self, input: &Input, ent_coef: f64, noise: &Tensor) -> Result<Metrics, NonFinite> {
        let recorded = self.actor.record(input, noise);
        let critic_input = input.with_latent_actions(&recorded.sample.latent_actions);
        let tapes = self.critics.record(&critic_input);
        let values = tapes[0].output().minimum(tapes[1].output());
        let slopes = self.critics.latent_gradient(&tapes, -1.0 / values.numel() as f64);
        let mean_log_prob = recorded.sample.log_prob.mean(None).double_value(&[]);
        let loss = ent_coef * mean_log_prob - values.mean(None).double_value(&[]);
        let norm = self.actor.step(&recorded, &slopes, ent_coef, loss)?;
        let mut metrics = vec![
            ("train/actor_loss", loss),
            ("train/actor_grad_norm", norm),
            ("train/entropy_loss", mean_log_prob),
        ];
        metrics.extend(self.temperature.step(mean_log_prob)?.map(|loss| ("train/ent_coef_loss", loss)));
        Ok(metrics)
    }

    fn noise(&self, n: usize, rng: &mut ChaCha8Rng) -> Tensor {
        gaussian::noise(n, self.latent_dim, rng).to_device(self.device)
    }
}

/// r + γ (1 − terminated) V(s′), all `[n]`: what both critics learn (Haarnoja et al. 2018,
/// eq. 5–6, with the soft value V of the targets).
pub fn soft_target(rewards: &Tensor, terminated: &Tensor, soft_values: &Tensor, gamma: f64) -> Tensor {
    rewards + (1.0 - terminated) * soft_values * gamma
}
