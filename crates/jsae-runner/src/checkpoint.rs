use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::BufReader;

use anyhow::{Context as _, Result, bail};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use crate::collect::CollectorState;
use crate::learner::Learner;
use crate::run_folder::RunFolder;
use crate::streams::Streams;

const FILE: &str = "checkpoint.safetensors";

/// Layout of what a checkpoint says beside its tensors.
const FORMAT: u32 = 1;

/// Everything a run needs to go on, at the boundary of two epochs.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    /// What was learnt, see [`crate::Agent::tensors`].
    pub(crate) tensors: BTreeMap<String, Tensor>,
    /// The rest.
    pub(crate) progress: Progress,
}

/// Where a run stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Finished epochs.
    pub(crate) epoch: usize,
    /// Environment steps made, pre-training samples included where they count.
    pub(crate) steps: u64,
    /// Mean return of each finished epoch's finished episodes.
    pub(crate) epoch_returns: Vec<Option<f64>>,
    /// Random streams.
    pub(crate) streams: Streams,
    /// Environments and their episodes.
    pub(crate) collector: CollectorState,
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    progress: Progress,
}

impl Checkpoint {
    /// Writes the run's checkpoint whole or not at all.
    ///
    /// # Errors
    /// A disk that refuses.
    pub(crate) fn write(
        folder: &RunFolder,
        tensors: &[(String, Tensor)],
        progress: &Progress,
        learner: &Learner,
    ) -> Result<()> {
        if learner.remembers() {
            let name = replay_name(progress.epoch);
            folder.write_with(&name, &mut |writer| learner.write_to(writer))?;
        }
        let header = serde_json::to_string(&Header { format: FORMAT, progress: progress.clone() })?;
        let stored: Vec<Stored> =
            tensors.iter().map(|(_, tensor)| Stored::new(tensor)).collect::<Result<_>>()?;
        let views = stored.iter().map(Stored::view).collect::<Result<Vec<_>>>()?;
        let named = tensors.iter().map(|(name, _)| name.as_str()).zip(views);
        let metadata = HashMap::from([("jsae".to_owned(), header)]);
        let bytes = safetensors::serialize(named, Some(metadata))?;
        folder.write(FILE, &bytes)?;
        folder.remove_others("replay-", &replay_name(progress.epoch))
    }

    /// Gives back to `learner` what it remembered.
    ///
    /// # Errors
    /// A file that is missing or damaged.
    pub(crate) fn restore(&self, folder: &RunFolder, learner: &mut Learner) -> Result<()> {
        if !learner.remembers() {
            return Ok(());
        }
        let path = folder.file(&replay_name(self.progress.epoch));
        let file = File::open(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        learner
            .read_from(self.progress.epoch, &mut BufReader::new(file))
            .with_context(|| format!("{} is not the replay of this run", path.display()))
    }

    /// Reads the run's checkpoint; `None` where there is none yet.
    ///
    /// # Errors
    /// A file that is damaged or of another version.
    pub(crate) fn read(folder: &RunFolder) -> Result<Option<Self>> {
        let path = folder.file(FILE);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context(format!("{} cannot be read", path.display())),
        };
        Self::parse(&bytes).map(Some).with_context(|| format!("{} is not a checkpoint", path.display()))
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let (_, metadata) = SafeTensors::read_metadata(bytes)?;
        let header =
            metadata.metadata().as_ref().and_then(|m| m.get("jsae")).context("its header is missing")?;
        let version: Version = serde_json::from_str(header).context("its header is damaged")?;
        if version.format != FORMAT {
            bail!("its format is {}, expected {FORMAT}", version.format);
        }
        let Header { progress, .. } = serde_json::from_str(header).context("its header is damaged")?;
        let file = SafeTensors::deserialize(bytes)?;
        let tensors =
            file.iter().map(|(name, view)| Ok((name.to_owned(), tensor(&view)?))).collect::<Result<_>>()?;
        Ok(Self { tensors, progress })
    }
}

/// The replay stands in a file of its own, named by its epoch so that it never belongs to another checkpoint.
fn replay_name(epoch: usize) -> String {
    format!("replay-{epoch}.bin")
}

#[derive(Deserialize)]
struct Version {
    format: u32,
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
    let (kind, _) = known.with_context(|| format!("it holds a tensor of {:?}", view.dtype()))?;
    let shape: Vec<i64> = view.shape().iter().map(|&n| n as i64).collect();
    Ok(Tensor::f_from_data_size(view.data(), &shape, *kind)?)
}
