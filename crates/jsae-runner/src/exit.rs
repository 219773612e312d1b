use std::process::ExitCode;

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Everything asked for is done: 0.
    Done,
    /// A signal stopped it, and the same command goes on from the checkpoint; or runs are open that this
    /// command needs or answers for: 3.
    Stopped,
    /// The input is wrong; nothing was done: 2.
    BadInput,
    /// Something failed while it ran: 1.
    Failed,
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) fn code(self) -> i32 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::BadInput => 2,
            Self::Stopped => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code() as u8)
    }
}
