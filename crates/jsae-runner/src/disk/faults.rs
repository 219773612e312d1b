//! Steps of writing that fail on purpose, in the thread that asks for it.

use std::cell::Cell;
use std::io;

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// The step of this number alone: a disk that is full for a moment.
    Once(usize),
    /// It and all after it: a process that is killed there.
    From(usize),
}

thread_local! {
    static FAULT: Cell<Option<Fault>> = const { Cell::new(None) };
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Counts steps from 0 while `work` runs, and lets those of `fault` fail; returns their number too.
pub(crate) fn with<T>(fault: Fault, work: impl FnOnce() -> T) -> (T, usize) {
    FAULT.set(Some(fault));
    STEPS.set(0);
    let result = work();
    FAULT.set(None);
    (result, STEPS.get())
}

pub(super) fn strike() -> io::Result<()> {
    let Some(fault) = FAULT.get() else { return Ok(()) };
    let step = STEPS.replace(STEPS.get() + 1);
    let fails = match fault {
        Fault::Once(at) => step == at,
        Fault::From(at) => step >= at,
    };
    if fails { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
}
