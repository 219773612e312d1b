//! The identity task and the bandit pay what their pages say.

use jsae_envs::{Start, bandit, identity};

#[test]
fn copying_the_observation_earns_one_a_step() {
    for space in [identity::Kind::Discrete, identity::Kind::Box] {
        let mut env = identity::Config { space, ..Default::default() }.build().unwrap();
        let mut observation = [0.0];
        env.reset(Start::Fixed, &mut observation).unwrap();
        for _ in 0..20 {
            let action = observation;
            assert_eq!(env.step(&action, &mut observation).unwrap().reward, 1.0);
        }
    }
}

#[test]
fn wrong_copy_earns_nothing_or_less_by_its_distance() {
    let mut env = identity::Config::default().build().unwrap();
    let mut observation = [0.0];
    env.reset(Start::Fixed, &mut observation).unwrap();
    let wrong = [(observation[0] + 1.0) % 5.0];
    assert_eq!(env.step(&wrong, &mut observation).unwrap().reward, 0.0);

    let mut env = identity::Config { space: identity::Kind::Box, ..Default::default() }.build().unwrap();
    env.reset(Start::Fixed, &mut observation).unwrap();
    let expected = 1.0 - (1.0 - observation[0]);
    assert_eq!(env.step(&[3.0], &mut observation).unwrap().reward, expected, "bounded to 1");
}

#[test]
fn arms_pay_their_means() {
    let config = bandit::Config { means: vec![-1.0, 0.5], noise: 0.2 };
    let mut env = config.build().unwrap();
    let mut observation = [f64::NAN];
    for (arm, mean) in config.means.iter().enumerate() {
        let n = 4000;
        let sum: f64 = (0..n)
            .map(|_| {
                env.reset(Start::Fixed, &mut observation).unwrap();
                let step = env.step(&[arm as f64], &mut observation).unwrap();
                assert!(step.terminated && observation == [0.0]);
                step.reward
            })
            .sum();
        assert!((sum / f64::from(n) - mean).abs() < 4.0 * 0.2 / f64::from(n).sqrt());
    }
}

#[test]
fn configurations_without_sense_are_refused() {
    assert_eq!(identity::Config { n: 0, time_limit: 0, ..Default::default() }.validate().len(), 2);
    assert_eq!(bandit::Config { means: vec![], noise: f64::NAN }.validate().len(), 2);
}
