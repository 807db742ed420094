//! What Java calls: the natives of the class `Native`, and the moment in which the library is loaded. Each reads its
//! arguments, with their limits, and does the rest elsewhere. What is unsafe here are the names that Java looks for, and
//! the machine that it hands over.
#![allow(unsafe_code)]

use crate::{
    bank_file::BANK_FILE_BYTES_MAX,
    device::{FACT_BYTES_MAX, FACTS, Phone},
    error::NativeError,
    guard::guarded,
    java, log,
    running::{self, Start},
};
use jni::{
    Env, EnvUnowned, JavaVM,
    objects::{JByteArray, JClass, JObject, JObjectArray, JString},
    refs::Reference,
    sys::{self, JNI_ERR, JNI_VERSION_1_6, jint},
};
use mpos_protocol::screen::{EVENT_BYTES_MAX, ScreenEvent};
use mpos_screens::SaveFault;
use std::{ffi::c_void, panic::catch_unwind, path::PathBuf};
use zeroize::Zeroizing;

/// The longest path of a private folder.
const FOLDER_BYTES_MAX: usize = 4096;
/// The longest name of a saved file.
const NAME_BYTES_MAX: usize = 1024;

/// Java loads the library: from here on it is known what may be called.
///
/// Without it, or with another shell than it was made for, nothing starts: `System.loadLibrary` fails.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn JNI_OnLoad(vm: *mut sys::JavaVM, _reserved: *mut c_void) -> jint {
    let loaded = catch_unwind(|| {
        log::start();
        if vm.is_null() {
            return JNI_ERR;
        }
        // SAFETY: it is not null, and Java gives the machine that it is, for as long as the process lives.
        let vm = unsafe { JavaVM::from_raw(vm) };
        match vm.attach_current_thread(java::look_up) {
            Ok(()) => JNI_VERSION_1_6,
            Err(error) => {
                tracing::error!(%error, "the shell is not the one of this library");
                JNI_ERR
            }
        }
    });
    loaded.unwrap_or(JNI_ERR)
}

/// `static native void start(Shell shell, String folder, byte[] bank, String language, String[] device)`
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_com_procreditbank_kosovo_mpos_Native_start<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    shell: JObject<'local>,
    folder: JString<'local>,
    bank: JByteArray<'local>,
    language: JString<'local>,
    device: JObjectArray<'local, JString<'local>>,
) {
    guarded(env, |env| {
        if shell.is_null() {
            return Err(NativeError::Argument("no shell"));
        }
        let facts = facts(env, &device)?;
        let given = Start {
            folder: PathBuf::from(text(env, &folder, FOLDER_BYTES_MAX, "folder")?),
            bank: java::bytes_within(env, &bank, BANK_FILE_BYTES_MAX)?
                .ok_or(NativeError::Argument("bank"))?,
            language: text(env, &language, FACT_BYTES_MAX, "language")?,
            phone: Phone::new(&facts),
        };
        let shell = env.new_global_ref(shell)?;
        running::start(shell, given)
    })
}

/// `static native void event(byte[] event)`
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_com_procreditbank_kosovo_mpos_Native_event<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    event: JByteArray<'local>,
) {
    guarded(env, |env| {
        // A code may be in it: neither copy stays.
        let frame = java::bytes_within(env, &event, EVENT_BYTES_MAX);
        java::wipe(env, &event);
        let frame = Zeroizing::new(frame?.ok_or(NativeError::Argument("event"))?);
        let event = ScreenEvent::from_frame(&frame)?;
        Ok(running::session()?.hand().act(event)?)
    })
}

/// `static native void tag(IsoDep card)`
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_com_procreditbank_kosovo_mpos_Native_tag<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    card: JObject<'local>,
) {
    guarded(env, |env| {
        if card.is_null() {
            return Err(NativeError::Argument("no card"));
        }
        let card = env.new_global_ref(card)?;
        running::session()?.field().arrived(card);
        Ok(())
    })
}

/// `static native void saved(String name, int fault)`
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_com_procreditbank_kosovo_mpos_Native_saved<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    name: JString<'local>,
    fault: jint,
) {
    guarded(env, |env| {
        let name = text(env, &name, NAME_BYTES_MAX, "name")?;
        let result = match fault {
            0 => Ok(()),
            1 => Err(SaveFault::NotPermitted),
            2 => Err(SaveFault::Full),
            3 => Err(SaveFault::Withdrawn),
            _ => Err(SaveFault::Failed),
        };
        Ok(running::session()?.hand().saved(name, result)?)
    })
}

/// `static native void stop()`
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_com_procreditbank_kosovo_mpos_Native_stop<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
) {
    guarded(env, |_env| {
        running::stop();
        Ok(())
    })
}

fn text(
    env: &Env<'_>,
    text: &JString<'_>,
    bytes_max: usize,
    what: &'static str,
) -> Result<String, NativeError> {
    if text.is_null() {
        return Err(NativeError::Argument(what));
    }
    let text = text.try_to_string(env)?;
    if text.len() > bytes_max { Err(NativeError::Argument(what)) } else { Ok(text) }
}

fn facts(env: &mut Env<'_>, device: &JObjectArray<'_, JString<'_>>) -> Result<[String; FACTS], NativeError> {
    let malformed = NativeError::Argument("device");
    if device.is_null() || device.len(env)? != FACTS {
        return Err(malformed);
    }
    let mut facts = Vec::with_capacity(FACTS);
    for index in 0..FACTS {
        let fact = device.get_element(env, index)?;
        facts.push(text(env, &fact, FACT_BYTES_MAX, "device")?);
    }
    facts.try_into().map_err(|_| malformed)
}
