use tch::{Device, Kind, Tensor};

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// Adam (Kingma and Ba 2015) over one flat parameter tensor, its state open to checkpoints.
#[derive(Debug)]
pub(crate) struct Adam {
    learning_rate: f64,
    weight_decay: f64,
    first_moment: Tensor,
    second_moment: Tensor,
    /// Steps made, `[1]`: a tensor so that one rule saves and loads all of the state.
    steps: Tensor,
}

/// Everything of an [`Adam`] that changes.
#[derive(Debug)]
pub(crate) struct AdamState {
    first_moment: Tensor,
    second_moment: Tensor,
    steps: Tensor,
}

impl Adam {
    pub(crate) fn new(len: i64, learning_rate: f64, weight_decay: f64, device: Device) -> Self {
        let zeros = || Tensor::zeros([len], (Kind::Float, device));
        let steps = Tensor::zeros([1], (Kind::Int64, Device::Cpu));
        Self { learning_rate, weight_decay, first_moment: zeros(), second_moment: zeros(), steps }
    }

    /// Begins a step: [`Adam::step_part`] then makes it, part by part.
    pub(crate) fn begin_step(&mut self) {
        self.steps += 1;
    }

    /// The step on the `gradient.numel()` parameters that begin at `start`. `gradient` is used up.
    pub(crate) fn step_part(&mut self, parameters: &Tensor, start: i64, mut gradient: Tensor) {
        let steps = self.steps.int64_value(&[0]) as i32;
        let len = gradient.numel() as i64;
        let mut parameters = parameters.narrow(0, start, len);
        let mut first_moment = self.first_moment.narrow(0, start, len);
        let mut second_moment = self.second_moment.narrow(0, start, len);
        if self.weight_decay > 0.0 {
            gradient += &parameters * self.weight_decay;
        }
        let _ = first_moment.lerp_(&gradient, 1.0 - BETA_1);
        let _ = second_moment.lerp_(&gradient.square_(), 1.0 - BETA_2);
        let mut denominator = second_moment.sqrt();
        denominator /= (1.0 - BETA_2.powi(steps)).sqrt();
        denominator += EPSILON;
        let step = &first_moment * (-self.learning_rate / (1.0 - BETA_1.powi(steps)));
        let _ = parameters.addcdiv_(&step, &denominator);
    }

    /// Forgets every step.
    pub(crate) fn reset(&mut self) {
        let _ = self.first_moment.zero_();
        let _ = self.second_moment.zero_();
        let _ = self.steps.zero_();
    }

    pub(crate) fn state(&self) -> AdamState {
        AdamState {
            first_moment: self.first_moment.copy(),
            second_moment: self.second_moment.copy(),
            steps: self.steps.copy(),
        }
    }

    pub(crate) fn restore(&mut self, state: &AdamState) {
        self.first_moment.copy_(&state.first_moment);
        self.second_moment.copy_(&state.second_moment);
        self.steps.copy_(&state.steps);
    }

    pub(crate) fn tensors(&self, prefix: &str) -> Vec<(String, Tensor)> {
        vec![
            (format!("{prefix}.adam.m"), self.first_moment.shallow_clone()),
            (format!("{prefix}.adam.v"), self.second_moment.shallow_clone()),
            (format!("{prefix}.adam.steps"), self.steps.shallow_clone()),
        ]
    }
}
