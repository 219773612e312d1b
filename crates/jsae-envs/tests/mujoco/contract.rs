//! The environments' contract: spaces, actions, states, threads, errors.

use std::path::Path;

use jsae_envs::mujoco::{Ant, HalfCheetah, ant, half_cheetah};
use jsae_envs::{Env, EnvError, Start, VecEnv, VecStep, check_env};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn robots() -> [Box<dyn Env>; 2] {
    let ant = ant::Config::default().build().expect("a sound configuration");
    [half_cheetah::Config::default().build().expect("a sound configuration"), ant]
}

fn begin(env: &mut dyn Env, seed: u64) -> Vec<f64> {
    let mut observation = vec![0.0; env.observation_space().len()];
    env.seed(seed);
    env.reset(Start::Fixed, &mut observation).expect("an episode begins");
    observation
}

/// Observations, rewards and flags of `n` steps with random actions, as bits.
fn walk(env: &mut dyn Env, n: usize, rng: &mut ChaCha8Rng) -> Vec<u64> {
    let mut observation = vec![0.0; env.observation_space().len()];
    let mut bits = Vec::new();
    for _ in 0..n {
        let action: Vec<f64> = env.action_space().noise(rng);
        let step = env.step(&action, &mut observation).expect("a sound step");
        bits.extend(observation.iter().map(|x| x.to_bits()));
        bits.extend([step.reward.to_bits(), u64::from(step.terminated), u64::from(step.truncated)]);
        if step.ended() {
            env.reset(Start::Fixed, &mut observation).expect("an episode begins");
        }
    }
    bits
}

/// Actions that also leave the box.
trait Noise {
    fn noise(&self, rng: &mut ChaCha8Rng) -> Vec<f64>;
}

impl Noise for jsae_envs::Space {
    fn noise(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        (0..self.len()).map(|_| rng.random_range(-1.5..1.5)).collect()
    }
}

#[test]
fn robots_keep_the_environment_contract() {
    for mut env in robots() {
        check_env(env.as_mut()).expect("the contract holds");
    }
    for contact_forces in [ant::ContactForces::Real, ant::ContactForces::Zero] {
        let config = ant::Config { contact_forces, observe_contact_forces: false, ..ant::Config::default() };
        check_env(config.build().expect("a sound configuration").as_mut()).expect("the contract holds");
    }
}

#[test]
fn spaces_have_the_documented_sizes() {
    let sizes = robots().map(|env| (env.observation_space().len(), env.action_space().len()));
    assert_eq!(sizes, [(17, 6), (111, 8)]);
    let short = ant::Config { observe_contact_forces: false, ..ant::Config::default() };
    assert_eq!(short.build().expect("a sound configuration").observation_space().len(), 27);
}

#[test]
fn equal_seeds_give_equal_episodes_and_others_do_not() {
    for mut env in robots() {
        let mut run = |seed| {
            begin(env.as_mut(), seed);
            walk(env.as_mut(), 30, &mut ChaCha8Rng::seed_from_u64(9))
        };
        let first = run(1);
        assert_eq!(first, run(1));
        assert_ne!(first, run(2));
    }
}

#[test]
fn motors_clamp_and_the_control_cost_does_not() {
    let mut observations = [vec![0.0; 111], vec![0.0; 111]];
    let costs = [1.0, 2.0].map(|size: f64| {
        let mut env = Ant::new(&ant::Config::default()).expect("a sound configuration");
        let observation = &mut observations[(size as usize) - 1];
        env.seed(4);
        env.reset(Start::Fixed, observation).expect("an episode begins");
        for _ in 0..20 {
            env.step(&[size; 8], observation).expect("a sound step");
        }
        env.reward_terms().control_cost
    });
    assert_eq!(costs, [0.5 * 8.0, 0.5 * 4.0 * 8.0]);
    assert_eq!(observations[0], observations[1]);
}

#[test]
fn saved_states_continue_bit_for_bit_in_another_environment() {
    for (mut env, mut other) in robots().into_iter().zip(robots()) {
        begin(env.as_mut(), 11);
        begin(other.as_mut(), 12);
        walk(env.as_mut(), 57, &mut ChaCha8Rng::seed_from_u64(1));
        walk(other.as_mut(), 20, &mut ChaCha8Rng::seed_from_u64(2));
        let saved = env.save_state();
        let actions = ChaCha8Rng::seed_from_u64(3);
        let went_on = walk(env.as_mut(), 300, &mut actions.clone());
        other.load_state(&saved).expect("a sound state");
        assert_eq!(other.save_state(), saved);
        assert!(walk(other.as_mut(), 300, &mut actions.clone()) == went_on);
    }
}

