use jsae_envs::Space;
use serde::{Deserialize, Serialize};

use crate::Error;

/// What an embedding knows of the task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spaces {
    /// Observations.
    pub observation: Space,
    /// Executed actions.
    pub action: Space,
    /// Variables of the next observation that the transition model predicts; `None` = all.
    ///
    /// A variable that copies an input (the recommender's last item) has nothing to predict.
    pub predicted: Option<Vec<usize>>,
}

impl Spaces {
    /// A task whose next observation is predicted whole.
    pub fn new(observation: Space, action: Space) -> Self {
        Self { observation, action, predicted: None }
    }

    /// The predicted variables of the next observation, checked.
    pub(crate) fn predicted_variables(&self, method: &'static str) -> Result<Vec<usize>, Error> {
        let len = self.observation.len();
        let variables = self.predicted.clone().unwrap_or_else(|| (0..len).collect());
        let ascending = variables.windows(2).all(|pair| pair[0] < pair[1]);
        if variables.is_empty() || !ascending || variables.iter().any(|&variable| variable >= len) {
            return Err(Error::Space {
                method,
                what: "the predicted variables",
                found: format!("{variables:?}"),
                expected: "ascending positions in the observation, at least one",
            });
        }
        Ok(variables)
    }
}

/// A space in a message.
pub(crate) fn describe(space: &Space) -> String {
    match space {
        Space::Discrete(n) => format!("Discrete({n})"),
        Space::MultiDiscrete(sizes) => format!("MultiDiscrete({sizes:?})"),
        Space::Box { low, .. } => format!("Box of {} dimensions", low.len()),
    }
}
