use jsae_embed::jsae::Parts;
use jsae_envs::Key;
use serde::{Deserialize, Serialize};

/// `[transfer]`: begin with what a run on a task of other actions or of other states has learnt (the
/// paper, section 5.4 and figure 3e).
///
/// Parameters are moved; optimisers, replay and random streams begin afresh, and so does the count of
/// steps: it holds this run's own pre-training samples, not what the other run took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Transfer {
    /// Folder of the run that is moved from; `{seed}` stands for this run's seed.
    pub from: String,
    /// Move φ: where both tasks have the same states.
    pub state_embedding: bool,
    /// Move g: where both tasks have the same actions.
    pub action_embedding: bool,
    /// Move T.
    pub transition: bool,
    /// Move π.
    pub actor: bool,
    /// Move V, or the critics of SAC.
    pub critic: bool,
    /// Keep the moved parts of the embedding as they are while the new ones are pre-trained; then all is free.
    pub freeze: bool,
    /// SHA-256 of what is moved, written into the resolved file: another content is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl Default for Transfer {
    fn default() -> Self {
        Self {
            from: String::new(),
            state_embedding: true,
            action_embedding: false,
            transition: true,
            actor: true,
            critic: true,
            freeze: true,
            sha256: None,
        }
    }
}

impl Transfer {
    /// Keys of the table.
    pub const KEYS: &'static [Key] = &[
        Key {
            name: "from",
            about: "folder of the run to move from; {seed} stands for this run's seed",
            expected: "the folder of a finished run, as in \"runs/NAME/seed-{seed}\"",
        },
        Key {
            name: "state_embedding",
            about: "move phi: where both tasks have the same states",
            expected: TRUTH,
        },
        Key {
            name: "action_embedding",
            about: "move g: where both tasks have the same actions",
            expected: TRUTH,
        },
        Key { name: "transition", about: "move T", expected: TRUTH },
        Key { name: "actor", about: "move the policy", expected: TRUTH },
        Key { name: "critic", about: "move the value function, or the critics of SAC", expected: TRUTH },
        Key {
            name: "freeze",
            about: "keep the moved parts of the embedding as they are while the new ones are pre-trained",
            expected: TRUTH,
        },
        Key {
            name: "sha256",
            about: "checksum of what is moved; the resolved file records it, another content is refused",
            expected: "64 hexadecimal digits, letters small",
        },
    ];

    /// The folder that a run with `seed` moves from.
    pub fn source(&self, seed: u64) -> String {
        self.from.replace("{seed}", &seed.to_string())
    }

    /// The parts of the embedding that are moved.
    pub fn parts(&self) -> Parts {
        Parts {
            state_embedding: self.state_embedding,
            action_embedding: self.action_embedding,
            transition: self.transition,
        }
    }

    pub(super) fn moves_nothing(&self) -> bool {
        let Parts { state_embedding, action_embedding, transition } = self.parts();
        ![state_embedding, action_embedding, transition, self.actor, self.critic].contains(&true)
    }

    pub(super) fn freezes_everything(&self) -> bool {
        self.freeze && self.state_embedding && self.action_embedding && self.transition
    }

    /// Keys that are out of range, and what they hold.
    pub(super) fn problems(&self) -> Vec<(&'static str, String)> {
        let is_digest =
            |text: &String| text.len() == 64 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
        let from = self.from.is_empty().then(|| ("from", "\"\"".to_owned()));
        let digest = self.sha256.as_ref().filter(|text| !is_digest(text));
        from.into_iter().chain(digest.map(|text| ("sha256", format!("{text:?}")))).collect()
    }
}

const TRUTH: &str = "true or false";
