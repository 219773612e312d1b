//! The recommender against its definition written out densely, and against brute force.

use jsae_envs::recommender::{
    Config, Dynamics, Filters, FirstItems, Item, Model, PREDICTED_VARIABLES, Policy, Recommender,
};
use jsae_envs::{Env, Start, check_env};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A log of `n_users` walks over `n_items` items; the last item is never followed by anything.
fn walks(n_items: u32, n_users: usize, seed: u64) -> Vec<Vec<u32>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let walk = |rng: &mut ChaCha8Rng| {
        let mut items: Vec<u32> =
            (0..rng.random_range(2..9)).map(|_| rng.random_range(0..n_items - 1)).collect();
        // Some structure: an even item tends to be followed by the next one.
        for at in 1..items.len() {
            if items[at - 1].is_multiple_of(2) && rng.random::<bool>() {
                items[at] = (items[at - 1] + 1) % (n_items - 1);
            }
        }
        items.push(n_items - 1);
        items
    };
    let mut all: Vec<_> = (0..n_users).map(|_| walk(&mut rng)).collect();
    all.push((0..n_items).collect());
    all
}

fn items(n: u32) -> Vec<Item> {
    (0..n).map(|i| Item { id: format!("item {i}"), price: 1.0 + f64::from(i * i % 7) * 3.5 }).collect()
}

fn model(n_items: u32, n_users: usize, seed: u64) -> Model {
    Model::from_sequences(items(n_items), &walks(n_items, n_users, seed), Filters::default()).unwrap()
}

fn shares(counts: &[f64]) -> Option<Vec<f64>> {
    let sum: f64 = counts.iter().sum();
    (sum > 0.0).then(|| counts.iter().map(|count| count / sum).collect())
}

/// Counts of what follows in the sequences themselves: popularity, after `b`, after (`a`, `b`).
struct Dense<'a> {
    n: usize,
    log: &'a [Vec<u32>],
}

impl Dense<'_> {
    fn popularity(&self) -> Vec<f64> {
        self.count(0, &[]).expect("purchases")
    }

    /// Shares of what follows the items `before`.
    fn count(&self, n_before: usize, before: &[usize]) -> Option<Vec<f64>> {
        let mut counts = vec![0.0; self.n];
        for window in self.log.iter().flat_map(|sequence| sequence.windows(n_before + 1)) {
            if window[..n_before].iter().zip(before).all(|(&found, &item)| found as usize == item) {
                counts[window[n_before] as usize] += 1.0;
            }
        }
        shares(&counts)
    }

    /// Shani et al.: followers of all pairs, weighted by what the pairs share with (a, b).
    fn similar(&self, [a, b]: [usize; 2]) -> Option<Vec<f64>> {
        let mut counts = vec![0.0; self.n];
        for c in 0..self.n {
            for d in 0..self.n {
                let similarity = f64::from(u8::from(a == c)) * 2.0 + f64::from(u8::from(b == d)) * 3.0;
                if similarity > 0.0
                    && let Some(row) = self.count(2, &[c, d])
                {
                    counts.iter_mut().zip(row).for_each(|(count, p)| *count += similarity * p);
                }
            }
        }
        shares(&counts)
    }

    fn distribution(&self, [a, b]: [usize; 2], smoothing: f64, similarity: bool) -> Vec<f64> {
        let order0 = self.popularity();
        let order1 = self.count(1, &[b]).unwrap_or_else(|| order0.clone());
        let mut order2 = self.count(2, &[a, b]);
        if similarity && let Some(similar) = self.similar([a, b]) {
            order2 = Some(match order2 {
                Some(own) => own.iter().zip(&similar).map(|(x, y)| (x + y) / 2.0).collect(),
                None => similar,
            });
        }
        let order2 = order2.unwrap_or_else(|| order1.clone());
        (0..self.n)
            .map(|j| (1.0 - smoothing) * (order1[j] + order2[j]) / 2.0 + smoothing * order0[j])
            .collect()
    }
}

/// The probabilities after recommending `action`: α p + c, divided by the sum.
fn recommended(p: &[f64], action: usize, factor: f64, floor: f64) -> Vec<f64> {
    let mut q = p.to_vec();
    q[action] = factor * q[action] + floor;
    shares(&q).unwrap()
}

