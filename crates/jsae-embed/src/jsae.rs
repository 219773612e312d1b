mod config;
mod decoder;
mod encoder;
mod learning;
mod model;
mod moving;
pub(crate) mod prediction;
pub(crate) mod scaling;
#[cfg(test)]
mod tests;
mod transition;

use std::collections::BTreeMap;

use jsae_envs::Space;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

use crate::spaces::describe;
use crate::standardization::Standardization;
use crate::tensors::copy_all;
use crate::training::Schedule;
use crate::{
    Embedding, Error, Features, Judgement, Latent, Pass, PretrainConfig, Report, Spaces, Transitions,
};

use decoder::Decoder;
use learning::Occasion;
use model::{Model, Shown};
use prediction::Prediction;
use scaling::{Figures, Scaling, spread_actions};

pub use config::{Config, Decoding, Target};
pub use moving::Parts;

/// The paper's joint embedding of states and actions: φ, g and T learnt together (eq. 5), f from g (eq. 6).
#[derive(Debug)]
pub struct Jsae {
    config: Config,
    spaces: Spaces,
    device: Device,
    model: Model,
    decoder: Option<Decoder>,
    standardization: Option<Standardization>,
    scaling: Option<Scaling>,
    /// What g(a) is scaled by; absent where it is left as it is.
    action_scaling: Option<Figures>,
    /// φ of every state, scaled, `[n_states, state_dim]`, where a state is one index.
    state_table: Option<Tensor>,
    /// g of every action, `[n_actions, action_dim]`, where an action is one index.
    action_table: Option<Tensor>,
    /// These came from elsewhere and wait for the others.
    frozen: Option<Parts>,
}

impl Jsae {
    /// A fresh embedding.
    ///
    /// # Errors
    /// [`Error::Space`] for actions that are several indices at once, or predicted variables that do not exist.
    pub fn new(
        config: &Config,
        spaces: &Spaces,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Result<Self, Error> {
        if let Space::MultiDiscrete(_) = spaces.action {
            return Err(Error::Space {
                method: "jsae",
                what: "the action space",
                found: describe(&spaces.action),
                expected: "one index or a box",
            });
        }
        if config.decoder == Decoding::Softmax && !spaces.action.is_discrete() {
            return Err(Error::Space {
                method: "jsae",
                what: "a softmax decoder for the action space",
                found: describe(&spaces.action),
                expected: "one index",
            });
        }
        let prediction = Prediction::new(config, &spaces.observation, spaces.predicted_variables("jsae")?);
        let model = Model::new(config, spaces, prediction, device, rng);
        let decoder = (!spaces.action.is_discrete() || config.decoder == Decoding::Softmax)
            .then(|| Decoder::new(config, &spaces.action, device, rng));
        let obs_len = spaces.observation.len();
        let standardization = (!spaces.observation.is_discrete())
            .then(|| Standardization::new(obs_len, config.standardize_observations, device));
        let mut jsae = Self {
            config: config.clone(),
            spaces: spaces.clone(),
            device,
            model,
            decoder,
            standardization,
            scaling: config.state_embedding_scale.map(|scale| Scaling::new(scale, obs_len, device)),
            action_scaling: None,
            state_table: None,
            action_table: None,
            frozen: None,
        };
        jsae.refresh();
        Ok(jsae)
    }

    /// Renews everything that follows from the parameters.
    fn refresh(&mut self) {
        if let Some(standardization) = &self.standardization {
            self.model.prediction.leave_constants_out(standardization, self.device);
        }
        if let Some(mut scaling) = self.scaling.take() {
            scaling.fit(&self.model.embed_states(&self.state_rows(scaling.states())));
            self.scaling = Some(scaling);
        }
        let every = |n: usize| Tensor::arange(n as i64, (Kind::Float, self.device)).view([-1, 1]);
        if let Space::Discrete(n) = self.spaces.observation {
            self.state_table = Some(self.embed_states(&every(n)));
        }
        self.action_scaling = self.config.action_embedding_scale.map(|scale| {
            let spread = spread_actions(&self.spaces.action, self.device);
            Figures::new(&self.unscaled_actions(&spread), scale)
        });
        if let Space::Discrete(n) = self.spaces.action {
            self.action_table = Some(self.scaled_actions(&every(n)));
        }
    }

    /// Observations as φ takes them.
    fn state_rows(&self, observations: &Tensor) -> Tensor {
        match &self.standardization {
            Some(standardization) => standardization.apply(observations),
            None => self.model.state.rows(observations),
        }
    }

    /// g(a) as policy and mapping see it.
    fn scaled_actions(&self, actions: &Tensor) -> Tensor {
        let action_embeddings = self.unscaled_actions(actions);
        match &self.action_scaling {
            Some(scaling) => scaling.apply(&action_embeddings),
            None => action_embeddings,
        }
    }

    fn embed_states(&self, observations: &Tensor) -> Tensor {
        let state_embeddings = self.model.embed_states(&self.state_rows(observations));
        match &self.scaling {
            Some(scaling) => scaling.apply(&state_embeddings),
            None => state_embeddings,
        }
    }
}

impl Embedding for Jsae {
    fn kind(&self) -> &'static str {
        "jsae"
    }

