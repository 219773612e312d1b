//! Several environments at once.

use jsae_envs::{Env, EnvError, Start, VecEnv, VecEnvError, VecStep, gridworld, identity};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const N: usize = 7;

fn gridworlds(threads: usize) -> VecEnv {
    let config = gridworld::Config {
        observation: gridworld::Observation::Continuous,
        noise: 0.005,
        time_limit: 40,
        ..Default::default()
    };
    VecEnv::new((0..N).map(|_| config.build().unwrap()).collect(), threads).unwrap()
}

fn walk(envs: &mut VecEnv, out: &mut VecStep, rng: &mut ChaCha8Rng, n_steps: usize) -> Vec<VecStep> {
    let mut actions = vec![0.0; envs.n_envs() * envs.action_space().len()];
    (0..n_steps)
        .map(|_| {
            for action in actions.chunks_mut(envs.action_space().len()) {
                envs.action_space().sample(rng, action);
            }
            envs.step(&actions, out).unwrap();
            out.clone()
        })
        .collect()
}

fn begin(envs: &mut VecEnv, seed: u64) -> VecStep {
    let mut out = VecStep::new(envs);
    envs.seed(seed);
    envs.reset(Start::Uniform, &mut out.observations).unwrap();
    out
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let walks: Vec<_> = [1, 2, 3, 20]
        .into_iter()
        .map(|threads| {
            let mut envs = gridworlds(threads);
            let mut out = begin(&mut envs, 5);
            walk(&mut envs, &mut out, &mut ChaCha8Rng::seed_from_u64(6), 300)
        })
        .collect();
    assert!(walks.iter().all(|walk| *walk == walks[0]));
    assert!(walks[0].iter().any(|step| step.truncated.contains(&true)));
}

#[test]
fn every_environment_has_a_stream_of_its_own() {
    let config = gridworld::Config { observation: gridworld::Observation::Continuous, ..Default::default() };
    let mut envs = VecEnv::new((0..N).map(|_| config.build().unwrap()).collect(), 1).unwrap();
    let start = |envs: &mut VecEnv, seed| begin(envs, seed).observations;
    let starts = start(&mut envs, 5);
    for i in 0..N {
        for j in 0..i {
            assert_ne!(starts[2 * i..][..2], starts[2 * j..][..2], "{i} and {j}");
        }
    }
    assert_eq!(start(&mut envs, 5), starts);
    assert_ne!(start(&mut envs, 6), starts);
}

#[test]
fn ended_episode_keeps_its_last_observation_and_begins_anew() {
    let config = identity::Config { time_limit: 3, ..Default::default() };
    let mut alone = config.build().unwrap();
    let mut envs = VecEnv::new(vec![config.build().unwrap()], 1).unwrap();
    let mut out = VecStep::new(&envs);
    envs.seed(9);
    envs.reset(Start::Fixed, &mut out.observations).unwrap();
    let mut observation = [0.0];
    alone.seed(ChaCha8Rng::seed_from_u64(9).next_u64());
    alone.reset(Start::Fixed, &mut observation).unwrap();
    assert_eq!(out.observations, observation);
    for i in 0..30 {
        let step = alone.step(&[0.0], &mut observation).unwrap();
        envs.step(&[0.0], &mut out).unwrap();
        assert_eq!(out.rewards, [step.reward]);
        assert_eq!(out.truncated, [i % 3 == 2]);
        if step.ended() {
            assert_eq!(out.final_observations, observation);
            alone.reset(Start::Fixed, &mut observation).unwrap();
        }
        assert_eq!(out.observations, observation);
    }
}

#[test]
fn saved_state_continues_bit_for_bit_and_keeps_the_start() {
    let mut envs = gridworlds(1);
    let mut out = begin(&mut envs, 5);
    walk(&mut envs, &mut out, &mut ChaCha8Rng::seed_from_u64(1), 25);
    let (state, at) = (envs.save_state(), out.clone());
    let straight_on = walk(&mut envs, &mut out, &mut ChaCha8Rng::seed_from_u64(2), 200);
    let mut fresh = gridworlds(2);
    fresh.load_state(&state).unwrap();
    let mut out = at;
    assert_eq!(walk(&mut fresh, &mut out, &mut ChaCha8Rng::seed_from_u64(2), 200), straight_on);
}

#[test]
fn state_of_another_number_of_environments_is_refused() {
    let state = gridworlds(1).save_state();
    let config = gridworld::Config::default();
    let mut one = VecEnv::new(vec![config.build().unwrap()], 1).unwrap();
    let error = one.load_state(&state).unwrap_err();
    assert_eq!(
        error.to_string(),
        "saved state does not fit several environments: it holds 7 environments, expected 1"
    );
    assert!(matches!(one.load_state(&[1]), Err(VecEnvError::State(EnvError::State { .. }))));
}

#[test]
fn error_names_the_lowest_environment_that_failed() {
    for threads in [1, 2, 5] {
        let mut envs = gridworlds(threads);
        let mut out = begin(&mut envs, 5);
        let error = envs.step(&[0.0, 1.0, 2.0, -1.0, 3.0, 512.0, 0.5], &mut out).unwrap_err();
        assert!(matches!(error, VecEnvError::Env { index: 3, .. }));
        assert_eq!(
            error.to_string(),
            "environment 3: action [-1.0] is outside the action space, expected one whole number from 0 to 511"
        );
    }
}

#[test]
fn environments_must_be_alike_and_at_least_one() {
    assert_eq!(VecEnv::new(Vec::new(), 1).err(), Some(VecEnvError::Empty));
    let different: Vec<Box<dyn Env>> =
        vec![gridworld::Config::default().build().unwrap(), identity::Config::default().build().unwrap()];
    assert_eq!(VecEnv::new(different, 1).err(), Some(VecEnvError::Spaces { index: 1 }));
}

#[test]
fn buffers_of_another_length_are_refused() {
    let mut envs = gridworlds(1);
    let mut out = begin(&mut envs, 5);
    out.rewards.pop();
    let error = envs.step(&[0.0; N], &mut out).unwrap_err();
    assert_eq!(error.to_string(), "rewards has length 6, expected 7");
    assert_eq!(envs.step(&[0.0; 3], &mut out).unwrap_err().to_string(), "actions has length 3, expected 7");
    assert!(envs.reset(Start::Fixed, &mut [0.0]).is_err());
}
