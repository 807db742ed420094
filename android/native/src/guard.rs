//! What stands around each native: a panic is caught, an error becomes one exception, and nothing else crosses.

use crate::{error::NativeError, java};
use jni::{
    Env, EnvUnowned,
    errors::{ErrorPolicy, Result},
};
use std::any::Any;

/// Runs what a native does. Java gets its result, or a `NativeException` whose message is for people.
pub(crate) fn guarded<'local, T: Default>(
    mut env: EnvUnowned<'local>,
    native: impl FnOnce(&mut Env<'local>) -> std::result::Result<T, NativeError>,
) -> T {
    env.with_env(native).resolve::<Throw>()
}

struct Throw;

impl<T: Default> ErrorPolicy<T, NativeError> for Throw {
    type Captures<'unowned_env_local: 'native_method, 'native_method> = ();

    fn on_error<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        _captures: &mut (),
        error: NativeError,
    ) -> Result<T> {
        java::throw(env, &error);
        Ok(T::default())
    }

    fn on_panic<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        _captures: &mut (),
        payload: Box<dyn Any + Send>,
    ) -> Result<T> {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no text");
        tracing::error!(panic = text, "a native panicked");
        java::throw(env, &NativeError::Panic);
        Ok(T::default())
    }
}
