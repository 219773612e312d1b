//! Environment stepping without tensors, and the same gridworld arithmetic in a bare loop.
//!
//! One iteration is 10,000 steps of uniform random actions drawn beforehand, episodes begun anew
//! as they end.

use divan::Bencher;
use divan::counter::ItemsCount;
use jsae_envs::gridworld::{Config, Dynamics, Observation, motions};
use jsae_envs::{Env, Start, VecEnv, VecStep, slot_machine};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const N_STEPS: usize = 10_000;

fn main() {
    divan::main();
}

fn actions(n_actions: u32) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    (0..N_STEPS).map(|_| f64::from(rng.random_range(0..n_actions))).collect()
}

/// What the comparison is against: positions and rewards and nothing else.
#[divan::bench]
fn gridworld_bare_loop(bencher: Bencher) {
    let config = Config::default();
    let dynamics = Dynamics::new(&config);
    let motions = motions(config.n_actuators);
    let actions: Vec<usize> = actions(512).into_iter().map(|action| action as usize).collect();
    bencher.counter(ItemsCount::new(N_STEPS)).bench_local(|| {
        let (mut position, mut n_steps, mut total) = (config.layout.start, 0, 0.0);
        for &action in &actions {
            let outcome = dynamics.advance(position, motions[action]);
            total += outcome.reward;
            n_steps += 1;
            position = outcome.position;
            if outcome.in_goal || n_steps == config.time_limit {
                (position, n_steps) = (config.layout.start, 0);
            }
        }
        (position, total)
    });
}

#[divan::bench(args = [Observation::Discrete, Observation::Continuous])]
fn gridworld(bencher: Bencher, observation: Observation) {
    step_alone(bencher, Config { observation, ..Config::default() }.build().unwrap(), 512);
}

#[divan::bench]
fn gridworld_with_noise(bencher: Bencher) {
    step_alone(bencher, Config { noise: 0.01, ..Config::default() }.build().unwrap(), 512);
}

#[divan::bench]
fn slot_machine(bencher: Bencher) {
    step_alone(bencher, slot_machine::Config::default().build().unwrap(), 4096);
}

fn step_alone(bencher: Bencher, mut env: Box<dyn Env>, n_actions: u32) {
    let actions = actions(n_actions);
    let mut observation = vec![0.0; env.observation_space().len()];
    env.reset(Start::Fixed, &mut observation).unwrap();
    bencher.counter(ItemsCount::new(N_STEPS)).bench_local(|| {
        let mut total = 0.0;
        for action in actions.chunks_exact(1) {
            let step = env.step(action, &mut observation).unwrap();
            total += step.reward;
            if step.ended() {
                env.reset(Start::Fixed, &mut observation).unwrap();
            }
        }
        total
    });
}

#[divan::bench(args = [1, 2])]
fn ten_gridworlds_together(bencher: Bencher, threads: usize) {
    let config = Config::default();
    let mut envs = VecEnv::new((0..10).map(|_| config.build().unwrap()).collect(), threads).unwrap();
    let mut out = VecStep::new(&envs);
    envs.reset(Start::Fixed, &mut out.observations).unwrap();
    let actions = actions(512);
    bencher.counter(ItemsCount::new(N_STEPS)).bench_local(|| {
        for actions in actions.chunks_exact(10) {
            envs.step(actions, &mut out).unwrap();
        }
    });
}
