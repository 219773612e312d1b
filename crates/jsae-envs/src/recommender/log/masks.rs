//! Where a byte stands, 64 places at a time.

#![allow(unsafe_code, reason = "the instructions that compare 16 bytes at once are not to be had otherwise")]

/// Bytes that are looked at together.
pub(super) const WIDTH: usize = 64;

/// Bit i is set where `block[i]` is `byte`.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn mask(block: &[u8; WIDTH], byte: u8) -> u64 {
    // SAFETY: every x86-64 processor has SSE2, which is all that the function asks for.
    unsafe { mask_sse2(block, byte) }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "sse2")]
fn mask_sse2(block: &[u8; WIDTH], byte: u8) -> u64 {
    use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_movemask_epi8, _mm_set_epi64x, _mm_set1_epi8};
    let wanted = _mm_set1_epi8(byte as i8);
    block.as_chunks::<16>().0.iter().rev().fold(0, |mask, quarter| {
        let halves = quarter.as_chunks::<8>().0;
        let [low, high] = [halves[0], halves[1]].map(i64::from_le_bytes);
        let found = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_set_epi64x(high, low), wanted));
        mask << 16 | u64::from(found as u16)
    })
}

/// Bit i is set where `block[i]` is `byte`.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(super) fn mask(block: &[u8; WIDTH], byte: u8) -> u64 {
    block.iter().rev().fold(0, |mask, &found| mask << 1 | u64::from(found == byte))
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, mask};

    #[test]
    fn bits_are_positions() {
        for at in 0..WIDTH {
            let mut block = [b'a'; WIDTH];
            block[at] = b',';
            block[63 - at] = b',';
            assert_eq!(mask(&block, b','), 1 << at | 1 << (63 - at));
            assert_eq!(mask(&block, 0xff), 0);
        }
        assert_eq!(mask(&[0xff; WIDTH], 0xff), u64::MAX);
    }
}
