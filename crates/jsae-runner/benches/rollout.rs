//! Whole episodes with an agent: observation, embedding, policy, mapping, environment, ten environments at once.
//!
//! `cargo bench -p jsae-runner`; a figure is the time of 1,500 environment steps.

use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use jsae_runner::{Agent, Experiment, Registry, Streams, evaluate};

const EPISODES: usize = 10;
const STEPS: usize = 150;

fn main() {
    tch::set_num_threads(1);
    divan::main();
}

/// An untrained agent, which wanders for whole episodes.
#[divan::bench(args = ["gridworld9_discrete_vpg", "gridworld9_discrete_vpg_jsae", "gridworld9_discrete_vpg_ra"])]
fn episodes(bencher: Bencher<'_, '_>, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../configs/{name}.toml"));
    let mut streams = Streams::new(0);
    let experiment = Experiment::load(&path, &[], &Registry::default()).expect("a file of this checkout");
    let env = experiment.env.build().expect("a valid configuration");
    let agent = Agent::new(&experiment, &*env, &mut streams).expect("a valid configuration");
    bencher.counter(ItemsCount::new(EPISODES * STEPS)).bench_local(|| {
        evaluate(&agent, &experiment, EPISODES, &mut streams.evaluation).expect("episodes that end")
    });
}
