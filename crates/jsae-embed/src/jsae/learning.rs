use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::jsae::{Jsae, Parts, Target};
use crate::training::{Examples, Outcome, Schedule, Split, mean_loss, train};
use crate::{Error, Judgement, Pass, Predicted, Report, Transitions};

/// Why an embedding learns.
#[derive(Clone, Copy, Debug)]
pub(super) enum Occasion {
    /// Before the policy does, with a share of the samples held out.
    Pretraining {
        held_out: f64,
        /// What came from elsewhere and stays as it is.
        frozen: Option<Parts>,
    },
    /// After an epoch of the policy's.
    Update,
}

impl Occasion {
    fn held_out(self) -> f64 {
        match self {
            Self::Pretraining { held_out, .. } => held_out,
            Self::Update => 0.0,
        }
    }

    /// Does f stay as it is? It is g's other half.
    fn freezes_decoder(self) -> bool {
        matches!(self, Self::Pretraining { frozen: Some(parts), .. } if parts.action_embedding)
    }
}

impl Jsae {
    /// Figures that are taken from samples once.
    fn take_samples(&mut self, observations: &Tensor, occasion: Occasion) -> Result<(), Error> {
        if let Some(scaling) = &mut self.scaling {
            scaling.keep_states(observations);
        }
        let Some(standardization) = &mut self.standardization else { return Ok(()) };
        standardization.fit(observations, matches!(occasion, Occasion::Pretraining { .. }));
        if self.model.prediction.leave_constants_out(standardization, self.device) == 0 {
            let problem = "never vary in any predicted dimension".to_owned();
            return Err(Error::Samples { what: "observations", problem });
        }
        Ok(())
    }

    pub(super) fn train(
        &mut self,
        samples: &Transitions,
        (schedule, occasion): (Schedule, Occasion),
        rng: &mut ChaCha8Rng,
        progress: &mut dyn FnMut(&Pass),
    ) -> Result<Report, Error> {
        samples.check(&self.spaces)?;
        let samples = samples.to_device(self.device);
        let n = samples.len();
        self.take_samples(&samples.observations, occasion)?;
        let mut examples = self.examples(&samples);
        let action_rows = examples.inputs[1].shallow_clone();
        if self.model.reads_rewards() {
            let problem = "are missing, and a reward head learns from them".to_owned();
            examples.inputs.push(samples.rewards.ok_or(Error::Samples { what: "rewards", problem })?);
        }
        let split = Split::random(n, occasion.held_out(), rng, self.device);
        let embedding = train(&mut self.model, &examples, &split, schedule, rng, progress)?;
        match occasion {
            Occasion::Pretraining { .. } => self.model.show(),
            Occasion::Update => self.model.show_when_due(),
        }
        let constant_loss = self.model.constant_loss(&examples.target.index_select(0, split.judged()));
        let decoder = if occasion.freezes_decoder() {
            None
        } else {
            self.train_decoder(samples.actions, &action_rows, &split, schedule, rng, progress)?
        };
        self.refresh();
        Ok(report(&embedding, constant_loss, decoder.as_ref()))
    }

    /// Samples as eq. 5 wants them.
    fn examples(&self, samples: &Transitions) -> Examples {
        let next = match &self.standardization {
            Some(standardization) => standardization.apply(&samples.next_observations),
            None if self.config.target == Target::Latent => self.model.state.rows(&samples.next_observations),
            None => samples.next_observations.shallow_clone(),
        };
        let action_rows = self.model.action.rows(&samples.actions);
        Examples {
            inputs: vec![self.state_rows(&samples.observations), action_rows],
            target: self.model.prediction.target(&next),
        }
    }

    /// Eq. 5 on other samples.
    pub(super) fn judge_transitions(&self, samples: &Transitions) -> Result<Judgement, Error> {
        samples.check(&self.spaces)?;
        let examples = self.examples(&samples.to_device(self.device));
        let predicted = match self.config.target {
            Target::Latent => Predicted::NextStateEmbedding,
            Target::Observation => Predicted::NextState,
        };
        Ok(Judgement {
            predicted,
            loss: mean_loss(&examples, |examples| self.model.prediction_loss(examples)),
            constant_loss: self.model.constant_loss(&examples.target),
        })
    }

    /// Eq. 6 on what g has become: passes of their own after those of eq. 5, as the paper trains in two steps.
    pub(super) fn train_decoder(
        &mut self,
        actions: Tensor,
        action_rows: &Tensor,
        split: &Split,
        schedule: Schedule,
        rng: &mut ChaCha8Rng,
        progress: &mut dyn FnMut(&Pass),
    ) -> Result<Option<Outcome>, Error> {
        let Some(decoder) = &mut self.decoder else { return Ok(None) };
        let examples = Examples { inputs: vec![self.model.embed_actions(action_rows)], target: actions };
        train(decoder, &examples, split, schedule, rng, progress).map(Some)
    }
}

fn report(embedding: &Outcome, constant_loss: f64, decoder: Option<&Outcome>) -> Report {
    let decoder_kept = decoder.and_then(|outcome| outcome.kept);
    Report {
        decoder_passes: decoder.map_or(0, |outcome| outcome.passes),
        decoder_loss: decoder_kept.map(|pass| pass.train_loss),
        decoder_held_out_loss: decoder_kept.and_then(|pass| pass.held_out_loss),
        ..embedding.report(constant_loss)
    }
}
