//! What an environment costs beyond its physics: steps per second beside the bare engine loop.
//!
//! Both walk the same states with the same actions, one block each in turn on one thread. Pin it
//! to a core: `taskset -c 1 cargo bench -p jsae-envs --features mujoco --bench robots`.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use jsae_envs::mujoco::{Ant, HalfCheetah, ant, compile, half_cheetah};
use jsae_envs::{Env, Start};
use mujoco_rs::prelude::{MjData, MjModel};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const BLOCKS: usize = 40;
/// Short enough that a random robot is mostly still up.
const EPISODE: usize = 50;

/// One start and the actions that follow it.
struct Script {
    qpos: Vec<f64>,
    qvel: Vec<f64>,
    actions: Vec<Vec<f64>>,
}

fn main() {
    println!("{:<14}{:>14}{:>14}{:>9}", "robot", "env steps/s", "bare steps/s", "share");
    let mut cheetah = HalfCheetah::new(&half_cheetah::Config::default()).expect("a sound configuration");
    let scripts = scripts(&mut cheetah, 40, |env| (env.qpos().to_vec(), env.qvel().to_vec()));
    compare("half_cheetah", &scripts, half_cheetah::MJCF, false, |script, observation| {
        cheetah.set_state(&script.qpos, &script.qvel, observation).expect("a sound state");
        walk(&mut cheetah, script, observation);
    });
    let mut ant = Ant::new(&ant::Config::default()).expect("a sound configuration");
    let scripts = self::scripts(&mut ant, 8, |env| (env.qpos().to_vec(), env.qvel().to_vec()));
    compare("ant", &scripts, ant::MJCF, true, |script, observation| {
        ant.set_state(&script.qpos, &script.qvel, observation).expect("a sound state");
        walk(&mut ant, script, observation);
    });
}

fn scripts<E: Env>(env: &mut E, n: usize, state: impl Fn(&E) -> (Vec<f64>, Vec<f64>)) -> Vec<Script> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut observation = vec![0.0; env.observation_space().len()];
    let dim = env.action_space().len();
    let mut script = || {
        env.reset(Start::Fixed, &mut observation).expect("an episode begins");
        let (qpos, qvel) = state(env);
        let action = |_| (0..dim).map(|_| rng.random_range(-1.0..1.0)).collect();
        Script { qpos, qvel, actions: (0..EPISODE).map(action).collect() }
    };
    (0..n).map(|_| script()).collect()
}

fn walk(env: &mut dyn Env, script: &Script, observation: &mut [f64]) {
    for action in &script.actions {
        std::hint::black_box(env.step(action, observation).expect("a sound step"));
    }
}

/// The physics of the same episode and nothing else.
fn walk_bare(data: &mut MjData<Arc<MjModel>>, script: &Script, forces: bool) {
    data.reset();
    data.qpos_mut().copy_from_slice(&script.qpos);
    data.qvel_mut().copy_from_slice(&script.qvel);
    data.forward();
    for action in &script.actions {
        data.ctrl_mut().copy_from_slice(action);
        for _ in 0..5 {
            data.step();
        }
        if forces {
            data.rne_post_constraint();
        }
    }
}

fn compare(
    name: &str,
    scripts: &[Script],
    mjcf: &str,
    forces: bool,
    mut walk: impl FnMut(&Script, &mut [f64]),
) {
    let mut data = MjData::new(Arc::new(compile(mjcf).expect("the model compiles")));
    let mut observation = vec![0.0; if forces { 111 } else { 17 }];
    let (mut env_time, mut bare_time) = (0.0, 0.0);
    // Each goes first as often as the other.
    for block in 0..2 * BLOCKS {
        if block % 4 == 0 || block % 4 == 3 {
            env_time += timed(|| scripts.iter().for_each(|script| walk(script, &mut observation)));
        } else {
            bare_time += timed(|| scripts.iter().for_each(|script| walk_bare(&mut data, script, forces)));
        }
    }
    let steps = (BLOCKS * scripts.len() * EPISODE) as f64;
    let share = 100.0 * bare_time / env_time;
    println!("{name:<14}{:>14.0}{:>14.0}{share:>8.1}%", steps / env_time, steps / bare_time);
}

fn timed(work: impl FnOnce()) -> f64 {
    let begun = seconds();
    work();
    seconds() - begun
}

/// Time this thread has spent on a core, so that other processes do not count; the system's
/// clock where it is not told.
fn seconds() -> f64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = spent.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(
        || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64()),
        |nanoseconds| nanoseconds * 1e-9,
    )
}
