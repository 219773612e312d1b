use serde::{Deserialize, Serialize};

use super::dynamics::{Dynamics, N_BINS, bin_center};
use super::geometry::{Rect, in_unit_square};
use super::motions::motions;
use super::{Gridworld, picture};
use crate::config::Problems;
use crate::film::Filmed;
use crate::{ConfigError, Env, EnvError, Film, FilmError, Key, Plane, TimeLimit};

/// Pixels a side of a picture.
const PICTURE_SIZE: usize = 400;
/// How long a film shows a step, s.
const SECONDS_PER_STEP: f64 = 0.15;

/// Which gridworld.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Actuators around the point; default 9, from 1 to 16.
    pub n_actuators: usize,
    /// What is seen: `discrete` (default) or `continuous`.
    pub observation: Observation,
    /// What is done: `actuators` (default) or `box2`.
    pub action: Action,
    /// Moves the point to the middle of its bin after every step; default false.
    pub snap: bool,
    /// What blocks a sub-step: `segment` (default) or `endpoint`.
    pub collision: Collision,
    /// Length of the longest sub-step; default 0.045, above 0 up to 1, in sides of the square.
    pub substep: f64,
    /// Sub-steps in a step; default 4, from 1 to 1000.
    pub n_substeps: usize,
    /// Standard deviation of the noise on each coordinate of a sub-step; default 0, from 0 to 1,
    /// in sides of the square.
    pub noise: f64,
    /// Cost of a step; default 0.01, at least 0.
    pub step_penalty: f64,
    /// Further cost of a blocked sub-step; default 0.05, at least 0.
    pub collision_penalty: f64,
    /// Reward for entering the goal; default 1, at least 0.
    pub goal_reward: f64,
    /// Steps after which an episode is truncated; default 150, at least 1.
    pub time_limit: u32,
    /// Start, walls and goal.
    pub layout: Layout,
}

/// Where things are; lengths in sides of the square.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Layout {
    /// Where an episode begins; default (0.3, 0.1), a free point.
    pub start: [f64; 2],
    /// Walls; default the L of `[0, 0.375, 0.5, 0.4]` and `[0.5, 0.375, 0.525, 0.75]`.
    pub walls: Vec<Rect>,
    /// Goal; default `[0.125, 0.625, 0.175, 0.675]`.
    pub goal: Rect,
}

/// What is seen of the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observation {
    /// The index of its bin.
    Discrete,
    /// Its two coordinates.
    Continuous,
}

/// What an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A subset of the actuators.
    Actuators,
    /// The motion itself.
    Box2,
}

/// What blocks a sub-step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collision {
    /// A wall anywhere on the way.
    Segment,
    /// A wall where the sub-step ends.
    Endpoint,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            n_actuators: 9,
            observation: Observation::Discrete,
            action: Action::Actuators,
            snap: false,
            collision: Collision::Segment,
            substep: 0.045,
            n_substeps: 4,
            noise: 0.0,
            step_penalty: 0.01,
            collision_penalty: 0.05,
            goal_reward: 1.0,
            time_limit: 150,
            layout: Layout::default(),
        }
    }
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            start: [0.3, 0.1],
            walls: vec![Rect([0.0, 0.375, 0.5, 0.4]), Rect([0.5, 0.375, 0.525, 0.75])],
            goal: Rect([0.125, 0.625, 0.175, 0.675]),
        }
    }
}

const fn key(name: &'static str, about: &'static str, expected: &'static str) -> Key {
    Key { name, about, expected }
}

const AT_LEAST_0: &str = "a finite number of at least 0";
const RECTANGLE: &str = "[x, y, x2, y2] with x < x2 and y < y2";
const WHOLE_BINS: &str = "edges on multiples of 1/40 where snap is true";

impl Config {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[
        key("n_actuators", "actuators around the point", "a whole number from 1 to 16"),
        key("observation", "what is seen", "\"discrete\" or \"continuous\""),
        key("action", "what is done", "\"actuators\" or \"box2\""),
        key("snap", "moves the point to the middle of its bin after every step", "true or false"),
        key("collision", "what blocks a sub-step", "\"segment\" or \"endpoint\""),
        key(
            "substep",
            "length of the longest sub-step, in sides of the square",
            "a number above 0 and up to 1",
        ),
        key("n_substeps", "sub-steps in a step", "a whole number from 1 to 1000"),
        key("noise", "standard deviation of the noise on a sub-step's coordinates", "a number from 0 to 1"),
        key("step_penalty", "cost of a step", AT_LEAST_0),
        key("collision_penalty", "further cost of a blocked sub-step", AT_LEAST_0),
        key("goal_reward", "reward for entering the goal", AT_LEAST_0),
        key("time_limit", "steps per episode", "a whole number of at least 1"),
        key(
            "layout.start",
            "where an episode begins, [x, y]",
            "a point of the unit square outside walls and goal",
        ),
        key("layout.walls", "walls, edges included", RECTANGLE),
        key("layout.goal", "goal, edges included", RECTANGLE),
    ];

