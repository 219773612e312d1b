use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use crate::advantage::normalized;
use crate::critic::Critic;
use crate::distribution::Distribution;
use crate::metrics::explained_variance;
use crate::minibatch::minibatches;
use crate::network::Activation;
use crate::policy::{Policy, PolicyShape};
use crate::state::{load_in_place, take_parameters};
use crate::{ActionSpace, FeatureSpace, Metrics, NonFinite, StateError, ppo, vpg};

/// VPG or PPO: one learner, two objectives.
#[derive(Debug)]
pub struct OnPolicy {
    actor: Policy,
    critic: Critic,
    objective: Objective,
    actor_updates: usize,
    critic_updates: usize,
    batch_size: Option<usize>,
}

/// What the actor descends.
#[derive(Clone, Copy, Debug)]
enum Objective {
    Vpg,
    Ppo { clip_range: f64, target_kl: Option<f64>, ent_coef: f64 },
}

/// The samples of an epoch as the networks read them.
#[derive(Debug)]
pub struct Batch {
    /// `[n, row_len]` of the feature space.
    pub features: Tensor,
    /// What the policy sampled, `[n, latent_len]`.
    pub latent_actions: Tensor,
    /// `[n]`; normalised within the update.
    pub advantages: Tensor,
    /// Value targets, `[n]`.
    pub returns: Tensor,
}

impl OnPolicy {
    /// A VPG learner whose networks are drawn from `rng`.
    pub fn vpg(
        config: &vpg::Config,
        features: &FeatureSpace,
        actions: ActionSpace,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let (hidden_sizes, initial_std) = (&config.hidden_sizes, config.initial_std);
        let shape =
            PolicyShape { features, actions, hidden_sizes, initial_std, activation: Activation::Tanh };
        let critic_rate = config.critic_learning_rate;
        Self {
            actor: Policy::new(&shape, config.actor_learning_rate, None, device, rng),
            critic: Critic::new(features, hidden_sizes, critic_rate, None, device, rng),
            objective: Objective::Vpg,
            actor_updates: config.actor_updates,
            critic_updates: config.critic_updates,
            batch_size: None,
        }
    }

    /// A PPO learner whose networks are drawn from `rng`: the same as a VPG learner's from the
    /// same stream.
    pub fn ppo(
        config: &ppo::Config,
        features: &FeatureSpace,
        actions: ActionSpace,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let (hidden_sizes, initial_std) = (&config.hidden_sizes, config.initial_std);
        let shape =
            PolicyShape { features, actions, hidden_sizes, initial_std, activation: Activation::Tanh };
        let (critic_rate, max_norm) = (config.critic_learning_rate, config.max_grad_norm);
        let &ppo::Config { clip_range, target_kl, ent_coef, .. } = config;
        Self {
            actor: Policy::new(&shape, config.actor_learning_rate, max_norm, device, rng),
            critic: Critic::new(features, hidden_sizes, critic_rate, max_norm, device, rng),
            objective: Objective::Ppo { clip_range, target_kl, ent_coef },
            actor_updates: config.actor_updates,
            critic_updates: config.critic_updates,
            batch_size: config.batch_size,
        }
    }

    /// Draws a latent action for each row of `features`, `[n, row_len]`, into `latent_actions`,
    /// `[n, latent_len]`.
    pub fn sample(&self, features: &Tensor, rng: &mut ChaCha8Rng, latent_actions: &mut [f32]) {
        self.actor.sample(features, rng, latent_actions);
    }

    /// The most likely latent action for each row: the mean, or the index of the largest logit.
    pub fn mode(&self, features: &Tensor, latent_actions: &mut [f32]) {
        self.actor.mode(features, latent_actions);
    }

    /// The distribution over latent actions for each row of `features`.
    pub fn distribution(&self, features: &Tensor) -> Distribution {
        self.actor.distribution(&self.actor.input(features))
    }

    /// The critic's estimate of the return from each row, `[n]`.
    pub fn values(&self, features: &Tensor) -> Tensor {
        self.critic.values(features)
    }

    /// Learns from an epoch: `actor_updates` passes over the batch, then `critic_updates`.
    /// `rng` shuffles where the batch is cut into smaller ones.
    ///
    /// # Errors
    /// A loss, gradient norm or parameter that is not finite; the step that would have used
    /// it is not made.
    pub fn update(&mut self, batch: &Batch, rng: &mut ChaCha8Rng) -> Result<Metrics, NonFinite> {
        let mut metrics = self.update_actor(batch, rng)?;
        metrics.extend(self.update_critic(batch, rng)?);
        Ok(metrics)
    }

