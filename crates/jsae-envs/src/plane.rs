/// States and actions that lie in a plane: what a picture of their embeddings takes its colours from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plane {
    /// Observations of states that can be met, `[n_states][obs_len]`.
    pub observations: Vec<Vec<f64>>,
    /// Where each of them lies in the unit square, `[n_states, 2]`.
    pub positions: Vec<[f64; 2]>,
    /// By how much each action moves, `[n_actions, 2]`; empty where actions are not finitely many.
    pub displacements: Vec<[f64; 2]>,
    /// Rectangles that nothing passes, `[left, bottom, right, top]`, `[n_walls, 4]`.
    pub walls: Vec<[f64; 4]>,
    /// Where an episode begins and the rectangle where it ends well, where there are such.
    pub start_and_goal: Option<([f64; 2], [f64; 4])>,
}
