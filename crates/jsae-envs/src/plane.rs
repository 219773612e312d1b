/// States and actions that lie in a plane: what a picture of their embeddings takes its colours from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plane {
    /// Observations of states that can be met, `[n_states][obs_len]`.
    pub observations: Vec<Vec<f64>>,
    /// Where each of them lies in the unit square, `[n_states, 2]`.
    pub positions: Vec<[f64; 2]>,
    /// By how much each action moves, `[n_actions, 2]`; empty where actions are not finitely many.
    pub displacements: Vec<[f64; 2]>,
}
