#![allow(unsafe_code, reason = "how a processor rounds is set by an instruction")]

/// While it lives, numbers too small to be normal count as zero in this thread.
///
/// A policy that has made up its mind has probabilities of 1e-40 and gradients to match, with which processors are many
/// times slower; no optimiser's step could tell them from zero. Environments are not stepped under it.
#[must_use]
pub(crate) struct FlushedToZero {
    #[cfg(target_arch = "x86_64")]
    before: u32,
}

#[cfg(target_arch = "x86_64")]
impl FlushedToZero {
    /// From now on.
    pub(crate) fn begin() -> Self {
        /// Results flush to zero (bit 15), operands count as zero (bit 6).
        const FLUSH: u32 = 1 << 15 | 1 << 6;
        let before = control();
        set_control(before | FLUSH);
        Self { before }
    }
}

#[cfg(target_arch = "x86_64")]
impl Drop for FlushedToZero {
    fn drop(&mut self) {
        set_control(self.before);
    }
}

/// The register that says how vector instructions round.
#[cfg(target_arch = "x86_64")]
fn control() -> u32 {
    let mut control = 0_u32;
    // SAFETY: writes four bytes to where the pointer points.
    unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut control, options(nostack, preserves_flags)) };
    control
}

#[cfg(target_arch = "x86_64")]
fn set_control(control: u32) {
    // SAFETY: reads four bytes; only bits of FLUSH ever differ from what was read, both of which processors know
    // that run libtorch (since 2003), and no code here depends on denormal numbers.
    unsafe { std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const control, options(nostack, preserves_flags)) };
}

/// Other processors are left as they are.
#[cfg(not(target_arch = "x86_64"))]
impl FlushedToZero {
    pub(crate) fn begin() -> Self {
        Self {}
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use std::hint::black_box;

    use tch::Tensor;

    use super::*;

    #[test]
    fn tiny_numbers_are_zero_inside_and_themselves_again_outside() {
        let tiny = Tensor::from_slice(&[1e-30_f32]);
        let product = || (&tiny * 1e-10).double_value(&[0]);
        {
            let _flushed = FlushedToZero::begin();
            assert_eq!(product(), 0.0);
            assert_eq!(black_box(1e-30_f32) * black_box(1e-10), 0.0);
        }
        assert!(product() > 0.0);
    }
}