#[test]
fn probabilities_are_the_stated_mixture() {
    let log = walks(9, 12, 5);
    let model = Model::from_sequences(items(9), &log, Filters::default()).unwrap();
    let dense = Dense { n: 9, log: &log };
    for similarity in [false, true] {
        let dynamics = Dynamics::new(&model, 0.1, similarity);
        let mut found = vec![0.0; 9];
        let (mut n_unseen, mut n_never_followed) = (0, 0);
        for state in (0..81).map(|i| [i / 9, i % 9]) {
            let expected = dense.distribution(state, 0.1, similarity);
            dynamics.distribution(state, &mut found);
            for item in 0..9 {
                assert!((found[item] - expected[item]).abs() < 1e-14, "{state:?} {item} {similarity}");
                assert!((dynamics.probability(state, item) - expected[item]).abs() < 1e-14);
                assert!(found[item] > 0.0);
            }
            n_unseen += usize::from(model.pair_followers(state).next().is_none());
            n_never_followed += usize::from(model.followers(state[1]).next().is_none());
        }
        assert!(n_unseen > 15 && n_never_followed == 9, "{n_unseen} {n_never_followed}");
    }
}

#[test]
fn purchases_follow_the_dense_definition() {
    let (n, n_samples) = (30, 4_000);
    let log = walks(n, 60, 1);
    let model = Model::from_sequences(items(n), &log, Filters::default()).unwrap();
    let dense = Dense { n: n as usize, log: &log };
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for (factor, floor, similarity) in [(3.0, 0.0, false), (3.0, 0.05, true)] {
        let config =
            Config { recommend_factor: factor, recommend_floor: floor, similarity, ..Config::default() };
        let mut env = Recommender::with_model(&config, &model).unwrap();
        let (mut statistic, mut freedom) = (0.0, 0.0);
        for _ in 0..200 {
            let state: [usize; 2] = [(); 2].map(|()| rng.random_range(0..n as usize));
            let action = rng.random_range(0..n as usize);
            let p = dense.distribution(state, 0.1, similarity);
            let q = recommended(&p, action, factor, floor);
            if floor == 0.0 {
                assert!((q[action] - 3.0 * p[action] / (1.0 + 2.0 * p[action])).abs() < 1e-15);
            }
            let counts = sample(&mut env, state, action, n_samples, rng.random());
            let (x, df) = chi_square(&counts, &q);
            assert!(x < df + 6.0 * (2.0 * df).sqrt(), "{state:?} recommending {action}: {x} on {df}");
            (statistic, freedom) = (statistic + x, freedom + df);
        }
        let z = (statistic - freedom) / (2.0 * freedom).sqrt();
        assert!(z.abs() < 4.0, "{z} standard deviations over {freedom} degrees of freedom");
    }
}

/// How often each item is bought in `state`.
fn sample(env: &mut Recommender, state: [usize; 2], action: usize, n: u32, seed: u64) -> Vec<f64> {
    let mut counts = vec![0.0; env.prices().len()];
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut observation = [0.0; 2];
    for _ in 0..n {
        let start = postcard::to_stdvec(&(state, ChaCha8Rng::seed_from_u64(rng.random()))).unwrap();
        env.load_state(&start).unwrap();
        env.step(&[action as f64], &mut observation).unwrap();
        counts[observation[1] as usize] += 1.0;
    }
    counts
}

/// Pearson's statistic and its degrees of freedom; items expected fewer than 5 times make one bin.
fn chi_square(counts: &[f64], p: &[f64]) -> (f64, f64) {
    let n: f64 = counts.iter().sum();
    let (mut statistic, mut bins, mut rest) = (0.0, 0.0, (0.0, 0.0));
    for (&count, p) in counts.iter().zip(p) {
        if n * p < 5.0 {
            rest = (rest.0 + count, rest.1 + n * p);
        } else {
            statistic += (count - n * p).powi(2) / (n * p);
            bins += 1.0;
        }
    }
    if rest.1 > 0.0 {
        statistic += (rest.0 - rest.1).powi(2) / rest.1;
        bins += 1.0;
    }
    (statistic, bins - 1.0)
}

#[test]
fn observation_shifts_and_the_reward_is_the_price() {
    let model = model(12, 40, 3);
    let mut env = Recommender::with_model(&Config::default(), &model).unwrap();
    let (mut before, mut after) = ([0.0; 2], [0.0; 2]);
    env.reset(Start::Fixed, &mut before).unwrap();
    for action in 0..200 {
        let step = env.step(&[f64::from(action % 12)], &mut after).unwrap();
        assert_eq!(after[0], before[1], "only variable 1 is to be predicted");
        assert_eq!(step.reward, model.items()[after[1] as usize].price);
        assert!(!step.ended());
        before = after;
    }
    assert_eq!(PREDICTED_VARIABLES, [1]);
}

#[test]
fn stepping_allocates_nothing() {
    let mut env = Config::default().build_with(&model(12, 40, 3)).unwrap();
    let mut observation = [0.0; 2];
    let used = allocation_counter::measure(|| {
        env.reset(Start::Fixed, &mut observation).unwrap();
        for action in 0..100 {
            env.step(&[f64::from(action % 12)], &mut observation).unwrap();
        }
    });
    assert_eq!(used.count_total, 0);
}