#[test]
fn states_of_the_other_robot_are_refused() {
    let [mut cheetah, ant] = robots();
    let error = cheetah.load_state(&ant.save_state()).expect_err("another robot's state");
    assert!(matches!(error, EnvError::State { env: "half_cheetah", .. }), "{error}");
    let mut observation = vec![0.0; 17];
    let mut cheetah = HalfCheetah::new(&half_cheetah::Config::default()).expect("a sound configuration");
    let error = cheetah.set_state(&[0.0; 8], &[0.0; 9], &mut observation).expect_err("a position is missing");
    assert!(matches!(error, EnvError::State { .. }), "{error}");
}

#[test]
fn several_threads_step_bit_for_bit_like_one() {
    for robot in 0..2 {
        let run = |threads| {
            let envs = (0..6).map(|_| robots().into_iter().nth(robot).expect("a robot")).collect();
            let mut envs = VecEnv::new(envs, threads).expect("equal environments");
            let mut out = VecStep::new(&envs);
            envs.seed(21);
            envs.reset(Start::Fixed, &mut out.observations).expect("episodes begin");
            let mut rng = ChaCha8Rng::seed_from_u64(8);
            let mut actions = vec![0.0; envs.n_envs() * envs.action_space().len()];
            let mut steps = Vec::new();
            for _ in 0..260 {
                actions.fill_with(|| rng.random_range(-1.0..1.0));
                envs.step(&actions, &mut out).expect("a sound step");
                steps.push(out.clone());
            }
            steps
        };
        let serial = run(1);
        assert!(serial == run(2) && serial == run(3));
        assert!(serial.iter().any(|step| step.terminated.iter().chain(&step.truncated).any(|&end| end)));
    }
}

#[test]
fn a_state_the_engine_restarts_from_is_an_error_that_names_the_step() {
    let mut env = Ant::new(&ant::Config::default()).expect("a sound configuration");
    let mut observation = vec![0.0; 111];
    env.reset(Start::Fixed, &mut observation).expect("an episode begins");
    env.step(&[0.0; 8], &mut observation).expect("a sound step");
    let (qpos, mut qvel) = (env.qpos().to_vec(), env.qvel().to_vec());
    qvel[0] = 1e12;
    let failed = env
        .set_state(&qpos, &qvel, &mut observation)
        .and_then(|()| env.step(&[0.0; 8], &mut observation).map(|_| ()))
        .expect_err("the engine gives up");
    let EnvError::Engine { env: name, problem, step } = failed else { panic!("{failed}") };
    assert_eq!((name, step), ("ant", 1));
    assert!(problem.contains("velocity"), "{problem}");
    env.reset(Start::Fixed, &mut observation).expect("a reset mends it");
    env.step(&[0.0; 8], &mut observation).expect("a sound step");
    for folder in [Path::new("."), Path::new(env!("CARGO_MANIFEST_DIR"))] {
        assert!(!folder.join("MUJOCO_LOG.TXT").exists(), "the engine left no log");
    }
}

#[test]
fn wrong_actions_and_starts_are_refused() {
    for mut env in robots() {
        let mut observation = begin(env.as_mut(), 0);
        let n = env.action_space().len();
        let last = |x| [vec![0.0; n - 1], vec![x]].concat();
        let wrong = [vec![0.0; n - 1], vec![0.0; n + 1], last(f64::NAN), last(f64::INFINITY)];
        for action in wrong {
            let error = env.step(&action, &mut observation).expect_err("no action");
            assert!(matches!(error, EnvError::Action { .. }), "{error}");
        }
        let error = env.reset(Start::Uniform, &mut observation).expect_err("no such start");
        assert!(matches!(error, EnvError::Start { .. }), "{error}");
    }
}

#[test]
fn a_time_limit_of_zero_is_refused_by_key() {
    let problems = ant::Config { time_limit: 0, ..ant::Config::default() }.validate();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].to_string(), "time_limit is 0, expected a whole number of at least 1");
    assert!(half_cheetah::Config { time_limit: 0 }.build().is_err());
}
