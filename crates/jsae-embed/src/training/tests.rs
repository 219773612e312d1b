use rand::SeedableRng;
use tch::Kind;

use super::*;

/// One parameter that every training step lowers by 0.01; the held-out loss is least at −0.032.
struct Downhill(Parameters);

impl Learner for Downhill {
    const PHASE: Phase = Phase::Embedding;

    fn loss(&self, examples: &Examples) -> Tensor {
        let parameter = &self.0.leaves()[0];
        let held_out = examples.target.double_value(&[0]) > 0.0;
        if held_out { (parameter + 0.032).square().sum(Kind::Float) } else { parameter.sum(Kind::Float) }
    }

    fn differentiate(&self, examples: &Examples) -> f64 {
        let loss = self.loss(examples);
        self.0.differentiate(&loss, &[self.0.all()]);
        loss.double_value(&[])
    }

    fn step(&mut self) {
        self.0.step(&[self.0.all()]);
    }

    fn parameters(&mut self) -> &mut Parameters {
        &mut self.0
    }
}

fn run(held_out: bool, patience: usize) -> (Outcome, f64, Vec<usize>) {
    let zero = Tensor::zeros([1], (Kind::Float, Device::Cpu));
    let mut learner = Downhill(Parameters::new(&[zero], 0.01, 0.0, Device::Cpu));
    let examples = Examples { inputs: vec![], target: Tensor::from_slice(&[0.0_f32, 1.0]) };
    let split = Split {
        train: Tensor::from_slice(&[0_i64]),
        held_out: held_out.then(|| Tensor::from_slice(&[1_i64])),
    };
    let schedule = Schedule { passes: 20, patience, batch_size: 8 };
    let mut seen = Vec::new();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let outcome =
        train(&mut learner, &examples, &split, schedule, &mut rng, &mut |pass| seen.push(pass.pass)).unwrap();
    (outcome, learner.0.leaves()[0].double_value(&[0]), seen)
}

#[test]
fn the_weights_of_the_best_held_out_pass_are_restored() {
    let (outcome, parameter, seen) = run(true, 5);
    assert_eq!(outcome.kept.unwrap().pass, 3);
    assert_eq!(outcome.passes, 8);
    assert_eq!(seen, (1..=8).collect::<Vec<_>>());
    assert!((parameter + 0.03).abs() < 1e-6, "{parameter}");
}

#[test]
fn without_held_out_samples_every_pass_is_made_and_the_last_is_kept() {
    let (outcome, parameter, _) = run(false, 5);
    assert_eq!(outcome.passes, 20);
    assert_eq!(outcome.kept.unwrap().pass, 20);
    assert!((parameter + 0.2).abs() < 1e-5, "{parameter}");
}

#[test]
fn a_split_holds_every_sample_once() {
    let split = Split::random(50, 0.1, &mut ChaCha8Rng::seed_from_u64(3), Device::Cpu);
    let held_out = split.held_out.unwrap();
    assert_eq!((split.train.numel(), held_out.numel()), (45, 5));
    let mut all: Vec<i64> = Tensor::cat(&[split.train, held_out], 0).try_into().unwrap();
    all.sort_unstable();
    assert_eq!(all, (0..50).collect::<Vec<_>>());
}