#[test]
fn recommenders_keep_the_contract() {
    let model = model(7, 20, 4);
    for start in [FirstItems::Uniform, FirstItems::Empirical] {
        for similarity in [false, true] {
            let config = Config { start, similarity, time_limit: 5, ..Config::default() };
            check_env(config.build_with(&model).unwrap().as_mut()).unwrap();
        }
    }
}

#[test]
fn episodes_are_cut_after_the_time_limit() {
    let mut env = Config::default().build_with(&model(5, 9, 0)).unwrap();
    let mut observation = [0.0; 2];
    env.reset(Start::Fixed, &mut observation).unwrap();
    let ends: Vec<_> = (0..20).map(|_| env.step(&[0.0], &mut observation).unwrap().truncated).collect();
    assert_eq!(ends.iter().filter(|&&end| end).count(), 1);
    assert!(ends[19]);
}

#[test]
fn starts_are_uniform_or_as_in_the_log() {
    let n = 6;
    let log = walks(n, 30, 8);
    let model = Model::from_sequences(items(n), &log, Filters::default()).unwrap();
    let mut in_log = vec![0.0; 36];
    for pair in log.iter().flat_map(|sequence| sequence.windows(2)) {
        in_log[(pair[0] * n + pair[1]) as usize] += 1.0;
    }
    let in_log = shares(&in_log).unwrap();
    let uniform = vec![1.0 / 36.0; 36];
    for (start, kind, expected) in [
        (FirstItems::Uniform, Start::Fixed, &uniform),
        (FirstItems::Empirical, Start::Fixed, &in_log),
        (FirstItems::Empirical, Start::Uniform, &uniform),
    ] {
        let mut env = Recommender::with_model(&Config { start, ..Config::default() }, &model).unwrap();
        let (mut counts, mut observation) = (vec![0.0; 36], [0.0; 2]);
        for _ in 0..20_000 {
            env.reset(kind, &mut observation).unwrap();
            counts[observation[0] as usize * 6 + observation[1] as usize] += 1.0;
        }
        assert!(counts.iter().zip(expected).all(|(&count, &p)| p > 0.0 || count == 0.0));
        let (x, df) = chi_square(&counts, expected);
        assert!((x - df).abs() < 5.0 * (2.0 * df).sqrt(), "{start:?} {kind:?}: {x} on {df}");
    }
}

/// Value of a state with `left` steps to go, by trying everything.
fn brute_force(dense: &Dense<'_>, config: &Config, policy: Policy, state: [usize; 2], left: u32) -> f64 {
    if left == 0 {
        return 0.0;
    }
    let prices: Vec<f64> = items(dense.n as u32).into_iter().map(|item| item.price).collect();
    let p = dense.distribution(state, config.smoothing, config.similarity);
    let after: Vec<f64> =
        (0..dense.n).map(|j| brute_force(dense, config, policy, [state[1], j], left - 1)).collect();
    let expect = |action, of: &dyn Fn(usize) -> f64| -> f64 {
        let q = recommended(&p, action, config.recommend_factor, config.recommend_floor);
        q.iter().enumerate().map(|(j, q)| q * of(j)).sum()
    };
    let worth = |action| expect(action, &|j| prices[j] + after[j]);
    let actions = 0..dense.n;
    match policy {
        Policy::Random => actions.map(worth).sum::<f64>() / dense.n as f64,
        Policy::Optimal => actions.map(worth).fold(f64::NEG_INFINITY, f64::max),
        Policy::Greedy => {
            let prices: Vec<f64> = actions.map(|action| expect(action, &|j| prices[j])).collect();
            let best = prices.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            worth(prices.iter().position(|&price| price > best - 1e-12).unwrap())
        }
    }
}

#[test]
fn dynamic_programming_agrees_with_brute_force() {
    for (n, seed, recommend_floor, similarity) in
        [(3, 1, 0.0, false), (4, 2, 0.0, true), (4, 4, 0.2, false), (5, 3, 0.05, false)]
    {
        let log = walks(n, 3, seed);
        let model = Model::from_sequences(items(n), &log, Filters::default()).unwrap();
        let dense = Dense { n: n as usize, log: &log };
        let config = Config { recommend_floor, similarity, ..Config::default() };
        let env = Recommender::with_model(&config, &model).unwrap();
        let empirical = Config { start: FirstItems::Empirical, ..config.clone() };
        let empirical = Recommender::with_model(&empirical, &model).unwrap();
        for policy in [Policy::Random, Policy::Greedy, Policy::Optimal] {
            let values = env.values(policy, 3);
            let (mut mean, mut in_log) = (0.0, (0.0, 0.0));
            for state in (0..dense.n * dense.n).map(|i| [i / dense.n, i % dense.n]) {
                let expected = brute_force(&dense, &config, policy, state, 3);
                let found = values[state[1] * dense.n + state[0]];
                assert!((found - expected).abs() < 1e-11, "{policy:?} {n} {state:?}: {found} {expected}");
                mean += expected / (dense.n * dense.n) as f64;
                let pairs = log.iter().flat_map(|sequence| sequence.windows(2));
                let times = pairs.filter(|pair| [pair[0] as usize, pair[1] as usize] == state).count() as f64;
                in_log = (in_log.0 + times * expected, in_log.1 + times);
            }
            assert!((env.expected_return(policy, 3) - mean).abs() < 1e-11);
            assert!((empirical.expected_return(policy, 3) - in_log.0 / in_log.1).abs() < 1e-11);
        }
    }
}

