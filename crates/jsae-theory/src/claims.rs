//! Claims 1 to 5 (appendix A.1), as conditional independences of an enumerated joint distribution.

mod joint;

use crate::example::Figure;
use crate::settings::{N_ACTIONS, N_STATES, Setting};
use joint::{Joint, Variable::*};

const TOLERANCE: f64 = 1e-12;
/// Least violation that a counter-example shows.
const GAP: f64 = 1e-3;
/// Pieces of a cell of f: latent actions that lead to the same action.
const PIECES: usize = 3;
/// Latent actions.
const N_LATENT: usize = N_ACTIONS * PIECES;
/// How strongly those peek that peek.
const PEEK: f64 = 0.2;

/// Who sees what the model does not let it see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peeking {
    Nobody,
    Policy,
    Mapping,
    Dynamics,
}

/// What is printed, and the largest violation in a joint distribution.
type Statement = (&'static str, fn(&Joint) -> f64);

/// The statements, in their order: Claims 1 to 5, then what appendix A.2 needs of E.
const STATEMENTS: [Statement; 6] = [
    ("claim 1: |P(a, s|x) − P(a|x) P(s|x)|, largest", |joint| {
        joint.dependence(&[Action], &[State], &[Point])
    }),
    ("claim 2: |P(a, s|x, e) − P(a|x, e) P(s|x, e)|, largest", |joint| {
        joint.dependence(&[Action], &[State], &[Point, Latent])
    }),
    ("claim 3: |P(s′, e, x|a, s) − P(s′|a, s) P(e, x|a, s)|, largest", |joint| {
        joint.dependence(&[Next], &[Latent, Point], &[Action, State])
    }),
    ("claim 4: |P(s′|e, x, a, s) − P(s′|a, s)|, largest", |joint| {
        joint.difference(&[Next], &[Latent, Point, Action, State], &[Action, State])
    }),
    ("claim 5: |P(a|s, x, e) − P(a|e)|, largest", |joint| {
        joint.difference(&[Action], &[State, Point, Latent], &[Latent])
    }),
    ("E independent of S given X: |P(e|x, s) − P(e|x)|, largest", |joint| {
        joint.difference(&[Latent], &[Point, State], &[Point])
    }),
];

pub(crate) fn holds() -> Vec<Figure> {
    table(Peeking::Nobody, [false; 6])
}

pub(crate) fn peeking_policy() -> Vec<Figure> {
    table(Peeking::Policy, [true, false, false, false, false, true])
}

pub(crate) fn peeking_mapping() -> Vec<Figure> {
    table(Peeking::Mapping, [true, true, false, false, true, false])
}

pub(crate) fn peeking_dynamics() -> Vec<Figure> {
    table(Peeking::Dynamics, [false, false, true, true, false, false])
}

pub(crate) fn determined() -> Vec<Figure> {
    let joint = joint(Peeking::Nobody);
    let value = joint.uncertainty(&[Latent], &[Point]);
    vec![Figure::fails("1 − P(most likely piece of E|x), largest over x", value, TOLERANCE, GAP)]
}

fn table(peeking: Peeking, broken: [bool; 6]) -> Vec<Figure> {
    let joint = joint(peeking);
    let figure = |((what, measure), broken): (&Statement, bool)| {
        let value = measure(&joint);
        if broken {
            Figure::fails(what, value, TOLERANCE, GAP)
        } else {
            Figure::holds(what, value, TOLERANCE)
        }
    };
    STATEMENTS.iter().zip(broken).map(figure).collect()
}

/// P(s, x, e, a, s′) of one step. Two states share a point of X: with φ injective, X would say all of S.
fn joint(peeking: Peeking) -> Joint {
    let setting = Setting::aliased();
    let (_, groups) = setting.points();
    let mut joint = Joint::default();
    for (x, group) in groups.iter().enumerate() {
        for &s in group {
            for (e, probability) in latent_actions(&setting, s, peeking).into_iter().enumerate() {
                for (a, mapped) in actions(e, s, peeking).into_iter().enumerate() {
                    for s2 in 0..N_STATES {
                        let next = next(&setting, s, a, e, s2, peeking);
                        joint.add([s, x, e, a, s2], setting.process.first[s] * probability * mapped * next);
                    }
                }
            }
        }
    }
    joint
}

/// Probability of each piece of each cell: with f constant on a piece, nothing is lost by counting it as one e.
fn latent_actions(setting: &Setting, state: usize, peeking: Peeking) -> Vec<f64> {
    let x = setting.state_embeddings[state];
    let peek = if peeking == Peeking::Policy { PEEK * state as f64 } else { 0.0 };
    let piece = |e: usize| {
        let (low, high) = setting.mapping.cell(e / PIECES).unwrap_or_default();
        let (inner_low, inner_high) = setting.mapping.bounded_cell(e / PIECES, 0.5).unwrap_or_default();
        let end = |i: usize| match i {
            0 => low,
            PIECES => high,
            _ => inner_low + (inner_high - inner_low) * i as f64 / PIECES as f64,
        };
        setting.gaussian.probability((end(e % PIECES) - peek, end(e % PIECES + 1) - peek), x)
    };
    (0..N_LATENT).map(piece).collect()
}

/// P(a given e, s): all on f(e), unless f peeks.
fn actions(e: usize, state: usize, peeking: Peeking) -> Vec<f64> {
    let mut actions = vec![0.0; N_ACTIONS];
    let share = if peeking == Peeking::Mapping { PEEK } else { 0.0 };
    actions[e / PIECES] += 1.0 - share;
    actions[(e / PIECES + state) % N_ACTIONS] += share;
    actions
}

/// P(s′ given s, a, e).
fn next(setting: &Setting, s: usize, a: usize, e: usize, s2: usize, peeking: Peeking) -> f64 {
    let share = if peeking == Peeking::Dynamics { PEEK } else { 0.0 };
    (1.0 - share) * setting.process.transitions[s][a][s2] + if s2 == e % N_STATES { share } else { 0.0 }
}
