#![allow(unsafe_code, reason = "tch gives no slice of a tensor's own memory")]

use tch::{Device, Kind, Tensor};

/// The numbers of a flat tensor where they lie; `None` unless they are contiguous `f32` on the CPU.
///
/// The tensor is borrowed mutably although its storage may be shared: see the call for why nobody else looks.
pub(crate) fn numbers(tensor: &mut Tensor) -> Option<&mut [f32]> {
    let is_plain = tensor.device() == Device::Cpu && tensor.kind() == Kind::Float && tensor.is_contiguous();
    if !is_plain {
        return None;
    }
    let pointer = tensor.data_ptr().cast::<f32>();
    if pointer.is_null() {
        return Some(&mut []);
    }
    // SAFETY: a contiguous CPU tensor of kind Float holds `numel` aligned f32 from `data_ptr` on, alive as long as
    // the tensor is borrowed. Tensors are not shared between threads, and the only slices ever made of their
    // storage are these, four at a time of four different storages, gone before the step returns.
    Some(unsafe { std::slice::from_raw_parts_mut(pointer, tensor.numel()) })
}
