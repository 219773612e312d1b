use serde::Serialize;

use crate::{claims, lemma1, lemma2, theorem1};

/// A statement of the paper, put to the test on one problem.
#[derive(Clone, Debug, Serialize)]
pub struct Example {
    /// Its name on the command line.
    pub name: &'static str,
    /// The statement and the problem, in one sentence.
    pub about: &'static str,
    /// What was computed.
    pub figures: Vec<Figure>,
}

/// A number that is 0 where the statement holds exactly.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What it measures.
    pub what: &'static str,
    /// Its value.
    pub value: f64,
    /// Most that rounding may come to: above it the statement does not hold.
    pub tolerance: f64,
    /// What theory says of it.
    pub must: Must,
}

/// What theory says of a [`Figure`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    /// The value stays within the tolerance.
    Hold,
    /// An assumption is missing: the value is at least this, far above the tolerance.
    Exceed(f64),
}

impl Figure {
    /// One that must stay within `tolerance`.
    pub(crate) fn holds(what: &'static str, value: f64, tolerance: f64) -> Self {
        Self { what, value, tolerance, must: Must::Hold }
    }

    /// One that must not: `least` is the gap it shows at least.
    pub(crate) fn fails(what: &'static str, value: f64, tolerance: f64, least: f64) -> Self {
        Self { what, value, tolerance, must: Must::Exceed(least) }
    }

    /// Is the value within the tolerance?
    pub fn within(&self) -> bool {
        self.value <= self.tolerance
    }

    /// Is the value what theory says?
    pub fn behaves(&self) -> bool {
        match self.must {
            Must::Hold => self.within(),
            Must::Exceed(least) => self.value >= least,
        }
    }
}

impl Example {
    /// Does the statement hold on this problem?
    pub fn holds(&self) -> bool {
        self.figures.iter().all(Figure::within)
    }

    /// Does every figure come out as theory says: a counter-example by failing?
    pub fn behaves(&self) -> bool {
        self.figures.iter().all(Figure::behaves)
    }

    /// Is an assumption missing, so that it must fail?
    pub fn is_counter_example(&self) -> bool {
        self.figures.iter().any(|figure| figure.must != Must::Hold)
    }
}

/// Name, sentence, computation.
type Entry = (&'static str, &'static str, fn() -> Vec<Figure>);

const ENTRIES: [Entry; 15] = [
    ("lemma1", "Lemma 1: a policy on the states has an internal policy with its values", lemma1::holds),
    ("theorem1", "Theorem 1: an optimal policy has an internal policy with its values", theorem1::holds),
    (
        "theorem1_aliased",
        "Theorem 1 with two states at one point of X (Assumption 3 dropped)",
        theorem1::aliased,
    ),
    (
        "theorem1_random_mapping",
        "Theorem 1 with an f that errs once in ten times (Assumption 1 dropped)",
        theorem1::random_mapping,
    ),
    (
        "theorem1_random_state_embedding",
        "Theorem 1 with a φ that errs once in ten times (Assumption 2 dropped)",
        theorem1::random_state_embedding,
    ),
    (
        "theorem1_shadowed",
        "Theorem 1 with two actions at one point of E: f is a function, g is not injective",
        theorem1::shadowed,
    ),
    ("lemma2", "Lemma 2: the gradients of J_i and J_o are equal", lemma2::holds),
    ("aliased", "Lemma 2 with two states at one point of X, weighted alike", lemma2::aliased),
    (
        "aliased_occupancy",
        "Lemma 2 with two states at one point of X, weighted by how often they are visited",
        lemma2::aliased_occupancy,
    ),
    ("frozen_q", "Lemma 2 with Q held fixed while the policy is differentiated", lemma2::frozen),
    ("claims", "Claims 1 to 5 on the model of figure 1a", claims::holds),
    ("claims_peeking_policy", "Claims with a policy that sees s beside x", claims::peeking_policy),
    ("claims_peeking_mapping", "Claims with an f that sees s beside e", claims::peeking_mapping),
    ("claims_peeking_dynamics", "Claims with an environment that sees e beside a", claims::peeking_dynamics),
    (
        "claims_determined",
        "Appendix A.2's \"e is uniquely determined by x\": not so for a stochastic policy",
        claims::determined,
    ),
];

/// Every example, computed.
pub fn examples() -> Vec<Example> {
    ENTRIES.iter().map(run).collect()
}

/// Names of the examples, in their order.
pub fn names() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|entry| entry.0)
}

/// The example of this name, computed; `None` where no example has it.
pub fn example(name: &str) -> Option<Example> {
    ENTRIES.iter().find(|entry| entry.0 == name).map(run)
}

fn run(&(name, about, figures): &Entry) -> Example {
    Example { name, about, figures: figures() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_behaves() {
        for example in examples() {
            for figure in &example.figures {
                println!("{} {} {:e} {:e}", example.name, figure.what, figure.value, figure.tolerance);
            }
            assert!(example.behaves(), "{example:?}");
            assert_eq!(example.holds(), !example.is_counter_example(), "{example:?}");
        }
    }

    #[test]
    fn a_figure_that_is_no_number_neither_holds_nor_fails_as_it_should() {
        assert!(!Figure::holds("", f64::NAN, 1.0).behaves());
        assert!(!Figure::fails("", f64::NAN, 1e-8, 1e-3).behaves());
    }

    #[test]
    fn examples_are_found_by_their_names_alone() {
        assert!(example("lemma3").is_none());
        assert!(names().zip(examples()).all(|(name, example)| name == example.name));
        assert_eq!(names().collect::<std::collections::BTreeSet<_>>().len(), ENTRIES.len());
    }
}
