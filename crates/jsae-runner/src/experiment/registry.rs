use std::collections::BTreeMap;
use std::path::PathBuf;

use jsae_envs::{ConfigError, Effects, Env, EnvError, Film, FilmError, Key, Plane, ReferenceReturns};
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};

/// What a table `[env.NAME]` of an experiment file holds: an environment before it is built.
///
/// Implement it for a configuration of your own and [`Registry::add`] it: the file, the command line and
/// the listing then know your environment as they know the built-in ones.
pub trait EnvConfig: Clone + Default + Serialize + for<'de> Deserialize<'de> + Send + Sync + 'static {
    /// Name of the table, `gridworld` for `[env.gridworld]`.
    const NAME: &'static str;
    /// One line for the listing.
    const ABOUT: &'static str;
    /// Keys of the table, for the listing and for error messages.
    const KEYS: &'static [Key];

    /// Every value that is out of range.
    fn validate(&self) -> Vec<ConfigError>;

    /// One environment.
    ///
    /// # Errors
    /// What the environment's own construction refuses.
    fn build(&self) -> Result<Box<dyn Env>, EnvError>;

    /// `n` environments, for those that can share what is costly to make.
    ///
    /// # Errors
    /// As [`EnvConfig::build`].
    fn build_many(&self, n: usize) -> Result<Vec<Box<dyn Env>>, EnvError> {
        (0..n).map(|_| self.build()).collect()
    }

    /// Files that it reads: where one changes, it is another environment.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Exact returns of the random and the best policy, where there is a way to compute them.
    ///
    /// See [`ReferenceReturns`] for `proceed`; `None` where that said no.
    ///
    /// # Errors
    /// [`EnvError::Unsolved`], or [`EnvError::Config`] with the key by which this configuration has no solution.
    fn reference_returns(
        &self,
        proceed: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Option<ReferenceReturns>, EnvError> {
        let _ = proceed;
        Err(EnvError::Unsolved { env: Self::NAME })
    }

    /// One environment and what draws it.
    ///
    /// # Errors
    /// [`FilmError::Unseen`] where nobody has said what it looks like; what drawing it lacks here.
    fn film(&self) -> Result<Box<dyn Film>, FilmError> {
        Err(FilmError::Unseen { env: Self::NAME })
    }

    /// Where states and actions lie, if they lie in a plane: colours of the pictures of their embeddings.
    fn plane(&self) -> Option<Plane> {
        None
    }

    /// The observation variables that T predicts; `None` means all.
    ///
    /// A variable that copies a part of the present state or the action needs no prediction.
    fn predicted_variables(&self) -> Option<Vec<usize>> {
        None
    }

    /// What each action does, for the audit of a trained embedding; `None` where nobody measured it.
    ///
    /// # Errors
    /// As [`EnvConfig::build`].
    fn action_effects(&self) -> Result<Option<Effects>, EnvError> {
        Ok(None)
    }

    /// Loss that the best predictor of the next observation would have on `samples`, where it is known: a sum
    /// of the predicted variables' cross-entropies in nats, or 0 where observations are real numbers and
    /// nothing is random.
    ///
    /// # Errors
    /// As [`EnvConfig::build`].
    fn oracle_loss(&self, samples: &Samples<'_>) -> Result<Option<f64>, EnvError> {
        let _ = samples;
        Ok(None)
    }

    /// Where in the unit square an observation lies, for tasks in one.
    fn place(&self, observation: &[f64]) -> Option<[f64; 2]> {
        let _ = observation;
        None
    }
}

/// Steps under random actions, as rows.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// `[n, obs_len]`.
    pub observations: &'a [f64],
    /// `[n, action_len]`.
    pub actions: &'a [f64],
    /// `[n, obs_len]`, before any reset.
    pub next_observations: &'a [f64],
}

/// The environment that an experiment chose.
pub struct EnvChoice(Box<dyn AnyEnvConfig>);

impl EnvChoice {
    /// Chooses `config`.
    pub fn new(config: impl EnvConfig) -> Self {
        Self(Box::new(config))
    }

    /// Name of its table.
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// See [`EnvConfig::validate`].
    pub fn validate(&self) -> Vec<ConfigError> {
        self.0.validate()
    }

    /// See [`EnvConfig::build`].
    ///
    /// # Errors
    /// What the environment's own construction refuses.
    pub fn build(&self) -> Result<Box<dyn Env>, EnvError> {
        self.0.build()
    }

    /// See [`EnvConfig::build_many`].
    ///
    /// # Errors
    /// As [`EnvChoice::build`].
    pub fn build_many(&self, n: usize) -> Result<Vec<Box<dyn Env>>, EnvError> {
        self.0.build_many(n)
    }

