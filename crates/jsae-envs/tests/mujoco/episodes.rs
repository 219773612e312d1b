//! Statistics of resets and of whole episodes.

use jsae_envs::mujoco::{Ant, HalfCheetah, ant, half_cheetah};
use jsae_envs::{Env, Start};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Return and length of an episode.
fn episode(env: &mut dyn Env, mut act: impl FnMut(&mut [f64])) -> (f64, usize) {
    let mut observation = vec![0.0; env.observation_space().len()];
    let mut action = vec![0.0; env.action_space().len()];
    env.reset(Start::Fixed, &mut observation).expect("an episode begins");
    let (mut total, mut steps) = (0.0, 0);
    loop {
        act(&mut action);
        let step = env.step(&action, &mut observation).expect("a sound step");
        (total, steps) = (total + step.reward, steps + 1);
        if step.ended() {
            return (total, steps);
        }
    }
}

fn random(rng: &mut ChaCha8Rng) -> impl FnMut(&mut [f64]) {
    |action| action.fill_with(|| rng.random_range(-1.0..1.0))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Mean, standard deviation and kurtosis (1.8 of a uniform, 3 of a normal distribution).
fn moments(values: &[f64]) -> (f64, f64, f64) {
    let center = mean(values);
    let power = |p| mean(&values.iter().map(|x| (x - center).powi(p)).collect::<Vec<_>>());
    (center, power(2).sqrt(), power(4) / power(2).powi(2))
}

fn assert_uniform(noise: &[f64]) {
    let (center, deviation, kurtosis) = moments(noise);
    assert!(noise.iter().all(|x| x.abs() <= 0.1));
    assert!(center.abs() < 2e-3 && (deviation - 0.2 / 12_f64.sqrt()).abs() < 1e-3, "{center} {deviation}");
    assert!((kurtosis - 1.8).abs() < 0.05, "{kurtosis}");
}

fn assert_normal(noise: &[f64]) {
    let (center, deviation, kurtosis) = moments(noise);
    assert!(center.abs() < 3e-3 && (deviation - 0.1).abs() < 2e-3, "{center} {deviation}");
    assert!((kurtosis - 3.0).abs() < 0.2, "{kurtosis}");
}

#[test]
fn ant_starts_uniform_in_position_and_normal_in_velocity() {
    let mut env = Ant::new(&ant::Config::default()).expect("a sound configuration");
    let (mut positions, mut velocities, mut observation) = (Vec::new(), Vec::new(), vec![0.0; 111]);
    env.seed(1);
    for _ in 0..1500 {
        env.reset(Start::Fixed, &mut observation).expect("an episode begins");
        let (qpos, qvel) = (env.qpos(), env.qvel());
        positions.extend([qpos[0], qpos[1], qpos[2] - 0.75]);
        positions.extend(&qpos[7..]);
        velocities.extend(qvel);
        let norm = qpos[3..7].iter().map(|q| q * q).sum::<f64>();
        assert!((norm - 1.0).abs() < 1e-14, "the quaternion is normalized: {norm}");
        assert!(qpos[4..7].iter().any(|q| q.abs() > 1e-4), "the orientation is noisy");
        assert_eq!((&observation[..13], &observation[13..27]), (&qpos[2..], qvel));
        assert!(observation[27..].iter().all(|&force| force == 0.0));
    }
    assert_uniform(&positions);
    assert_normal(&velocities);
}

#[test]
fn half_cheetah_starts_uniform_in_position_and_normal_in_velocity() {
    let mut env = HalfCheetah::new(&half_cheetah::Config::default()).expect("a sound configuration");
    let (mut positions, mut velocities, mut observation) = (Vec::new(), Vec::new(), vec![0.0; 17]);
    env.seed(1);
    for _ in 0..1500 {
        env.reset(Start::Fixed, &mut observation).expect("an episode begins");
        positions.extend(env.qpos());
        velocities.extend(env.qvel());
        assert_eq!((&observation[..8], &observation[8..]), (&env.qpos()[1..], env.qvel()));
    }
    assert_uniform(&positions);
    assert_normal(&velocities);
}

#[test]
fn standing_still_earns_950_to_1000_in_ant() {
    let mut env = ant::Config::default().build().expect("a sound configuration");
    env.seed(5);
    let (total, steps) = episode(env.as_mut(), |action| action.fill(0.0));
    assert_eq!(steps, 1000);
    assert!((950.0..1000.0).contains(&total), "{total}");
}

#[test]
fn random_ant_falls_after_190_steps_in_the_mean() {
    let mut env = ant::Config::default().build().expect("a sound configuration");
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    env.seed(3);
    let lengths: Vec<f64> = (0..60).map(|_| episode(env.as_mut(), random(&mut rng)).1 as f64).collect();
    let (length, deviation, _) = moments(&lengths);
    let error = deviation / (lengths.len() as f64).sqrt();
    assert!((length - 189.0).abs() < 3.0 * error && error < 35.0, "{length} ± {error}");
}

#[test]
fn random_half_cheetah_earns_minus_65_in_the_mean() {
    let mut env = half_cheetah::Config::default().build().expect("a sound configuration");
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    env.seed(3);
    let returns: Vec<f64> = (0..60).map(|_| episode(env.as_mut(), random(&mut rng)).0).collect();
    let (earned, deviation, _) = moments(&returns);
    assert!((earned + 65.0).abs() < 25.0 && (30.0..60.0).contains(&deviation), "{earned} ± {deviation}");
}

#[test]
fn time_limits_truncate_and_do_not_terminate() {
    let cheetah = half_cheetah::Config::default().build().expect("a sound configuration");
    let ant = ant::Config::default().build().expect("a sound configuration");
    for (mut env, limit) in [(cheetah, 250), (ant, 1000)] {
        let (mut observation, action) =
            (vec![0.0; env.observation_space().len()], vec![0.0; env.action_space().len()]);
        env.reset(Start::Fixed, &mut observation).expect("an episode begins");
        for t in 1..=limit {
            let step = env.step(&action, &mut observation).expect("a sound step");
            assert_eq!((step.terminated, step.truncated), (false, t == limit), "step {t}");
        }
    }
}
