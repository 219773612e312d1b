mod pickle;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use tch::{Kind, Tensor};

pub use pickle::{pickle_extension, pickle_magic};

use crate::{Embedding, Error, Features, Latent};

/// Writes everything that `embedding` learnt as safetensors; the file's metadata names the method, spaces and sizes.
///
/// # Errors
/// [`Error::File`] where the file cannot be written.
pub fn save(embedding: &dyn Embedding, path: &Path) -> Result<(), Error> {
    let tensors = embedding.tensors();
    let bytes: Vec<_> = tensors.iter().map(|(_, tensor)| bytes(tensor)).collect();
    let shapes: Vec<Vec<usize>> =
        tensors.iter().map(|(_, tensor)| tensor.size().iter().map(|&n| n as usize).collect()).collect();
    let views = tensors.iter().zip(&bytes).zip(shapes).map(|(((name, tensor), bytes), shape)| {
        let kind = if tensor.kind() == Kind::Int64 { Dtype::I64 } else { Dtype::F32 };
        TensorView::new(kind, shape, bytes).map(|view| (name.as_str(), view))
    });
    let views = views.collect::<Result<Vec<_>, _>>().map_err(|error| refuse(path, &error))?;
    let contents = serialize(views, Some(metadata(embedding))).map_err(|error| refuse(path, &error))?;
    fs::write(path, contents).map_err(|error| refuse(path, &error))
}

/// Reads what [`save`] wrote into an embedding of the same method, spaces and sizes.
///
/// # Errors
/// [`Error::File`] for a file that cannot be read, was written for something else or is a pickle,
/// [`Error::Tensor`] for tensors that do not fit. On an error nothing has changed.
pub fn load(embedding: &mut dyn Embedding, path: &Path) -> Result<(), Error> {
    if let Some(extension) = pickle_extension(path) {
        return Err(refuse(
            path,
            &format!(".{extension} is an ending of pickles, which can run code: not read"),
        ));
    }
    let contents = fs::read(path).map_err(|error| refuse(path, &error))?;
    if let Some(kind) = pickle_magic(&contents) {
        return Err(refuse(
            path,
            &format!("its first bytes are those of {kind}, which can run code: not read"),
        ));
    }
    // Sizes are held against the file's length here, before any tensor is made.
    let (_, header) = SafeTensors::read_metadata(&contents).map_err(|error| refuse(path, &error))?;
    let found = header.metadata().clone().unwrap_or_default();
    for (key, expected) in BTreeMap::from_iter(metadata(embedding)) {
        let found = found.get(&key).map_or("nothing", String::as_str);
        if found != expected {
            return Err(refuse(path, &format!("was written for {key} {found}, expected {expected}")));
        }
    }
    let file = SafeTensors::deserialize(&contents).map_err(|error| refuse(path, &error))?;
    let tensors: Result<BTreeMap<_, _>, Error> =
        file.iter().map(|(name, view)| Ok((name.to_owned(), tensor(path, name, &view)?))).collect();
    embedding.load_tensors(&tensors?)
}

fn metadata(embedding: &dyn Embedding) -> HashMap<String, String> {
    let spaces = embedding.spaces();
    let features = match embedding.features() {
        Features::Dense(dim) => dim.to_string(),
        Features::Indices(sizes) => format!("{sizes:?}"),
    };
    let latent = match embedding.latent() {
        Latent::Continuous(dim) => dim.to_string(),
        Latent::Discrete(n) => format!("one of {n}"),
    };
    let entries = [
        ("embedding", embedding.kind().to_owned()),
        ("observation_space", format!("{:?}", spaces.observation)),
        ("action_space", format!("{:?}", spaces.action)),
        ("predicted", format!("{:?}", spaces.predicted)),
        ("state_dim", features),
        ("latent_dim", latent),
    ];
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn bytes(tensor: &Tensor) -> Vec<u8> {
    let tensor = tensor.to_device(tch::Device::Cpu).contiguous();
    let mut bytes = vec![0; tensor.numel() * tensor.kind().elt_size_in_bytes()];
    tensor.copy_data_u8(&mut bytes, tensor.numel());
    bytes
}

fn tensor(path: &Path, name: &str, view: &TensorView<'_>) -> Result<Tensor, Error> {
    let kind = match view.dtype() {
        Dtype::F32 => Kind::Float,
        Dtype::I64 => Kind::Int64,
        other => return Err(refuse(path, &format!("tensor `{name}` is of {other:?}, expected F32 or I64"))),
    };
    let shape = view.shape().iter().map(|&n| i64::try_from(n)).collect::<Result<Vec<_>, _>>();
    let shape =
        shape.map_err(|error| refuse(path, &format!("tensor `{name}` is {:?}: {error}", view.shape())))?;
    Tensor::f_from_data_size(view.data(), &shape, kind).map_err(|error| refuse(path, &error))
}

fn refuse(path: &Path, problem: &impl ToString) -> Error {
    Error::File { path: path.to_owned(), problem: problem.to_string() }
}
