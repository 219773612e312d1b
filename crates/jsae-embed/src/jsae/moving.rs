use crate::Error;
use crate::jsae::{Config, Jsae};
use crate::spaces::describe;

/// Parts of an embedding that another one can begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// φ, with what its inputs and outputs are scaled by.
    pub state_embedding: bool,
    /// g, with its decoder.
    pub action_embedding: bool,
    /// T.
    pub transition: bool,
}

impl Parts {
    /// All that is not in `self`.
    #[must_use]
    pub fn others(self) -> Self {
        Self {
            state_embedding: !self.state_embedding,
            action_embedding: !self.action_embedding,
            transition: !self.transition,
        }
    }
}

impl Jsae {
    /// Begins with `parts` of `source` in place of its own: between tasks that differ in their states
    /// or in their actions alone (the paper, section 5.4).
    ///
    /// With `freeze`, the first [`pretrain`](crate::Embedding::pretrain) leaves them as they are and
    /// trains the others: were all free, the axes of both embedding spaces would turn, and a moved
    /// policy would mean nothing. After it all is free.
    ///
    /// # Errors
    /// [`Error::Moved`] for a space or a key that decides a moved part and differs; then nothing has changed.
    pub fn take(&mut self, source: &Self, parts: Parts, freeze: bool) -> Result<(), Error> {
        self.check_spaces(source, parts)?;
        self.check_sizes(source, parts)?;
        self.model.copy_parts(&source.model, parts);
        if let (true, Some(decoder), Some(source)) =
            (parts.action_embedding, &mut self.decoder, &source.decoder)
        {
            decoder.copy_from(source);
        }
        self.take_figures(source, parts);
        self.frozen = freeze.then_some(parts);
        self.refresh();
        Ok(())
    }

    fn check_spaces(&self, source: &Self, parts: Parts) -> Result<(), Error> {
        let (ours, theirs) = (&self.spaces, &source.spaces);
        if (parts.state_embedding || parts.transition) && ours.observation != theirs.observation {
            let (found, expected) = (describe(&ours.observation), describe(&theirs.observation));
            return Err(Error::Moved { what: "the observation space", found, expected });
        }
        if parts.action_embedding && ours.action != theirs.action {
            let (found, expected) = (describe(&ours.action), describe(&theirs.action));
            return Err(Error::Moved { what: "the action space", found, expected });
        }
        let predicted = |of: &Self| format!("{:?}", of.spaces.predicted);
        let same = !parts.transition || predicted(self) == predicted(source);
        require(same, "the list of predicted variables", predicted(self), predicted(source))
    }

    fn check_sizes(&self, source: &Self, parts: Parts) -> Result<(), Error> {
        let Parts { state_embedding, action_embedding, transition } = parts;
        let has_head = self.decoder.is_some() || self.config.reconstruction_weight.is_some();
        let keys: [(bool, &'static str, Value); 12] = [
            (state_embedding || transition, "state_dim", |config| config.state_dim.to_string()),
            (action_embedding || transition, "action_dim", |config| config.action_dim.to_string()),
            (state_embedding || action_embedding, "hidden", |config| format!("{:?}", config.hidden)),
            (action_embedding, "decoder", |config| format!("{:?}", config.decoder)),
            (action_embedding && has_head, "decoder_hidden", |config| config.decoder_hidden.to_string()),
            (action_embedding, "reconstruction_weight", |config| optional(config.reconstruction_weight)),
            (transition, "transition_hidden", |config| format!("{:?}", config.transition_hidden)),
            (transition, "target", |config| format!("{:?}", config.target)),
            (transition, "reward_weight", |config| optional(config.reward_weight)),
            (state_embedding, "state_embedding_scale", |config| optional(config.state_embedding_scale)),
            (action_embedding, "action_embedding_scale", |config| optional(config.action_embedding_scale)),
            (state_embedding || transition, "standardize_observations", |config| {
                config.standardize_observations.to_string()
            }),
        ];
        if transition && !action_embedding {
            // T fixes the axes of E; figures of other actions would shift and stretch it for a moved policy.
            let scales = [
                ("action_embedding_scale", self.config.action_embedding_scale),
                ("action_embedding_scale there", source.config.action_embedding_scale),
            ];
            for (what, scale) in scales {
                require(scale.is_none(), what, optional(scale), "absent where g is learnt anew".to_owned())?;
            }
        }
        keys.into_iter().try_for_each(|(decides, key, value)| {
            let (found, expected) = (value(&self.config), value(&source.config));
            require(!decides || found == expected, key, found, expected)
        })
    }

    /// What observations are standardised by moves with φ and T, of which it is input and target; what
    /// the policy's features are scaled by moves with φ.
    fn take_figures(&mut self, source: &Self, parts: Parts) {
        if (parts.state_embedding || parts.transition)
            && let (Some(standardization), Some(source)) =
                (&mut self.standardization, &source.standardization)
        {
            standardization.copy_from(source);
        }
        if parts.state_embedding
            && let (Some(scaling), Some(source)) = (&mut self.scaling, &source.scaling)
        {
            scaling.copy_from(source);
        }
    }
}

/// What a key holds, in words.
type Value = fn(&Config) -> String;

fn require(holds: bool, what: &'static str, found: String, expected: String) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::Moved { what, found, expected }) }
}

fn optional(value: Option<f64>) -> String {
    value.map_or("absent".to_owned(), |value| value.to_string())
}
