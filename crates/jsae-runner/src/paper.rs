//! From the paper's symbols to the code, and the paper's errata. This module holds no code.
//!
//! The paper is Pritz, Ma and Leung, *Jointly-Learned State-Action Embedding for Efficient Reinforcement
//! Learning* (CIKM 2021); sections, equations, tables and figures below are its own.
//!
//! # Symbols
//!
//! | the paper | here |
//! |---|---|
//! | S_t, A_t, R_t; 𝒯, ℛ | `observation`, `action`, `reward`; an [`Env`](jsae_envs::Env) |
//! | X_t = φ(S_t) | [`Embedding::encode`](jsae_embed::Embedding::encode); with [`Jsae`](jsae_embed::jsae::Jsae) a linear layer and tanh |
//! | g(a) | [`Embedding::embed_actions`](jsae_embed::Embedding::embed_actions), all of them [`Embedding::action_table`](jsae_embed::Embedding::action_table) |
//! | E_t ∼ π_i(· given X_t) | `latent_action`; sampled by [`OnPolicy`](jsae_rl::OnPolicy) or [`Sac`](jsae_rl::Sac) |
//! | A_t = f(E_t) | [`Mapping`](crate::Mapping): the nearest row of the table ([`NearestNeighbours`](jsae_knn::NearestNeighbours)), or [`Embedding::decode`](jsae_embed::Embedding::decode) |
//! | π_o = f ∘ π_i ∘ φ | [`Agent`](crate::Agent); one step is [`Agent::act_all`](crate::Agent::act_all) |
//! | T, P̂ | the transition model inside [`Jsae`](jsae_embed::jsae::Jsae); how well it predicts, [`Embedding::judge`](jsae_embed::Embedding::judge) |
//! | θ | the parameters of [`OnPolicy`](jsae_rl::OnPolicy) or [`Sac`](jsae_rl::Sac): no gradient of theirs reaches φ, g or T |
//! | γ, λ | `gamma`, `gae_lambda`; [`jsae_rl::advantage`] |
//!
//! # Equations
//!
//! | equation | here |
//! |---|---|
//! | 1 (π_o from π_i) | example `lemma1` of [`jsae_theory`]: in training f is applied to samples, no integral is taken |
//! | 2 (Theorem 1) | example `theorem1` |
//! | 3 to 5 (the embedding's loss) | [`Embedding::pretrain`](jsae_embed::Embedding::pretrain), [`Embedding::update`](jsae_embed::Embedding::update): cross-entropies, or a mean square where states are real numbers |
//! | 6 (the decoder's loss) | the same two calls, after eq. 5 and on g as that left it; a finite set of actions needs no decoder, but may have one |
//! | 7, 8 (J_o, J_i), Lemma 2 | [`jsae_rl::vpg`], [`jsae_rl::ppo`], [`jsae_rl::sac`] follow the gradient of J_i; example `lemma2` |
//! | Algorithm 1 | [`train`](crate::train()): pre-training, then epochs of collecting, updating π_i and, if asked, updating φ, g, T and f |
//! | Chandak et al.'s RA | [`Ra`](jsae_embed::ra::Ra) |
//!
//! # Assumptions and what rests on them
//!
//! `jsae-run verify` runs the examples, [`jsae_theory::example`] one of them.
//!
//! | statement | holds in | fails, as it must, in |
//! |---|---|---|
//! | Lemma 1 | `lemma1` | |
//! | Theorem 1 | `theorem1` | without Assumption 1 `theorem1_random_mapping`, 2 `theorem1_random_state_embedding`, 3 `theorem1_aliased`; with g not injective `theorem1_shadowed` |
//! | Lemma 2 | `lemma2`, `aliased_occupancy` | without Assumption 3 `aliased`; with Q held fixed `frozen_q` |
//! | Claims 1 to 5 | `claims` | where one part sees what it must not: `claims_peeking_policy`, `…_mapping`, `…_dynamics` |
//!
//! That no two embeddings are equal is soon said of rows of real numbers. How near a trained
//! embedding comes to it, and whether it matters, is what [`Audit`](crate::inspect::Audit) measures
//! (`jsae-run inspect`): 512 actions of the gridworld have 343 displacements, so that many rows should
//! be near to one another.
//!
//! # Figures and tables
//!
//! | the paper | file in `configs/` | then |
//! |---|---|---|
//! | figures 2, 5 | `embeddings_fig2.toml`, `tuned/embeddings_fig2.toml` | `jsae-run inspect RUN --pictures DIR` |
//! | figures 3a to 3d, 3f, 3g | `gridworld*`, `slot_machine_*`, `halfcheetah_*`, `ant_*`, `recommender_*` | `jsae-run report RUNS --curves FILE` |
//! | figure 3e (section 5.4) | `transfer_*`: table `[transfer]` | the same |
//! | tables 1 to 7 | the same: a file for each column; `grids/` for what was searched | `jsae-run sweep FILE` |
//!
//! # Errata
//!
//! What stands differently in the paper, and what is meant or needed.
//!
//! 1. Section 4.2 places Claims 1 to 5 in appendix A.2. They are in A.1.
//! 2. Claim 5 ends in P(A_t = s given E_t = e). The event is A_t = a; `claims` checks it so.
//! 3. Appendix A.2 drops s from P(e given x, s) because e were determined by x. It is not, π_i being
//!    stochastic (`claims_determined`). What the step needs is weaker and true: E is independent of S given
//!    X, since π_i sees nothing of s but x (last line of `claims`).
//! 4. Lemma 1 and Theorem 1 are stated under Assumptions 1 and 2, and in effect need Assumption 3. For
//!    states that share an x, π_i can give one distribution of actions only; a policy that treats them
//!    differently, as an optimal one may have to, has no internal counterpart (`theorem1_aliased`). In A.2
//!    this enters with Claim 1, which holds of policies that are functions of x, not of every π.
//! 5. Two properties go by Assumption 1. As stated, it says that f is a function: every e leads to one
//!    action. That no two actions share an embedding says that g is injective. The second does not follow
//!    from the first: with two actions at one point f is still a function, and one of the two is
//!    never reached (`theorem1_shadowed`). For an optimal policy every action it takes needs a
//!    cell f⁻¹(a) of its own.
//! 6. Lemma 2 is about all of ∂J, and J depends on θ through Q as well. Differentiating eq. 7 or 8
//!    with Q held fixed gives another vector (`frozen_q`); it is the sum over the states that are visited, not
//!    over d₀, that makes a gradient with Q held fixed the right one (the policy-gradient theorem).
//! 7. Without Assumption 3 the proof of Lemma 2 leaves open by which weights Q(x, e) averages over the
//!    states at x. Weighted alike, the gradients differ (`aliased`). Weighted by how often they are visited,
//!    they agree (`aliased_occupancy`): so a critic fitted to visited states does less harm than the proof fears.
