#[cfg(test)]
mod tests;

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

use crate::parameters::{Parameters, Snapshot};
use crate::{Error, Pass, Phase, Report};

/// Rows held out at once when a loss is only evaluated: the logits of this many stay in the caches.
const EVALUATION_ROWS: i64 = 512;

/// Samples as a loss wants them: `[n, ..]` each.
#[derive(Debug)]
pub(crate) struct Examples {
    pub(crate) inputs: Vec<Tensor>,
    pub(crate) target: Tensor,
}

impl Examples {
    /// The rows at these positions, `[k]`.
    fn select(&self, positions: &Tensor) -> Self {
        Self {
            inputs: self.inputs.iter().map(|input| input.index_select(0, positions)).collect(),
            target: self.target.index_select(0, positions),
        }
    }
}

/// Positions of the samples to train on, `[k]`, and of those held out.
#[derive(Debug)]
pub(crate) struct Split {
    pub(crate) train: Tensor,
    pub(crate) held_out: Option<Tensor>,
}

impl Split {
    /// `n` samples in random order, a share of them held out.
    pub(crate) fn random(n: usize, held_out: f64, rng: &mut ChaCha8Rng, device: Device) -> Self {
        let held = ((n as f64 * held_out).round() as usize).min(n - 1);
        let order = permutation(n, rng).to_device(device);
        let train = order.narrow(0, held as i64, (n - held) as i64);
        Self { train, held_out: (held > 0).then(|| order.narrow(0, 0, held as i64)) }
    }

    /// The positions that a loss is judged on: those held out, or all.
    pub(crate) fn judged(&self) -> &Tensor {
        self.held_out.as_ref().unwrap_or(&self.train)
    }
}

/// A model with a loss.
pub(crate) trait Learner {
    /// Which loss, in reports and in errors.
    const PHASE: Phase;

    /// Mean loss of these examples, a scalar.
    fn loss(&self, examples: &Examples) -> Tensor;

    /// Writes the gradient of the loss into the parameters and returns the loss.
    fn differentiate(&self, examples: &Examples) -> f64;

    /// One step against the written gradient.
    fn step(&mut self);

    fn parameters(&mut self) -> &mut Parameters;
}

/// How long to train, and on how much at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    pub(crate) passes: usize,
    /// Passes without a better held-out loss before stopping.
    pub(crate) patience: usize,
    pub(crate) batch_size: usize,
}

/// What training came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) passes: usize,
    /// The pass whose weights were kept.
    pub(crate) kept: Option<Pass>,
}

impl Outcome {
    /// For a model without a decoder.
    pub(crate) fn report(&self, constant_loss: f64) -> Report {
        Report {
            passes: self.passes,
            best_pass: self.kept.map_or(0, |pass| pass.pass),
            train_loss: self.kept.map(|pass| pass.train_loss),
            held_out_loss: self.kept.and_then(|pass| pass.held_out_loss),
            constant_loss: Some(constant_loss),
            ..Report::default()
        }
    }
}

/// Passes over the samples to train on in random order, one step per batch; where some are held
/// out, stops early and keeps the best pass's weights and optimiser state.
pub(crate) fn train<L: Learner>(
    learner: &mut L,
    examples: &Examples,
    split: &Split,
    schedule: Schedule,
    rng: &mut ChaCha8Rng,
    progress: &mut dyn FnMut(&Pass),
) -> Result<Outcome, Error> {
    let mut best: Option<(Pass, Snapshot)> = None;
    let mut last = None;
    for number in 1..=schedule.passes {
        let train_loss = one_pass(learner, examples, &split.train, schedule.batch_size, number, rng)?;
        let held_out_loss = split
            .held_out
            .as_ref()
            .map(|held_out| evaluate(learner, examples, held_out, number))
            .transpose()?;
        let pass = Pass { phase: L::PHASE, pass: number, passes: schedule.passes, train_loss, held_out_loss };
        progress(&pass);
        last = Some(pass);
        if held_out_loss.is_some() && best.as_ref().is_none_or(|(best, _)| held_out_loss < best.held_out_loss)
        {
            best = Some((pass, learner.parameters().snapshot()));
        }
        if best.as_ref().is_some_and(|(best, _)| number - best.pass >= schedule.patience) {
            break;
        }
    }
    let passes = last.map_or(0, |pass: Pass| pass.pass);
    let Some((best, snapshot)) = best else { return Ok(Outcome { passes, kept: last }) };
    learner.parameters().restore(&snapshot);
    Ok(Outcome { passes, kept: Some(best) })
}

fn one_pass<L: Learner>(
    learner: &mut L,
    examples: &Examples,
    positions: &Tensor,
    batch_size: usize,
    pass: usize,
    rng: &mut ChaCha8Rng,
) -> Result<f64, Error> {
    let n = positions.numel();
    let order = positions.index_select(0, &permutation(n, rng).to_device(positions.device()));
    let mut sum = 0.0;
    for batch in order.split(batch_size as i64, 0) {
        let loss = learner.differentiate(&examples.select(&batch));
        sum += finite::<L>(loss, pass)? * batch.numel() as f64;
        learner.step();
    }
    Ok(sum / n as f64)
}

/// Mean loss of the examples at `positions`, without gradients.
fn evaluate<L: Learner>(
    learner: &L,
    examples: &Examples,
    positions: &Tensor,
    pass: usize,
) -> Result<f64, Error> {
    let _guard = tch::no_grad_guard();
    let mut sum = 0.0;
    for batch in positions.split(EVALUATION_ROWS, 0) {
        let loss = learner.loss(&examples.select(&batch)).double_value(&[]);
        sum += finite::<L>(loss, pass)? * batch.numel() as f64;
    }
    Ok(sum / positions.numel() as f64)
}

/// Mean over all examples of what `loss` gives for some, without gradients.
pub(crate) fn mean_loss(examples: &Examples, loss: impl Fn(&Examples) -> Tensor) -> f64 {
    let _guard = tch::no_grad_guard();
    let n = examples.target.size()[0];
    let positions = Tensor::arange(n, (Kind::Int64, examples.target.device()));
    let of_batch = |batch: &Tensor| loss(&examples.select(batch)).double_value(&[]) * batch.numel() as f64;
    positions.split(EVALUATION_ROWS, 0).iter().map(of_batch).sum::<f64>() / n as f64
}

fn finite<L: Learner>(value: f64, pass: usize) -> Result<f64, Error> {
    let loss = match L::PHASE {
        Phase::Embedding => "the embedding's loss",
        Phase::Decoder => "the decoder's loss",
    };
    if value.is_finite() { Ok(value) } else { Err(Error::NonFinite { loss, value, pass }) }
}

fn permutation(n: usize, rng: &mut ChaCha8Rng) -> Tensor {
    let mut order: Vec<i64> = (0..n as i64).collect();
    order.shuffle(rng);
    Tensor::from_slice(&order)
}
