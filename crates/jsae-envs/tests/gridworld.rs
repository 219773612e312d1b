//! The gridworld's reference figures and the clauses of its definition.

use jsae_envs::gridworld::{
    Action, Collision, Config, Gridworld, Layout, Observation, Rect, best_return, bin, bin_center,
};
use jsae_envs::{Env, EnvError, Start};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Returns of uniform random episodes: mean, its standard error, share that reached the goal.
fn random_policy(config: &Config, n_episodes: u32) -> (f64, f64, f64) {
    let mut env = config.build().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut observation, mut action) = (vec![0.0; 1], vec![0.0; 1]);
    let (mut sum, mut squares, mut goals) = (0.0, 0.0, 0.0);
    for _ in 0..n_episodes {
        env.reset(Start::Fixed, &mut observation).unwrap();
        let mut episode = 0.0;
        let end = loop {
            env.action_space().sample(&mut rng, &mut action);
            let step = env.step(&action, &mut observation).unwrap();
            episode += step.reward;
            if step.ended() {
                break step;
            }
        };
        sum += episode;
        squares += episode * episode;
        goals += f64::from(end.terminated);
    }
    let n = f64::from(n_episodes);
    let mean = sum / n;
    (mean, ((squares / n - mean * mean) / n).sqrt(), goals / n)
}

/// Holds the random policy to (actuators, mean return, share that reaches the goal), means good to
/// 0.01 and shares to three decimals.
fn expect_random_policy(collision: Collision, reference: [(usize, f64, f64); 3]) {
    const N: u32 = 20_000;
    for (n_actuators, mean, share) in reference {
        let config = Config { n_actuators, collision, ..Config::default() };
        let (found, error, found_share) = random_policy(&config, N);
        let tolerance = 4.0 * error.hypot(0.01);
        assert!((found - mean).abs() < tolerance, "{n_actuators}: {found} ± {error}, expected {mean}");
        let share_error = (share * (1.0 - share) / f64::from(N)).sqrt();
        assert!(
            (found_share - share).abs() < 4.0 * share_error + 0.0005,
            "{n_actuators}: goal in {found_share}, expected {share}"
        );
    }
}

#[test]
fn random_policy_has_the_reference_returns() {
    let reference = [(5, -3.304, 0.056), (9, -3.079, 0.013), (11, -2.972, 0.010)];
    expect_random_policy(Collision::Segment, reference);
}

#[test]
fn random_policy_jumps_the_wall_with_endpoint_collision() {
    let reference = [(5, -2.616, 0.280), (9, -2.726, 0.152), (11, -2.736, 0.109)];
    expect_random_policy(Collision::Endpoint, reference);
}

/// The steps of a way from the start into the goal, and its return, as the environment itself
/// makes them.
fn replay(config: &Config, motions: &[[f64; 2]]) -> f64 {
    let world = Gridworld::new(config).unwrap();
    let (mut position, mut total) = (world.position(), 0.0);
    for (i, &motion) in motions.iter().enumerate() {
        let outcome = world.dynamics().advance(position, motion);
        assert_eq!(outcome.in_goal, i + 1 == motions.len());
        position = outcome.position;
        total += outcome.reward;
    }
    total
}

#[test]
fn best_return_is_seven_steps_for_nine_actuators() {
    let config = Config::default();
    let best = best_return(&config, 200).unwrap();
    assert_eq!(best.motions.len(), 7);
    assert!((best.value - 0.93).abs() < 1e-12, "{best:?}");
    assert!((replay(&config, &best.motions) - best.value).abs() < 1e-12);
}

#[test]
fn best_return_through_the_wall_takes_five_or_four_steps() {
    for (n_actuators, n_steps) in [(5, 5), (9, 4), (11, 4)] {
        let config = Config { n_actuators, collision: Collision::Endpoint, ..Config::default() };
        let best = best_return(&config, 200).unwrap();
        assert_eq!(best.motions.len(), n_steps);
        assert!((replay(&config, &best.motions) - (1.0 - 0.01 * n_steps as f64)).abs() < 1e-12);
    }
}

/// The harder layout of the two, on the bins' edges like the paper's.
fn harder() -> Layout {
    Layout {
        start: [0.25, 0.1],
        walls: vec![Rect([0.0, 0.25, 0.5, 0.3]), Rect([0.5, 0.25, 0.55, 0.8])],
        goal: Rect([0.25, 0.45, 0.3, 0.5]),
    }
}

