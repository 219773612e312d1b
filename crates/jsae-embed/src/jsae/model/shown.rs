use tch::{Device, Kind, Tensor};

use crate::parameters::{Parameters, Twin};

/// The copy of φ and g that policy and mapping see between two renewals.
#[derive(Debug)]
pub(crate) struct Shown {
    twin: Twin,
    interval: usize,
    /// Updates since the last renewal, `[1]`: a tensor so that one rule saves and loads all of the state.
    updates: Tensor,
}

impl Shown {
    pub(super) fn new(parameters: &Parameters, interval: usize) -> Self {
        Self { twin: parameters.twin(), interval, updates: Tensor::zeros([1], (Kind::Int64, Device::Cpu)) }
    }

    pub(super) fn leaves(&self) -> &[Tensor] {
        self.twin.leaves()
    }

    pub(super) fn renew(&mut self, parameters: &Parameters) {
        self.twin.renew(parameters);
        let _ = self.updates.zero_();
    }

    /// Counts an update and renews after the last of an interval.
    pub(super) fn count(&mut self, parameters: &Parameters) {
        self.updates += 1;
        if self.updates.int64_value(&[0]) >= self.interval as i64 {
            self.renew(parameters);
        }
    }

    pub(crate) fn tensors(&self) -> Vec<(String, Tensor)> {
        vec![
            ("shown.parameters".to_owned(), self.twin.tensor()),
            ("shown.updates".to_owned(), self.updates.shallow_clone()),
        ]
    }
}
