use rand::SeedableRng;

use super::*;

fn rounding(base: Option<usize>, n_actions: usize) -> Rounding {
    let spaces = Spaces::new(Space::Discrete(5), Space::Discrete(n_actions));
    Rounding::new(&Config { base, ..Config::default() }, &spaces, Device::Cpu).unwrap()
}

fn row(rounding: &Rounding, action: f32) -> Vec<f32> {
    Vec::try_from(rounding.embed_actions(&Tensor::from_slice(&[action]).view([1, 1])).view([-1])).unwrap()
}

#[test]
fn without_a_base_actions_are_evenly_spaced_on_a_line() {
    let rounding = rounding(None, 5);
    assert_eq!(rounding.latent(), Latent::Continuous(1));
    let line: Vec<f32> = Vec::try_from(rounding.action_table().unwrap().view([-1])).unwrap();
    assert_eq!(line, [-1.0, -0.5, 0.0, 0.5, 1.0]);
}

#[test]
fn each_digit_has_a_line_of_its_own_the_most_significant_first() {
    let rounding = rounding(Some(3), 27);
    assert_eq!(rounding.latent(), Latent::Continuous(3));
    // 11 is 102 in base 3, 26 is 222.
    assert_eq!(row(&rounding, 11.0), [0.0, -1.0, 1.0]);
    assert_eq!(row(&rounding, 26.0), [1.0, 1.0, 1.0]);
    assert_eq!(self::rounding(Some(2), 512).latent(), Latent::Continuous(9));
    assert_eq!(self::rounding(Some(2), 513).latent(), Latent::Continuous(10));
}

#[test]
fn states_pass_through_and_nothing_is_learnt() {
    let mut rounding = rounding(Some(2), 4);
    assert_eq!(rounding.features(), Features::Indices(vec![5]));
    assert!(!rounding.uses_samples() && rounding.tensors().is_empty());
    let rows = |values: &[f32]| Tensor::from_slice(values).view([-1, 1]);
    let samples = Transitions {
        observations: rows(&[1.0, 2.0]),
        actions: rows(&[3.0, 0.0]),
        next_observations: rows(&[4.0, 4.0]),
        rewards: None,
    };
    let before = rounding.action_table().unwrap().copy();
    rounding.update(&samples, 3, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();
    assert!(rounding.action_table().unwrap().equal(&before));
    assert!(rounding.encode(&samples.observations).equal(&samples.observations));
}

#[test]
fn only_a_finite_set_of_actions_can_be_rounded_to() {
    let spaces = Spaces::new(Space::Discrete(5), Space::uniform_box(2, -1.0, 1.0));
    let error = Rounding::new(&Config::default(), &spaces, Device::Cpu).unwrap_err().to_string();
    assert!(
        error
            .ends_with("cannot use the action space Box of 2 dimensions, expected one index of at least two"),
        "{error}"
    );
}
