use std::collections::BTreeMap;

use tch::{Kind, Tensor};

use crate::Error;

/// The tensor of this name, if it has this shape and kind; a length of −1 fits any.
pub(crate) fn take<'a>(
    tensors: &'a BTreeMap<String, Tensor>,
    name: &str,
    shape: &[i64],
    kind: Kind,
) -> Result<&'a Tensor, Error> {
    let refuse = |problem: String| Error::Tensor { name: name.to_owned(), problem };
    let tensor = tensors.get(name).ok_or_else(|| refuse("is missing".to_owned()))?;
    let found = tensor.size();
    let fits = found.len() == shape.len() && found.iter().zip(shape).all(|(&n, &m)| m == -1 || n == m);
    if !fits || tensor.kind() != kind {
        return Err(refuse(format!("is {found:?} of {:?}, expected {shape:?} of {kind:?}", tensor.kind())));
    }
    Ok(tensor)
}

/// Copies the tensors of the same names into `targets`, all or none.
pub(crate) fn copy_all(
    targets: Vec<(String, Tensor)>,
    tensors: &BTreeMap<String, Tensor>,
) -> Result<(), Error> {
    for (name, target) in &targets {
        take(tensors, name, &target.size(), target.kind())?;
    }
    for (name, mut target) in targets {
        target.copy_(&tensors[&name]);
    }
    Ok(())
}
