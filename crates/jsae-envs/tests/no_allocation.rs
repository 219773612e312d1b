//! Stepping on one thread allocates nothing.

#![allow(unsafe_code, reason = "an allocator that counts cannot be written otherwise")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use jsae_envs::{Env, Start, VecEnv, VecStep, gridworld, identity, slot_machine};

struct Counting;

static N_ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        N_ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises about `layout` are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: `pointer` came from `alloc` above, that is from `System`, with this `layout`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One test only: another one running beside it would be counted.
#[test]
fn stepping_and_beginning_anew_allocates_nothing() {
    let gridworld = gridworld::Config { time_limit: 10, noise: 0.01, ..Default::default() };
    let builders: [&dyn Fn() -> Box<dyn Env>; 3] =
        [&|| gridworld.build().unwrap(), &|| slot_machine::Config::default().build().unwrap(), &|| {
            identity::Config::default().build().unwrap()
        }];
    for build in builders {
        let mut envs = VecEnv::new((0..4).map(|_| build()).collect(), 1).unwrap();
        let mut out = VecStep::new(&envs);
        envs.reset(Start::Uniform, &mut out.observations).unwrap();
        let before = N_ALLOCATIONS.load(Ordering::Relaxed);
        let mut n_ends = 0;
        for i in 0..200 {
            envs.step(&[f64::from(i % 5), 1.0, 2.0, 3.0], &mut out).unwrap();
            n_ends += out.truncated.iter().filter(|&&truncated| truncated).count();
        }
        assert_eq!(N_ALLOCATIONS.load(Ordering::Relaxed), before);
        assert!(n_ends >= 40, "{n_ends} episodes ended");
    }
}
