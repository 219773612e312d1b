use std::path::PathBuf;

use jsae_envs::{
    ConfigError, Effects, Env, EnvError, Film, FilmError, Key, Plane, ReferenceReturns, gridworld, identity,
    recommender, slot_machine,
};

use super::registry::{EnvConfig, Registry, Samples};

/// Lets a configuration of `jsae-envs` stand in experiment files; `$more` are methods that others do without.
macro_rules! environment {
    ($config:path, $name:literal, $about:literal $(, { $($more:tt)* })?) => {
        impl EnvConfig for $config {
            const NAME: &'static str = $name;
            const ABOUT: &'static str = $about;
            const KEYS: &'static [Key] = <$config>::KEYS;

            fn validate(&self) -> Vec<ConfigError> {
                <$config>::validate(self)
            }

            fn build(&self) -> Result<Box<dyn Env>, EnvError> {
                <$config>::build(self)
            }

            $($($more)*)?
        }
    };
}

/// The same for one whose best return can be computed.
macro_rules! solved_environment {
    ($config:path, $name:literal, $about:literal $(, { $($more:tt)* })?) => {
        environment!(
            $config,
            $name,
            $about,
            {
                fn reference_returns(
                    &self,
                    proceed: &mut dyn FnMut(f64) -> bool,
                ) -> Result<Option<ReferenceReturns>, EnvError> {
                    <$config>::reference_returns(self, proceed)
                }

                $($($more)*)?
            }
        );
    };
}

solved_environment!(
    gridworld::Config,
    "gridworld",
    "2^n actions of n actuators in a unit square with walls",
    {
        fn film(&self) -> Result<Box<dyn Film>, FilmError> {
            gridworld::Config::film(self)
        }

        fn plane(&self) -> Option<Plane> {
            Some(gridworld::Config::plane(self))
        }

        fn action_effects(&self) -> Result<Option<Effects>, EnvError> {
            Ok(gridworld::Config::action_effects(self))
        }

        fn oracle_loss(&self, samples: &Samples<'_>) -> Result<Option<f64>, EnvError> {
            let Samples { observations, actions, next_observations } = *samples;
            Ok(gridworld::Config::oracle_loss(self, observations, actions, next_observations))
        }

        fn place(&self, observation: &[f64]) -> Option<[f64; 2]> {
            gridworld::Config::place(self, observation)
        }
    }
);
solved_environment!(slot_machine::Config, "slot_machine", "four reels, 4,096 joint spins", {
    fn action_effects(&self) -> Result<Option<Effects>, EnvError> {
        slot_machine::Config::action_effects(self).map(Some)
    }

    fn oracle_loss(&self, _: &Samples<'_>) -> Result<Option<f64>, EnvError> {
        Ok(Some(0.0))
    }
});
solved_environment!(
    recommender::Config,
    "recommender",
    "a shop that recommends one item before every purchase",
    {
        fn build_many(&self, n: usize) -> Result<Vec<Box<dyn Env>>, EnvError> {
            recommender::Config::build_many(self, n)
        }

        fn files(&self) -> Vec<PathBuf> {
            vec![self.model.clone()]
        }

        fn predicted_variables(&self) -> Option<Vec<usize>> {
            Some(recommender::PREDICTED_VARIABLES.to_vec())
        }

        fn action_effects(&self) -> Result<Option<Effects>, EnvError> {
            recommender::Config::action_effects(self).map(Some)
        }

        fn oracle_loss(&self, samples: &Samples<'_>) -> Result<Option<f64>, EnvError> {
            let Samples { observations, actions, next_observations } = *samples;
            recommender::Config::oracle_loss(self, observations, actions, next_observations).map(Some)
        }
    }
);
environment!(identity::Config, "identity", "the action should equal the observation: a test of learning");
#[cfg(feature = "mujoco")]
environment!(jsae_envs::mujoco::half_cheetah::Config, "half_cheetah", "Half-Cheetah-v2 on MuJoCo", {
    fn film(&self) -> Result<Box<dyn Film>, FilmError> {
        jsae_envs::mujoco::half_cheetah::Config::film(self)
    }
});
#[cfg(feature = "mujoco")]
environment!(jsae_envs::mujoco::ant::Config, "ant", "Ant-v2 on MuJoCo", {
    fn film(&self) -> Result<Box<dyn Film>, FilmError> {
        jsae_envs::mujoco::ant::Config::film(self)
    }
});

pub(super) fn add_builtin(registry: Registry) -> Registry {
    let registry = registry
        .add::<gridworld::Config>()
        .add::<slot_machine::Config>()
        .add::<recommender::Config>()
        .add::<identity::Config>();
    #[cfg(feature = "mujoco")]
    let registry =
        registry.add::<jsae_envs::mujoco::half_cheetah::Config>().add::<jsae_envs::mujoco::ant::Config>();
    registry
}
