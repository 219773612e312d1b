use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result, bail};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use tch::{Device, Kind, Tensor};

/// A safetensors file of `tensors`.
///
/// # Errors
/// A kind of number that is not stored.
pub(super) fn to_bytes(tensors: &[(String, Tensor)]) -> Result<Vec<u8>> {
    let stored: Vec<Stored> = tensors.iter().map(|(_, tensor)| Stored::new(tensor)).collect::<Result<_>>()?;
    let views = stored.iter().map(Stored::view).collect::<Result<Vec<_>>>()?;
    let named = tensors.iter().map(|(name, _)| name.as_str()).zip(views);
    let metadata = HashMap::from([("jsae".to_owned(), "checkpoint".to_owned())]);
    Ok(safetensors::serialize(named, Some(metadata))?)
}

/// The tensors of a safetensors file; sizes are held against the file's length before anything is made of them.
///
/// # Errors
/// Bytes that are no such file, or a pickle.
pub(super) fn from_bytes(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>> {
    if let Some(kind) = jsae_embed::pickle_magic(bytes) {
        bail!("its first bytes are those of {kind}, which can run code: not read");
    }
    let file = SafeTensors::deserialize(bytes)
        .with_context(|| format!("its {} bytes are not a safetensors file", bytes.len()))?;
    file.iter()
        .map(|(name, view)| Ok((name.to_owned(), tensor(&view).with_context(|| format!("tensor {name}"))?)))
        .collect()
}

/// A tensor's bytes on the CPU.
struct Stored {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

const KINDS: [(Kind, Dtype); 5] = [
    (Kind::Float, Dtype::F32),
    (Kind::Double, Dtype::F64),
    (Kind::Int64, Dtype::I64),
    (Kind::Uint8, Dtype::U8),
    (Kind::Bool, Dtype::BOOL),
];

impl Stored {
    fn new(tensor: &Tensor) -> Result<Self> {
        let kind = tensor.kind();
        let known = KINDS.iter().find(|(known, _)| *known == kind);
        let (_, dtype) = known.with_context(|| format!("tensors of {kind:?} cannot be stored"))?;
        let tensor = tensor.detach().to_device(Device::Cpu).contiguous();
        let mut bytes = vec![0; tensor.numel() * kind.elt_size_in_bytes()];
        tensor.copy_data_u8(&mut bytes, tensor.numel());
        Ok(Self { dtype: *dtype, shape: tensor.size().iter().map(|&n| n as usize).collect(), bytes })
    }

    fn view(&self) -> Result<TensorView<'_>> {
        Ok(TensorView::new(self.dtype, self.shape.clone(), &self.bytes)?)
    }
}

fn tensor(view: &TensorView<'_>) -> Result<Tensor> {
    let known = KINDS.iter().find(|(_, dtype)| *dtype == view.dtype());
    let (kind, _) = known.with_context(|| format!("numbers of {:?} are not used", view.dtype()))?;
    let shape: Vec<i64> = view
        .shape()
        .iter()
        .map(|&n| i64::try_from(n).with_context(|| format!("its shape is {:?}", view.shape())))
        .collect::<Result<_>>()?;
    Ok(Tensor::f_from_data_size(view.data(), &shape, *kind)?)
}
