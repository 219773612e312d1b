use serde::{Deserialize, Serialize};

/// Exact expected returns of an episode from the fixed start, against which an agent's are held.
///
/// An environment that can be solved computes them with its configuration's `reference_returns`. The
/// computation calls `proceed` time and again with the share that is done, 0 to 1, and gives
/// up (the result is then `None`) as soon as the answer is no.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferenceReturns {
    /// Of the uniform random policy.
    pub random: f64,
    /// Of the policy that is best for one step, where the environment has a use for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greedy: Option<f64>,
    /// Of the best policy.
    pub optimal: f64,
}

impl ReferenceReturns {
    /// Share of the way from the random policy (0) to the best one (1) at which `episode_return` lies; none
    /// where no policy is better than random.
    pub fn share(&self, episode_return: f64) -> Option<f64> {
        let way = self.optimal - self.random;
        (way > 0.0).then(|| (episode_return - self.random) / way)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_is_none_of_the_way_for_random_and_all_of_it_for_the_best() {
        let reference = ReferenceReturns { random: -3.0, greedy: None, optimal: 1.0 };
        assert_eq!([-3.0, 0.0, 1.0].map(|value| reference.share(value)), [Some(0.0), Some(0.75), Some(1.0)]);
        assert_eq!(ReferenceReturns { optimal: -3.0, ..reference }.share(-3.0), None);
    }
}