#[test]
fn best_return_with_snap_agrees_with_backing_values_up() {
    let snapped = |n_actuators| Config { snap: true, n_actuators, ..Config::default() };
    for config in [
        snapped(5),
        snapped(9),
        Config { collision: Collision::Endpoint, ..snapped(9) },
        Config { layout: harder(), n_substeps: 5, substep: 0.04, ..snapped(9) },
        Config { step_penalty: 0.2, time_limit: 12, ..snapped(6) },
    ] {
        let best = best_return(&config, 1).unwrap();
        let exact = config.reference_returns(&mut |_| true).unwrap().unwrap();
        assert!((best.value - exact.optimal).abs() < 1e-9, "{best:?} {exact:?}");
        assert!((replay(&config, &best.motions) - best.value).abs() < 1e-9);
        assert!(exact.random < exact.optimal);
    }
}

#[test]
fn random_policy_gets_its_exact_return_by_playing() {
    let config = Config { snap: true, n_actuators: 5, time_limit: 60, ..Config::default() };
    let exact = config.reference_returns(&mut |_| true).unwrap().unwrap().random;
    let (mean, error, _) = random_policy(&config, 20_000);
    assert!((mean - exact).abs() < 4.0 * error, "{mean} ± {error}, exactly {exact}");
}

#[test]
fn what_cannot_be_solved_exactly_is_refused_by_its_key() {
    let snapped = Config { snap: true, ..Config::default() };
    for (config, key) in [
        (Config::default(), "snap is false, expected true "),
        (Config { noise: 0.1, ..snapped.clone() }, "noise is 0.1, expected 0 "),
        (Config { action: Action::Box2, ..snapped.clone() }, "action is \"box2\", expected \"actuators\" "),
    ] {
        let error = config.reference_returns(&mut |_| true).unwrap_err().to_string();
        assert!(error.starts_with(key), "{error}");
    }
    assert_eq!(snapped.reference_returns(&mut |_| false), Ok(None));
}

#[test]
fn standing_still_is_best_where_the_goal_is_walled_in() {
    let walls = vec![Rect([0.0, 0.5, 1.0, 0.55])];
    let config = Config { layout: Layout { walls, ..Layout::default() }, ..Config::default() };
    let best = best_return(&config, 50).unwrap();
    assert_eq!((best.value, best.motions.len()), (-1.5, 0));
}

/// A world with the given walls, a point at `start` and `box2` actions.
fn world(start: [f64; 2], walls: Vec<Rect>, collision: Collision) -> Gridworld {
    let layout = Layout { start, walls, goal: Rect([0.8, 0.4, 0.9, 0.6]) };
    let config = Config {
        layout,
        collision,
        action: Action::Box2,
        observation: Observation::Continuous,
        ..Config::default()
    };
    Gridworld::new(&config).unwrap()
}

#[test]
fn blocked_sub_step_is_not_made_and_ends_the_step() {
    let wall = Rect([0.2, 0.0, 0.25, 1.0]);
    let mut env = world([0.1, 0.5], vec![wall], Collision::Segment);
    let mut observation = [0.0; 2];
    let step = env.step(&[1.0, 0.0], &mut observation).unwrap();
    assert!((step.reward + 0.06).abs() < 1e-15);
    // Two sub-steps of 0.045 fit before the wall at 0.2.
    assert!((observation[0] - 0.19).abs() < 1e-12 && observation[1] == 0.5, "{observation:?}");
}

#[test]
fn thin_wall_is_jumped_only_with_endpoint_collision() {
    let wall = Rect([0.12, 0.0, 0.14, 1.0]);
    let step = |collision| {
        let mut observation = [0.0; 2];
        let mut env = world([0.1, 0.5], vec![wall], collision);
        let step = env.step(&[1.0, 0.0], &mut observation).unwrap();
        (step.reward, observation[0])
    };
    assert_eq!(step(Collision::Segment), (-0.060000000000000005, 0.1));
    let (reward, x) = step(Collision::Endpoint);
    assert!(reward == -0.01 && (x - 0.28).abs() < 1e-12);
}

#[test]
fn goal_entered_on_the_way_pays_and_stops_there() {
    let mut env = world([0.72, 0.5], Vec::new(), Collision::Segment);
    let mut observation = [0.0; 2];
    let step = env.step(&[1.0, 0.0], &mut observation).unwrap();
    assert!(step.terminated && !step.truncated);
    assert!((step.reward - 0.99).abs() < 1e-15);
    assert!((observation[0] - 0.81).abs() < 1e-12, "two sub-steps, not four: {observation:?}");
}

#[test]
fn leaving_the_square_is_blocked_and_its_edge_is_not() {
    let mut env = world([0.955, 0.1], Vec::new(), Collision::Segment);
    let mut observation = [0.0; 2];
    let step = env.step(&[1.0, 0.0], &mut observation).unwrap();
    assert!((step.reward + 0.06).abs() < 1e-15);
    assert!((observation[0] - 1.0).abs() < 1e-12, "{observation:?}");
}