    fn spaces(&self) -> &Spaces {
        &self.spaces
    }

    fn features(&self) -> Features {
        Features::Dense(self.config.state_dim)
    }

    fn latent(&self) -> Latent {
        Latent::Continuous(self.config.action_dim)
    }

    fn uses_samples(&self) -> bool {
        true
    }

    fn encode(&self, observations: &Tensor) -> Tensor {
        match &self.state_table {
            Some(table) => table.index_select(0, &observations.view([-1]).to_kind(Kind::Int64)),
            None => self.embed_states(observations),
        }
    }

    fn action_table(&self) -> Option<Tensor> {
        let searched = self.decoder.is_none();
        self.action_table.as_ref().filter(|_| searched).map(Tensor::shallow_clone)
    }

    fn embed_actions(&self, actions: &Tensor) -> Tensor {
        match &self.action_table {
            Some(table) => table.index_select(0, &actions.view([-1]).to_kind(Kind::Int64)),
            None => self.scaled_actions(actions),
        }
    }

    fn decode(&self, latent_actions: &Tensor) -> Option<Tensor> {
        let decoder = self.decoder.as_ref()?;
        Some(match &self.action_scaling {
            Some(scaling) => decoder.decode(&scaling.undo(latent_actions)),
            None => decoder.decode(latent_actions),
        })
    }

    fn pretrain(
        &mut self,
        samples: &Transitions,
        config: &PretrainConfig,
        rng: &mut ChaCha8Rng,
        progress: &mut dyn FnMut(&Pass),
    ) -> Result<Report, Error> {
        let schedule =
            Schedule { passes: config.passes, patience: config.patience, batch_size: self.config.batch_size };
        let held_out = config.held_out;
        let frozen = self.frozen.take();
        if let Some(parts) = frozen {
            self.model.freeze(parts);
        }
        let occasion = Occasion::Pretraining { held_out, frozen };
        let report = self.train(samples, (schedule, occasion), rng, progress);
        if frozen.is_some() {
            self.model.free();
        }
        report
    }

    fn update(
        &mut self,
        samples: &Transitions,
        passes: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Report, Error> {
        let schedule = Schedule { passes, patience: passes, batch_size: self.config.batch_size };
        self.train(samples, (schedule, Occasion::Update), rng, &mut |_| ())
    }

    fn unscaled_states(&self, observations: &Tensor) -> Option<Tensor> {
        Some(self.model.embed_states(&self.state_rows(observations)))
    }

    fn unscaled_actions(&self, actions: &Tensor) -> Tensor {
        self.model.embed_actions(&self.model.action.rows(actions))
    }

    fn judge(&self, samples: &Transitions) -> Result<Option<Judgement>, Error> {
        self.judge_transitions(samples).map(Some)
    }

    fn tensors(&self) -> Vec<(String, Tensor)> {
        let mut tensors = self.fixed_tensors();
        tensors.extend(self.scaling.iter().flat_map(Scaling::tensors));
        tensors
    }

    fn load_tensors(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error> {
        let states = self.scaling.as_ref().map(|scaling| scaling.saved(tensors)).transpose()?;
        copy_all(self.fixed_tensors(), tensors)?;
        if let (Some(scaling), Some(states)) = (&mut self.scaling, states) {
            scaling.load(states);
        }
        self.frozen = None;
        self.refresh();
        Ok(())
    }
}

impl Jsae {
    /// The saved tensors whose shapes follow from the configuration.
    fn fixed_tensors(&self) -> Vec<(String, Tensor)> {
        let mut tensors = self.model.parameters.tensors("embedding");
        tensors.extend(self.model.shown.iter().flat_map(Shown::tensors));
        tensors.extend(self.decoder.iter().flat_map(|decoder| decoder.parameters.tensors("decoder")));
        tensors.extend(self.standardization.iter().flat_map(Standardization::tensors));
        tensors
    }
}