    /// Everything that learning goes on from, sharing its storage.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        self.actor.tensors().into_iter().chain(self.critic.tensors()).collect()
    }

    /// Takes over values saved from [`OnPolicy::tensors`].
    ///
    /// # Errors
    /// A tensor that is missing or of another shape or kind; then nothing has changed.
    pub fn load_tensors(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), StateError> {
        load_in_place(self.tensors(), tensors)
    }

    /// Begins with the actor's or the critic's parameters, or both, of another learner's `tensors`:
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

    fn update_actor(&mut self, batch: &Batch, rng: &mut ChaCha8Rng) -> Result<Metrics, NonFinite> {
        let advantages = normalized(&batch.advantages);
        let mut progress = ActorProgress::default();
        // In whole batches the first pass itself is the old policy, bit for bit.
        let mut old =
            self.cuts(batch).then(|| self.distribution(&batch.features).log_prob(&batch.latent_actions));
        'passes: for _ in 0..self.actor_updates {
            for part in minibatches(batch.advantages.size()[0], self.batch_size, rng) {
                let input = self.actor.input(&part.of(&batch.features));
                let recorded = self.actor.record(&input);
                let log_prob = recorded.distribution.log_prob(&part.of(&batch.latent_actions));
                let old = part.of(old.get_or_insert_with(|| log_prob.detach()));
                progress.approx_kl = mean(&(&old - log_prob.detach()));
                if progress.iteration > 0 && self.objective.stops_at(progress.approx_kl) {
                    break 'passes;
                }
                progress.look(&recorded.distribution, &log_prob, &old, self.objective);
                let advantages = part.of(&advantages);
                let loss = self.objective.loss(&recorded.distribution, &log_prob, &old, &advantages);
                let step = self.actor.step(&recorded, &loss, progress.iteration)?;
                progress.loss = step.loss;
                progress.gradient_norm = step.gradient_norm;
                progress.iteration += 1;
            }
        }
        self.actor.check_parameters(progress.iteration)?;
        Ok(progress.metrics(self.objective, self.actor.std()))
    }

    fn update_critic(&mut self, batch: &Batch, rng: &mut ChaCha8Rng) -> Result<Metrics, NonFinite> {
        let before = self.cuts(batch).then(|| self.values(&batch.features));
        let (mut explained, mut iteration, mut last) = (None, 0, None);
        for _ in 0..self.critic_updates {
            for part in minibatches(batch.returns.size()[0], self.batch_size, rng) {
                let input = self.critic.input(&part.of(&batch.features));
                let step = self.critic.step(&input, &part.of(&batch.returns), iteration)?;
                explained.get_or_insert_with(|| {
                    explained_variance(before.as_ref().unwrap_or(&step.values), &batch.returns)
                });
                iteration += 1;
                last = Some(step);
            }
        }
        self.critic.check_parameters(iteration)?;
        let last = last.expect("at least one pass over at least one sample");
        Ok(vec![
            ("train/value_loss", last.loss),
            ("train/critic_grad_norm", last.gradient_norm),
            ("train/explained_variance", explained.expect("set by the first step")),
        ])
    }

    /// Is the batch cut into smaller ones?
    fn cuts(&self, batch: &Batch) -> bool {
        self.batch_size.is_some_and(|size| (size as i64) < batch.returns.size()[0])
    }
}

impl Objective {
    fn loss(
        self,
        distribution: &Distribution,
        log_prob: &Tensor,
        old_log_prob: &Tensor,
        advantages: &Tensor,
    ) -> Tensor {
        match self {
            Self::Vpg => vpg::policy_loss(log_prob, advantages),
            Self::Ppo { clip_range, ent_coef, .. } => {
                let loss = ppo::policy_loss(log_prob, old_log_prob, advantages, clip_range);
                if ent_coef == 0.0 { loss } else { loss - distribution.entropy() * ent_coef }
            }
        }
    }

    fn stops_at(self, approx_kl: f64) -> bool {
        matches!(self, Self::Ppo { target_kl: Some(target), .. } if approx_kl > 1.5 * target)
    }
}

/// What the actor's steps have shown so far.
#[derive(Default)]
struct ActorProgress {
    iteration: usize,
    loss: f64,
    gradient_norm: f64,
    approx_kl: f64,
    clip_fraction: f64,
    /// Of the policy that collected the samples.
    entropy: Option<f64>,
}

impl ActorProgress {
    fn look(
        &mut self,
        distribution: &Distribution,
        log_prob: &Tensor,
        old_log_prob: &Tensor,
        objective: Objective,
    ) {
        self.entropy.get_or_insert_with(|| distribution.entropy().double_value(&[]));
        if let Objective::Ppo { clip_range, .. } = objective {
            self.clip_fraction = ppo::clip_fraction(log_prob, old_log_prob, clip_range);
        }
    }

    fn metrics(self, objective: Objective, std: Option<f64>) -> Metrics {
        let mut metrics = vec![
            ("train/policy_gradient_loss", self.loss),
            ("train/entropy_loss", -self.entropy.unwrap_or_default()),
            ("train/approx_kl", self.approx_kl),
            ("train/actor_grad_norm", self.gradient_norm),
            ("train/actor_updates", self.iteration as f64),
        ];
        if matches!(objective, Objective::Ppo { .. }) {
            metrics.push(("train/clip_fraction", self.clip_fraction));
        }
        metrics.extend(std.map(|std| ("train/std", std)));
        metrics
    }
}

fn mean(tensor: &Tensor) -> f64 {
    tensor.mean(None).double_value(&[])
}