#[test]
fn reference_returns_are_those_of_the_three_policies() {
    let env = Recommender::with_model(&Config::default(), &model(9, 30, 5)).unwrap();
    let mut calls = 0;
    let reference = env.reference_returns(20, &mut |share| {
        calls += 1;
        (0.0..=1.0).contains(&share)
    });
    let reference = reference.unwrap();
    assert_eq!(reference.random, env.expected_return(Policy::Random, 20));
    assert_eq!(reference.greedy, Some(env.expected_return(Policy::Greedy, 20)));
    assert_eq!(reference.optimal, env.expected_return(Policy::Optimal, 20));
    assert_eq!(calls, 20);
    assert_eq!(env.reference_returns(20, &mut |share| share < 0.5), None);
}

#[test]
fn built_together_they_are_what_they_are_alone() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("built_together.model");
    model(12, 40, 3).write(&folder).unwrap();
    let config = Config { model: folder, ..Config::default() };
    let play = |env: &mut Box<dyn Env>| {
        let mut observation = [0.0; 2];
        env.seed(5);
        env.reset(Start::Fixed, &mut observation).unwrap();
        let mut step = |action| env.step(&[f64::from(action)], &mut observation).unwrap();
        (0..12).map(|action| step(action).reward).collect::<Vec<f64>>()
    };
    let alone = play(&mut config.build().unwrap());
    let mut many = config.build_many(3).unwrap();
    assert_eq!(many.len(), 3);
    assert!(many.iter_mut().all(|env| play(env) == alone));
}

#[test]
fn random_policy_gets_its_exact_return_by_playing() {
    let model = model(20, 50, 6);
    let exact = Recommender::with_model(&Config::default(), &model).unwrap();
    let optimal = exact.expected_return(Policy::Optimal, 20);
    let greedy = exact.expected_return(Policy::Greedy, 20);
    let exact = exact.expected_return(Policy::Random, 20);
    assert!(exact < greedy && greedy <= optimal, "{exact} {greedy} {optimal}");
    let mut env = Config::default().build_with(&model).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut observation, mut action) = ([0.0; 2], [0.0]);
    let (mut sum, mut squares) = (0.0, 0.0);
    let n = 10_000;
    for _ in 0..n {
        env.reset(Start::Fixed, &mut observation).unwrap();
        let mut episode = 0.0;
        for _ in 0..20 {
            env.action_space().sample(&mut rng, &mut action);
            episode += env.step(&action, &mut observation).unwrap().reward;
        }
        (sum, squares) = (sum + episode, squares + episode * episode);
    }
    let mean = sum / f64::from(n);
    let error = ((squares / f64::from(n) - mean * mean) / f64::from(n)).sqrt();
    assert!((mean - exact).abs() < 4.0 * error, "{mean} ± {error}, exactly {exact}");
}

#[test]
fn every_wrong_value_is_reported_with_its_key() {
    let config = Config {
        model: "".into(),
        recommend_factor: 0.5,
        recommend_floor: -1.0,
        smoothing: 0.0,
        time_limit: 0,
        ..Config::default()
    };
    let keys: Vec<_> = config.validate().into_iter().map(|problem| problem.key).collect();
    assert_eq!(keys, ["model", "recommend_factor", "recommend_floor", "smoothing", "time_limit"]);
    let nan = Config { smoothing: f64::NAN, recommend_factor: f64::NAN, ..Config::default() };
    assert_eq!(nan.validate().len(), 2);
}

#[test]
fn missing_model_file_is_a_problem_of_its_key() {
    let config = Config { model: "no/such/file.model".into(), ..Config::default() };
    let Err(error) = config.build() else { panic!("a model out of nothing") };
    let error = error.to_string();
    assert!(
        error.starts_with("model is no/such/file.model: ") && error.contains("expected a model file"),
        "{error}"
    );
}
