//! The paper's lemmas, theorem and claims as numerical checks that can fail.
//!
//! [`examples`] lists small problems on which a statement of the paper is put to the test, each with
//! its figures and their tolerances: some satisfy the statement's assumptions and must pass, the
//! others drop one of them and must fail by a known margin. The problems have six states and twelve
//! actions with embeddings on a line, so that everything is exact: value functions are solutions of
//! linear systems, a nearest neighbour's cell is an interval, and the probability of an interval
//! under a Gaussian is a difference of error functions.
//!
//! It knows no tensors, no training and no other crate: it is about what the method rests on, not
//! about a run of it. How near a trained embedding comes to the assumptions is for an audit to say.
//!
//! | symbol | name | shape |
//! |---|---|---|
//! | s, a | `state`, `action` | indices |
//! | φ(s) = x | `state_embeddings` | `[n_states]` |
//! | g(a) | `rows` of the [mapping](#routes) | `[n_actions]` |
//! | f(e), f⁻¹(a) | nearest row; its cell, an interval | |
//! | π_i(e given x) | normal, mean θ₀ + θ₁ x + θ₂ x², standard deviation exp θ₃ | θ: `[4]` |
//! | π_o(a given s) | probability of the cell f⁻¹(a) under π_i(· given φ(s)), eq. 1 | `[n_states][n_actions]` |
//! | J_o, J_i | eqs. 7 and 8 | a number each |
//!
//! # Routes
//!
//! Lemma 2 compares two gradients that share no formula. That of J_o goes through the finite policy
//! π_o: cells' probabilities from error functions, and the derivative of V from its own linear system.
//! That of J_i stays in E: Gauss–Legendre quadrature of the score function against Q(x, f(e)), with f
//! asked at every node, summed over the discounted occupancy (the policy-gradient theorem). Both are
//! also held against central differences of their own J.
//!
//! ```
//! let example = jsae_theory::example("lemma2").expect("it is listed");
//! assert!(example.holds() && example.behaves());
//! let aliased = jsae_theory::example("aliased").expect("it is listed");
//! assert!(!aliased.holds() && aliased.behaves(), "it fails, as it must");
//! ```

mod normal;

mod linear;

mod quadrature;

mod process;

mod mapping;

mod policy;

mod overall;

mod internal;

mod settings;

mod example;

mod lemma1;

mod theorem1;

mod lemma2;

mod claims;

pub use example::{Example, Figure, Must, example, examples, names};
