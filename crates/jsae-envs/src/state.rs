//! Saved states as bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::EnvError;

/// `state` as bytes, the same on every machine.
pub(crate) fn to_bytes<T: Serialize>(state: &T) -> Vec<u8> {
    postcard::to_stdvec(state).expect("numbers and sequences of known length can always be written")
}

/// What [`to_bytes`] wrote, or why it cannot be that.
pub(crate) fn from_bytes<T: DeserializeOwned>(env: &'static str, bytes: &[u8]) -> Result<T, EnvError> {
    match postcard::take_from_bytes(bytes) {
        Ok((state, [])) => Ok(state),
        Ok((_, rest)) => Err(EnvError::State { env, problem: format!("{} bytes too many", rest.len()) }),
        Err(error) => Err(EnvError::State { env, problem: error.to_string() }),
    }
}