#[test]
fn box_motion_is_bounded_and_no_longer_than_one() {
    let env = world([0.5, 0.1], Vec::new(), Collision::Segment);
    assert_eq!(env.motion(&[7.0, 0.0]), Some([1.0, 0.0]));
    assert_eq!(env.motion(&[0.3, -0.4]), Some([0.3, -0.4]));
    let [x, y] = env.motion(&[-9.0, 9.0]).unwrap();
    assert!((x.hypot(y) - 1.0).abs() < 1e-15 && x == -y);
}

#[test]
fn time_limit_truncates_at_step_150_and_resets_with_the_episode() {
    let mut env = Config::default().build().unwrap();
    let mut observation = [0.0];
    for _ in 0..2 {
        env.reset(Start::Fixed, &mut observation).unwrap();
        let steps: Vec<_> = (0..150).map(|_| env.step(&[0.0], &mut observation).unwrap()).collect();
        assert!(steps[..149].iter().all(|step| !step.ended()));
        assert!(steps[149].truncated && !steps[149].terminated);
    }
}

#[test]
fn discrete_observation_is_40_x_plus_y() {
    let mut env = Config::default().build().unwrap();
    let mut observation = [0.0];
    env.reset(Start::Fixed, &mut observation).unwrap();
    assert_eq!(observation, [40.0 * 12.0 + 4.0]);
    assert_eq!(bin([1.0, 1.0]), 1599);
    assert_eq!(bin_center(484), [0.3125, 0.1125]);
}

#[test]
fn snap_leaves_the_point_in_the_middle_of_a_bin() {
    let config = Config { snap: true, observation: Observation::Continuous, ..Config::default() };
    let mut env = config.build().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut observation = [0.0; 2];
    env.reset(Start::Uniform, &mut observation).unwrap();
    for _ in 0..140 {
        assert_eq!(bin_center(bin(observation)), observation);
        env.step(&[f64::from(rng.random_range(0..512_u16))], &mut observation).unwrap();
    }
}

#[test]
fn uniform_starts_are_free_and_cover_the_square() {
    let config = Config { observation: Observation::Continuous, ..Config::default() };
    let world = Gridworld::new(&config).unwrap();
    let mut env = config.build().unwrap();
    let mut observation = [0.0; 2];
    let mut quadrants = [0; 4];
    for _ in 0..4000 {
        env.reset(Start::Uniform, &mut observation).unwrap();
        assert!(world.dynamics().is_free(observation));
        quadrants[usize::from(observation[0] > 0.5) * 2 + usize::from(observation[1] > 0.5)] += 1;
    }
    assert!(quadrants.iter().all(|&n| n > 850), "{quadrants:?}");
}

#[test]
fn noise_has_the_standard_deviation_asked_for() {
    let layout = Layout { start: [0.5, 0.5], walls: Vec::new(), ..Layout::default() };
    let config = Config {
        noise: 0.01,
        n_substeps: 1,
        observation: Observation::Continuous,
        layout,
        ..Config::default()
    };
    let mut env = config.build().unwrap();
    let mut observation = [0.0; 2];
    let mut squares = 0.0;
    for _ in 0..10_000 {
        env.reset(Start::Fixed, &mut observation).unwrap();
        env.step(&[0.0], &mut observation).unwrap();
        squares += (observation[0] - 0.5).powi(2) + (observation[1] - 0.5).powi(2);
    }
    let deviation = (squares / 20_000.0_f64).sqrt();
    assert!((deviation - 0.01).abs() < 0.0003, "{deviation}");
}

#[test]
fn every_wrong_value_is_reported_with_its_key() {
    let config = Config {
        n_actuators: 17,
        substep: 0.0,
        n_substeps: 0,
        noise: f64::NAN,
        step_penalty: -1.0,
        time_limit: 0,
        layout: Layout { start: [0.3, 0.39], goal: Rect([0.2, 0.6, 0.1, 0.7]), ..Layout::default() },
        ..Config::default()
    };
    let keys: Vec<_> = config.validate().into_iter().map(|problem| problem.key).collect();
    let expected = [
        "n_actuators",
        "substep",
        "n_substeps",
        "noise",
        "step_penalty",
        "time_limit",
        "layout.goal",
        "layout.start",
    ];
    assert_eq!(keys, expected);
    let error = Gridworld::new(&config).unwrap_err();
    assert_eq!(error.to_string(), "n_actuators is 17, expected a whole number from 1 to 16");
    assert!(matches!(error, EnvError::Config(_)));
}

#[test]
fn snap_wants_walls_on_the_edges_of_bins() {
    let layout = Layout { walls: vec![Rect([0.0, 0.37, 0.5, 0.4])], ..Layout::default() };
    let config = Config { snap: true, layout, ..Config::default() };
    let problems = config.validate();
    assert_eq!(problems.len(), 1);
    assert_eq!(
        problems[0].to_string(),
        "layout.walls is [0.0, 0.37, 0.5, 0.4], expected edges on multiples of 1/40 where snap is true"
    );
}