    /// See [`EnvConfig::reference_returns`].
    ///
    /// # Errors
    /// Where there is no way to compute them.
    pub fn reference_returns(
        &self,
        proceed: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Option<ReferenceReturns>, EnvError> {
        self.0.reference_returns(proceed)
    }

    /// See [`EnvConfig::film`].
    ///
    /// # Errors
    /// Where there are no pictures.
    pub fn film(&self) -> Result<Box<dyn Film>, FilmError> {
        self.0.film()
    }

    /// See [`EnvConfig::plane`].
    pub fn plane(&self) -> Option<Plane> {
        self.0.plane()
    }

    /// See [`EnvConfig::files`].
    pub fn files(&self) -> Vec<PathBuf> {
        self.0.files()
    }

    /// See [`EnvConfig::predicted_variables`].
    pub fn predicted_variables(&self) -> Option<Vec<usize>> {
        self.0.predicted_variables()
    }

    /// See [`EnvConfig::action_effects`].
    ///
    /// # Errors
    /// What the environment's own construction refuses.
    pub fn action_effects(&self) -> Result<Option<Effects>, EnvError> {
        self.0.action_effects()
    }

    /// See [`EnvConfig::oracle_loss`].
    ///
    /// # Errors
    /// What the environment's own construction refuses.
    pub fn oracle_loss(&self, samples: &Samples<'_>) -> Result<Option<f64>, EnvError> {
        self.0.oracle_loss(samples)
    }

    /// See [`EnvConfig::place`].
    pub fn place(&self, observation: &[f64]) -> Option<[f64; 2]> {
        self.0.place(observation)
    }

    pub(crate) fn to_toml(&self) -> Result<toml::Table, toml::ser::Error> {
        let mut table = toml::Table::new();
        table.insert(self.name().to_owned(), self.0.to_toml()?);
        Ok(table)
    }
}

impl Clone for EnvChoice {
    fn clone(&self) -> Self {
        Self(self.0.boxed_clone())
    }
}

impl std::fmt::Debug for EnvChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "env.{}", self.name())
    }
}

trait AnyEnvConfig: Send + Sync {
    fn name(&self) -> &'static str;
    fn validate(&self) -> Vec<ConfigError>;
    fn build(&self) -> Result<Box<dyn Env>, EnvError>;
    fn build_many(&self, n: usize) -> Result<Vec<Box<dyn Env>>, EnvError>;
    fn files(&self) -> Vec<PathBuf>;
    fn reference_returns(
        &self,
        proceed: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Option<ReferenceReturns>, EnvError>;
    fn film(&self) -> Result<Box<dyn Film>, FilmError>;
    fn plane(&self) -> Option<Plane>;
    fn predicted_variables(&self) -> Option<Vec<usize>>;
    fn action_effects(&self) -> Result<Option<Effects>, EnvError>;
    fn oracle_loss(&self, samples: &Samples<'_>) -> Result<Option<f64>, EnvError>;
    fn place(&self, observation: &[f64]) -> Option<[f64; 2]>;
    fn to_toml(&self) -> Result<toml::Value, toml::ser::Error>;
    fn boxed_clone(&self) -> Box<dyn AnyEnvConfig>;
}

impl<C: EnvConfig> AnyEnvConfig for C {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn validate(&self) -> Vec<ConfigError> {
        EnvConfig::validate(self)
    }

    fn build(&self) -> Result<Box<dyn Env>, EnvError> {
        EnvConfig::build(self)
    }

    fn build_many(&self, n: usize) -> Result<Vec<Box<dyn Env>>, EnvError> {
        EnvConfig::build_many(self, n)
    }

    fn reference_returns(
        &self,
        proceed: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Option<ReferenceReturns>, EnvError> {
        EnvConfig::reference_returns(self, proceed)
    }

    fn film(&self) -> Result<Box<dyn Film>, FilmError> {
        EnvConfig::film(self)
    }

    fn plane(&self) -> Option<Plane> {
        EnvConfig::plane(self)
    }

    fn files(&self) -> Vec<PathBuf> {
        EnvConfig::files(self)
    }

    fn predicted_variables(&self) -> Option<Vec<usize>> {
        EnvConfig::predicted_variables(self)
    }

    fn action_effects(&self) -> Result<Option<Effects>, EnvError> {
        EnvConfig::action_effects(self)
    }

    fn oracle_loss(&self, samples: &Samples<'_>) -> Result<Option<f64>, EnvError> {
        EnvConfig::oracle_loss(self, samples)
    }

    fn place(&self, observation: &[f64]) -> Option<[f64; 2]> {
        EnvConfig::place(self, observation)
    }

    fn to_toml(&self) -> Result<toml::Value, toml::ser::Error> {
        toml::Value::try_from(self)
    }

    fn boxed_clone(&self) -> Box<dyn AnyEnvConfig> {
        Box::new(self.clone())
    }
}

/// What is known of one kind of environment before a file chooses it.
#[derive(Clone, Debug)]
pub struct EnvEntry {
    /// One line for the listing.
    pub about: &'static str,
    /// Keys of its table.
    pub keys: &'static [Key],
    /// The table with every default written out.
    pub defaults: fn() -> Result<toml::Value, toml::ser::Error>,
    parse: fn(Spanned<DeValue<'_>>) -> Result<EnvChoice, toml::de::Error>,
}

/// The environments that experiment files may name.
#[derive(Clone, Debug)]
pub struct Registry(BTreeMap<&'static str, EnvEntry>);

impl Registry {
    /// Adds an environment; a later one of the same name replaces the earlier.
    #[must_use]
    pub fn add<C: EnvConfig>(mut self) -> Self {
        let entry = EnvEntry {
            about: C::ABOUT,
            keys: C::KEYS,
            defaults: || toml::Value::try_from(C::default()),
            parse: |value| C::deserialize(ValueDeserializer::from(value)).map(EnvChoice::new),
        };
        self.0.insert(C::NAME, entry);
        self
    }

    /// Names and entries, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &EnvEntry)> {
        self.0.iter().map(|(name, entry)| (*name, entry))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&EnvEntry> {
        self.0.get(name)
    }
}

impl EnvEntry {
    pub(crate) fn parse(&self, value: Spanned<DeValue<'_>>) -> Result<EnvChoice, toml::de::Error> {
        (self.parse)(value)
    }
}

impl Default for Registry {
    /// The built-in environments.
    fn default() -> Self {
        super::builtin::add_builtin(Self(BTreeMap::new()))
    }
}
