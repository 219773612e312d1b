use std::collections::BTreeMap;

use tch::{Kind, Tensor};

/// Why saved tensors could not be loaded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StateError {
    /// A tensor is not there.
    #[error("tensor {name} is missing")]
    Missing {
        /// The tensor looked for.
        name: String,
    },
    /// A tensor of another size or kind: saved by a differently configured learner.
    #[error("tensor {name} is {found_kind:?} {found:?}, expected {expected_kind:?} {expected:?}")]
    Shape {
        /// The tensor looked for.
        name: String,
        /// Size of what was given.
        found: Vec<i64>,
        /// Kind of what was given.
        found_kind: Kind,
        /// Size that fits.
        expected: Vec<i64>,
        /// Kind that fits.
        expected_kind: Kind,
    },
}

/// Copies saved values into `targets`, which share their storage with a learner; nothing
/// is copied unless everything fits.
pub(crate) fn load_in_place(
    targets: Vec<(String, Tensor)>,
    tensors: &BTreeMap<String, Tensor>,
) -> Result<(), StateError> {
    let sources =
        targets.iter().map(|(name, target)| find(name, target, tensors)).collect::<Result<Vec<_>, _>>()?;
    for ((_, mut target), source) in targets.into_iter().zip(sources) {
        target.copy_(source);
    }
    Ok(())
}

/// Copies saved parameters of the actor, of the critics or of both into `targets`, as
/// [`load_in_place`] does; the optimisers begin afresh.
pub(crate) fn take_parameters(
    targets: Vec<(String, Tensor)>,
    tensors: &BTreeMap<String, Tensor>,
    actor: bool,
    critic: bool,
) -> Result<(), StateError> {
    let wanted = |name: &str| {
        !name.contains(".adam.")
            && (actor && name.starts_with("actor.") || critic && name.starts_with("critic"))
    };
    load_in_place(targets.into_iter().filter(|(name, _)| wanted(name)).collect(), tensors)
}

/// Puts `prefix.` before every name.
pub(crate) fn prefixed(
    prefix: &str,
    tensors: Vec<(String, Tensor)>,
) -> impl Iterator<Item = (String, Tensor)> {
    tensors.into_iter().map(move |(name, tensor)| (format!("{prefix}.{name}"), tensor))
}

fn find<'a>(
    name: &str,
    target: &Tensor,
    tensors: &'a BTreeMap<String, Tensor>,
) -> Result<&'a Tensor, StateError> {
    let source = tensors.get(name).ok_or_else(|| StateError::Missing { name: name.to_owned() })?;
    if source.size() == target.size() && source.kind() == target.kind() {
        return Ok(source);
    }
    Err(StateError::Shape {
        name: name.to_owned(),
        found: source.size(),
        found_kind: source.kind(),
        expected: target.size(),
        expected_kind: target.kind(),
    })
}
