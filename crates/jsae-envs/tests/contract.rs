//! Every environment keeps the contract, and the checker notices what breaks it.

use jsae_envs::{Env, EnvError, Space, Start, Step, TimeLimit, bandit, check_env};
use jsae_envs::{gridworld, identity, slot_machine};

fn keeps_contract(name: &str, env: Result<Box<dyn Env>, EnvError>) {
    check_env(env.unwrap().as_mut()).unwrap_or_else(|violation| panic!("{name}: {violation}"));
}

#[test]
fn gridworlds_keep_the_contract() {
    use gridworld::{Action, Collision, Config, Observation};
    for observation in [Observation::Discrete, Observation::Continuous] {
        for action in [Action::Actuators, Action::Box2] {
            for collision in [Collision::Segment, Collision::Endpoint] {
                for (snap, noise) in [(false, 0.0), (true, 0.0), (false, 0.01), (true, 0.01)] {
                    let config = Config {
                        observation,
                        action,
                        collision,
                        snap,
                        noise,
                        n_actuators: 5,
                        ..Config::default()
                    };
                    keeps_contract(&format!("{config:?}"), config.build());
                }
            }
        }
    }
}

#[test]
fn slot_machines_keep_the_contract() {
    use slot_machine::{Config, Observation};
    for observation in [Observation::Factored, Observation::Joint] {
        for seed in [None, Some(3)] {
            keeps_contract("slot machine", Config { observation, seed, ..Config::default() }.build());
        }
    }
}

#[test]
fn small_tasks_keep_the_contract() {
    for space in [identity::Kind::Discrete, identity::Kind::Box] {
        keeps_contract("identity", identity::Config { space, ..Default::default() }.build());
    }
    keeps_contract("bandit", bandit::Config::default().build());
}

/// A task that is right but for one fault.
struct Faulty {
    fault: Fault,
    space: Space,
    count: u8,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    ObservationOutside,
    RewardNotFinite,
    BothFlags,
    ForgetsState,
    IgnoresSeed,
    AcceptsAnyAction,
    AcceptsAnyState,
    RefusesStart,
}

impl Env for Faulty {
    fn observation_space(&self) -> &Space {
        &self.space
    }

    fn action_space(&self) -> &Space {
        &self.space
    }

    fn seed(&mut self, _seed: u64) {
        if self.fault != Fault::IgnoresSeed {
            self.count = 0;
        }
    }

    fn reset(&mut self, start: Start, observation: &mut [f64]) -> Result<(), EnvError> {
        if self.fault == Fault::RefusesStart && start == Start::Uniform {
            return Err(EnvError::action(&[], &self.space));
        }
        observation[0] = f64::from(self.count % 5);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        if !self.space.contains(action) && self.fault != Fault::AcceptsAnyAction {
            return Err(EnvError::action(action, &self.space));
        }
        self.count = self.count.wrapping_add(1);
        let outside = self.fault == Fault::ObservationOutside;
        observation[0] = if outside { 5.0 } else { f64::from(self.count % 5) };
        let reward = if self.fault == Fault::RewardNotFinite { f64::NAN } else { 1.0 };
        let both = self.fault == Fault::BothFlags;
        Ok(Step { reward, terminated: both, truncated: both })
    }

    fn save_state(&self) -> Vec<u8> {
        if self.fault == Fault::ForgetsState { vec![0] } else { vec![self.count] }
    }

    fn load_state(&mut self, state: &[u8]) -> Result<(), EnvError> {
        match *state {
            [count] => self.count = count,
            _ if self.fault == Fault::AcceptsAnyState => {}
            _ => return Err(EnvError::State { env: "faulty", problem: "expected one byte".into() }),
        }
        Ok(())
    }
}

fn verdict(fault: Fault) -> Option<&'static str> {
    let mut env = Faulty { fault, space: Space::Discrete(5), count: 0 };
    check_env(&mut env).err().map(|violation| violation.rule)
}

#[test]
fn each_fault_is_found_by_its_own_rule() {
    assert_eq!(verdict(Fault::None), None);
    assert_eq!(verdict(Fault::ObservationOutside), Some("observations are finite and lie in their space"));
    assert_eq!(verdict(Fault::RewardNotFinite), Some("rewards are finite"));
    assert_eq!(verdict(Fault::BothFlags), Some("a step is not both terminated and truncated"));
    assert_eq!(verdict(Fault::ForgetsState), Some("a saved state continues bit for bit"));
    assert_eq!(verdict(Fault::IgnoresSeed), Some("the seed and the actions decide everything"));
    let refused = "actions outside the space are refused with EnvError::Action";
    assert_eq!(verdict(Fault::AcceptsAnyAction), Some(refused));
    let state = "bytes that are no state are refused with EnvError::State";
    assert_eq!(verdict(Fault::AcceptsAnyState), Some(state));
    assert_eq!(verdict(Fault::RefusesStart), Some("a uniform start works or is refused as a start"));
}

#[test]
fn environment_of_no_actions_is_refused() {
    let env = Faulty { fault: Fault::None, space: Space::Discrete(0), count: 0 };
    assert!(check_env(&mut TimeLimit::new(env, 9)).is_err());
}
