//! The slot machine's reference figures and the clauses of its definition.

use jsae_envs::Start;
use jsae_envs::slot_machine::{Config, N_ACTIONS, Observation, SlotMachine};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

#[test]
fn optimum_is_exactly_480() {
    let machine = SlotMachine::new(&Config::default()).unwrap();
    assert_eq!(machine.optimum(20), 480.0);
    assert_eq!(machine.optimum(1), 24.0);
}

#[test]
fn reference_returns_are_those_of_both_policies() {
    for config in [Config::default(), Config { seed: Some(7), first_fraction: 1, ..Config::default() }] {
        let machine = SlotMachine::new(&config).unwrap();
        let mut shares = Vec::new();
        let reference = config.reference_returns(&mut |share| {
            shares.push(share);
            true
        });
        let reference = reference.unwrap().unwrap();
        assert_eq!((reference.optimal, reference.random), (machine.optimum(20), machine.random_value(20)));
        assert!(shares.is_sorted() && shares.last() == Some(&1.0), "{shares:?}");
    }
    assert_eq!(Config::default().reference_returns(&mut |_| false), Ok(None));
}

#[test]
fn best_pointers_show_four_sixes_worth_24() {
    let machine = SlotMachine::new(&Config::default()).unwrap();
    assert_eq!(machine.reward([2, 2, 1, 4]), 24);
    assert_eq!(machine.reward([2, 2, 1, 0]), 18, "three sixes pay, the five does not");
    assert_eq!(machine.reward([2, 2, 0, 0]), 0);
}

#[test]
fn random_policy_gets_13_33_exactly_and_by_playing() {
    let config = Config::default();
    let exact = SlotMachine::new(&config).unwrap().random_value(20);
    assert!((exact - 13.33).abs() < 0.005, "{exact}");

    let mut env = config.build().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut observation, mut action) = ([0.0; 4], [0.0]);
    let (mut sum, mut squares) = (0.0, 0.0);
    let n = 20_000;
    for _ in 0..n {
        env.reset(Start::Fixed, &mut observation).unwrap();
        let mut episode = 0.0;
        loop {
            env.action_space().sample(&mut rng, &mut action);
            let step = env.step(&action, &mut observation).unwrap();
            episode += step.reward;
            if step.truncated {
                break;
            }
        }
        sum += episode;
        squares += episode * episode;
    }
    let mean = sum / f64::from(n);
    let error = ((squares / f64::from(n) - mean * mean) / f64::from(n)).sqrt();
    assert!((mean - exact).abs() < 4.0 * error, "{mean} ± {error}, exactly {exact}");
}

#[test]
fn actions_have_625_effects() {
    for first_fraction in [0, 1] {
        let machine = SlotMachine::new(&Config { first_fraction, ..Config::default() }).unwrap();
        let effects = machine.effects();
        assert_eq!(effects.len(), 625);
        assert_eq!(effects.iter().map(|(_, n)| n).sum::<usize>(), N_ACTIONS);
    }
}

#[test]
fn digits_spin_by_the_floor_of_tenths() {
    let shifts = |first_fraction| {
        let machine = SlotMachine::new(&Config { first_fraction, ..Config::default() }).unwrap();
        (0..8).map(|digit| machine.effect(digit)[3]).collect::<Vec<_>>()
    };
    assert_eq!(shifts(0), [0, 0, 1, 1, 2, 3, 3, 4]);
    assert_eq!(shifts(1), [0, 1, 1, 2, 3, 3, 4, 4]);
}

#[test]
fn first_reel_is_the_most_significant_digit() {
    let mut env = Config::default().build().unwrap();
    let mut observation = [0.0; 4];
    env.reset(Start::Fixed, &mut observation).unwrap();
    env.step(&[f64::from(7 * 512 + 4 * 64 + 2 * 8)], &mut observation).unwrap();
    assert_eq!(observation, [4.0, 2.0, 1.0, 0.0]);
    env.step(&[f64::from(7 * 512)], &mut observation).unwrap();
    assert_eq!(observation, [2.0, 2.0, 1.0, 0.0], "modulo 6");
}

#[test]
fn joint_observation_is_the_factored_one_in_base_six() {
    let mut factored = Config::default().build().unwrap();
    let mut joint = Config { observation: Observation::Joint, ..Config::default() }.build().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let (mut four, mut one, mut action) = ([0.0; 4], [0.0], [0.0]);
    for _ in 0..200 {
        factored.action_space().sample(&mut rng, &mut action);
        let step = factored.step(&action, &mut four).unwrap();
        assert_eq!(joint.step(&action, &mut one).unwrap(), step);
        assert_eq!(one[0], four.iter().fold(0.0, |index, pointer| 6.0 * index + pointer));
    }
}

#[test]
fn uniform_starts_reach_every_pointer() {
    let mut env = Config::default().build().unwrap();
    let mut seen = [[0; 6]; 4];
    let mut observation = [0.0; 4];
    for _ in 0..1200 {
        env.reset(Start::Uniform, &mut observation).unwrap();
        for (counts, pointer) in seen.iter_mut().zip(observation) {
            counts[pointer as usize] += 1;
        }
    }
    assert!(seen.as_flattened().iter().all(|&n| n > 140), "{seen:?}");
}

#[test]
fn seed_draws_other_reels_and_always_the_same() {
    let reels = |seed| *SlotMachine::new(&Config { seed: Some(seed), ..Config::default() }).unwrap().reels();
    assert_eq!(reels(1), reels(1));
    assert_ne!(reels(1), reels(2));
    assert!((0..50).all(|seed| reels(seed).as_flattened().iter().all(|&value| value < 8)));
}

#[test]
fn every_wrong_value_is_reported_with_its_key() {
    let mut config = Config { first_fraction: 2, seed: Some(1), time_limit: 0, ..Config::default() };
    config.reels[1][2] = 9;
    let keys: Vec<_> = config.validate().into_iter().map(|problem| problem.key).collect();
    assert_eq!(keys, ["reels", "seed", "first_fraction", "time_limit"]);
}