    /// All that is wrong; empty where nothing is.
    pub fn validate(&self) -> Vec<ConfigError> {
        let mut problems = Problems::new(Self::KEYS);
        problems.require((1..=16).contains(&self.n_actuators), "n_actuators", self.n_actuators);
        problems.require(self.substep > 0.0 && self.substep <= 1.0, "substep", self.substep);
        problems.require((1..=1000).contains(&self.n_substeps), "n_substeps", self.n_substeps);
        problems.require((0.0..=1.0).contains(&self.noise), "noise", self.noise);
        for (key, cost) in [
            ("step_penalty", self.step_penalty),
            ("collision_penalty", self.collision_penalty),
            ("goal_reward", self.goal_reward),
        ] {
            problems.require(cost >= 0.0 && cost.is_finite(), key, cost);
        }
        problems.require(self.time_limit >= 1, "time_limit", self.time_limit);
        self.validate_layout(&mut problems);
        problems.into_list()
    }

    /// The environment within its time limit.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
    pub fn build(&self) -> Result<Box<dyn Env>, EnvError> {
        Ok(Box::new(TimeLimit::new(Gridworld::new(self)?, self.time_limit)))
    }

    /// The environment and what draws it.
    ///
    /// # Errors
    /// [`FilmError::Env`] with the first problem that [`Config::validate`] finds.
    pub fn film(&self) -> Result<Box<dyn Film>, FilmError> {
        let env = TimeLimit::new(Gridworld::new(self)?, self.time_limit);
        let layout = self.layout.clone();
        let draw = move |world: &Gridworld| Ok(picture(&layout, world.position(), PICTURE_SIZE));
        Ok(Box::new(Filmed { env, draw, seconds_per_step: SECONDS_PER_STEP }))
    }

    /// The middles of the free bins, and how far each action moves where nothing is in the way.
    pub fn plane(&self) -> Plane {
        let dynamics = Dynamics::new(self);
        let free = (0..N_BINS * N_BINS).filter(|&bin| dynamics.is_free(bin_center(bin)));
        let bins: Vec<usize> = free.collect();
        let observation = |&bin: &usize| match self.observation {
            Observation::Discrete => vec![bin as f64],
            Observation::Continuous => bin_center(bin).to_vec(),
        };
        let motions = match self.action {
            Action::Actuators => motions(self.n_actuators),
            Action::Box2 => Vec::new(),
        };
        let step = self.substep * self.n_substeps as f64;
        Plane {
            observations: bins.iter().map(observation).collect(),
            positions: bins.iter().map(|&bin| bin_center(bin)).collect(),
            displacements: motions.into_iter().map(|motion| motion.map(|c| step * c)).collect(),
            walls: self.layout.walls.iter().map(|wall| wall.0).collect(),
            start_and_goal: Some((self.layout.start, self.layout.goal.0)),
        }
    }

    fn validate_layout(&self, problems: &mut Problems) {
        let Layout { start, walls, goal } = &self.layout;
        for wall in walls {
            problems.require(is_proper(wall), "layout.walls", wall.0);
            if self.snap && is_proper(wall) && !is_aligned(wall) {
                problems.add("layout.walls", wall.0, WHOLE_BINS);
            }
        }
        problems.require(is_proper(goal), "layout.goal", goal.0);
        if self.snap && is_proper(goal) && !is_aligned(goal) {
            problems.add("layout.goal", goal.0, WHOLE_BINS);
        }
        let free = in_unit_square(*start) && Dynamics::new(self).is_free(*start);
        problems.require(free, "layout.start", start);
    }
}

fn is_proper(Rect([x, y, x2, y2]): &Rect) -> bool {
    [x, y, x2, y2].iter().all(|edge| edge.is_finite()) && x < x2 && y < y2
}

/// Do the edges lie on the bins' edges, so that a bin is wholly inside or wholly outside?
fn is_aligned(rect: &Rect) -> bool {
    rect.0.iter().all(|edge| {
        let bins = edge * N_BINS as f64;
        (bins - bins.round()).abs() < 1e-9
    })
}
