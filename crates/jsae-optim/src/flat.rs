#![allow(unsafe_code, reason = "tch gives no slice of a tensor's own memory")]

use tch::{Device, Kind, Tensor};

/// The numbers of flat tensors where they lie; `None` unless all are contiguous `f32` on the CPU.
///
/// # Panics
/// Where two of them share memory.
pub(crate) fn numbers<const N: usize>(tensors: &mut [Tensor; N]) -> Option<[&mut [f32]; N]> {
    let is_plain = |tensor: &Tensor| {
        tensor.device() == Device::Cpu && tensor.kind() == Kind::Float && tensor.is_contiguous()
    };
    if !tensors.iter().all(is_plain) {
        return None;
    }
    let mut ranges = tensors.each_ref().map(|tensor| {
        let start = tensor.data_ptr() as usize;
        start..start + size_of::<f32>() * tensor.numel()
    });
    ranges.sort_unstable_by_key(|range| range.start);
    assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start), "two tensors share memory");
    Some(tensors.each_mut().map(|tensor| {
        if tensor.numel() == 0 {
            return &mut [][..];
        }
        // SAFETY: a contiguous CPU tensor of kind Float holds `numel` aligned f32 from `data_ptr` on, alive as long as
        // the tensor is borrowed. The slices do not overlap (checked above), tensors are not shared between threads,
        // and these are the only slices that are ever made of their storage, gone before the step returns.
        unsafe { std::slice::from_raw_parts_mut(tensor.data_ptr().cast::<f32>(), tensor.numel()) }
    }))
}
