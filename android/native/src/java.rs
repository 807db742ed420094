//! What this library calls of Java: the shell, the key store, a card's `IsoDep`, Android's word on a debugger.
//!
//! Classes and methods are looked up once, when Java loads the library: later a thread of ours finds the system's
//! classes only. A thread is attached at its first call and stays so until it ends. An exception of Java's ends here:
//! it is cleared, and becomes a [`JavaFault`] that names the method. Its text is not read: it may hold anything.
#![allow(unsafe_code)]

use crate::error::NativeError;
use jni::{
    Env, JavaVM,
    errors::Error,
    ids::{JMethodID, JStaticMethodID},
    jni_sig, jni_str,
    objects::{JByteArray, JClass, JObject, JObjectArray},
    refs::{Global, Reference},
    signature::{Primitive, ReturnType},
    strings::{JNIStr, JNIString},
    sys::jvalue,
};
use mpos_terminal::saving::ExportFile;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// Most certificates of a key's chain.
const CHAIN_MAX: usize = 8;
/// The longest array that is taken from Java.
const BYTES_MAX: usize = 64 * 1024;

/// Why Java did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JavaFault {
    /// The card left the field.
    #[error("the card left")]
    TagLost,
    /// It threw.
    #[error("{0} threw an exception")]
    Threw(&'static str),
    /// It gave back what cannot be.
    #[error("{0} gave something back that it must not")]
    Result(&'static str),
    /// The border itself, such as no memory.
    #[error("Java takes no call")]
    Border,
}

impl From<Error> for JavaFault {
    fn from(_error: Error) -> Self {
        Self::Border
    }
}

/// What was looked up. Classes are held, so that their methods stay what they are.
struct Java {
    exception: Global<JClass<'static>>,
    tag_lost: Global<JClass<'static>>,
    keys: Global<JClass<'static>>,
    debug: Global<JClass<'static>>,
    _shell: Global<JClass<'static>>,
    _card: Global<JClass<'static>>,
    show: JMethodID,
    polling: JMethodID,
    save: JMethodID,
    make: JStaticMethodID,
    chain: JStaticMethodID,
    sign: JStaticMethodID,
    seal: JStaticMethodID,
    open: JStaticMethodID,
    debugger: JStaticMethodID,
    connect: JMethodID,
    set_timeout: JMethodID,
    transceive: JMethodID,
    close: JMethodID,
}

static JAVA: OnceLock<Java> = OnceLock::new();

/// Looks everything up, on the thread on which Java loads the library: there it finds the application's classes.
///
/// # Errors
/// When a class or a method is missing: library and shell do not fit together. Java then throws that on.
pub(crate) fn look_up(env: &mut Env<'_>) -> Result<(), Error> {
    fn class(env: &mut Env<'_>, name: &JNIStr) -> Result<Global<JClass<'static>>, Error> {
        let class = env.find_class(name)?;
        env.new_global_ref(class)
    }
    let keys = class(env, jni_str!("com/procreditbank/kosovo/mpos/Keys"))?;
    let shell = class(env, jni_str!("com/procreditbank/kosovo/mpos/Shell"))?;
    let card = class(env, jni_str!("android/nfc/tech/IsoDep"))?;
    let debug = class(env, jni_str!("android/os/Debug"))?;
    let java = Java {
        exception: class(env, jni_str!("com/procreditbank/kosovo/mpos/NativeException"))?,
        tag_lost: class(env, jni_str!("android/nfc/TagLostException"))?,
        show: env.get_method_id(&shell, jni_str!("show"), jni_sig!("([B)V"))?,
        polling: env.get_method_id(&shell, jni_str!("polling"), jni_sig!("(Z)V"))?,
        save: env.get_method_id(
            &shell,
            jni_str!("save"),
            jni_sig!("(Ljava/lang/String;Ljava/lang/String;[B)V"),
        )?,
        make: env.get_static_method_id(&keys, jni_str!("make"), jni_sig!("(Ljava/lang/String;[B)[[B"))?,
        chain: env.get_static_method_id(&keys, jni_str!("chain"), jni_sig!("(Ljava/lang/String;)[[B"))?,
        sign: env.get_static_method_id(&keys, jni_str!("sign"), jni_sig!("(Ljava/lang/String;[B)[B"))?,
        seal: env.get_static_method_id(&keys, jni_str!("seal"), jni_sig!("([B)[B"))?,
        open: env.get_static_method_id(&keys, jni_str!("open"), jni_sig!("([B)[B"))?,
        debugger: env.get_static_method_id(&debug, jni_str!("isDebuggerConnected"), jni_sig!("()Z"))?,
        connect: env.get_method_id(&card, jni_str!("connect"), jni_sig!("()V"))?,
        set_timeout: env.get_method_id(&card, jni_str!("setTimeout"), jni_sig!("(I)V"))?,
        transceive: env.get_method_id(&card, jni_str!("transceive"), jni_sig!("([B)[B"))?,
        close: env.get_method_id(&card, jni_str!("close"), jni_sig!("()V"))?,
        keys,
        debug,
        _shell: shell,
        _card: card,
    };
    // A second load finds the same.
    let _already_there = JAVA.set(java);
    Ok(())
}

/// Throws `error` at Java, unless something is on its way there already.
pub(crate) fn throw(env: &mut Env<'_>, error: &NativeError) {
    if env.exception_check() {
        return;
    }
    let Some(java) = JAVA.get() else { return };
    let text = JNIString::from(error.to_string());
    let raw = env.get_raw();
    // By JNI's own function: the crate's asks Java for constructors and class loaders first, and may throw otherwise.
    // SAFETY: the pointer is this thread's environment, the class a `Throwable` with a constructor of one `String`, and
    // the text ends with a zero byte and outlives the call.
    unsafe { ((**raw).v1_1.ThrowNew)(raw, java.exception.as_raw(), text.as_ptr()) };
}

/// Draws a screen.
pub(crate) fn show(shell: &Global<JObject<'static>>, frame: &[u8]) -> Result<(), JavaFault> {
    call(|env, java| {
        let frame = env.byte_array_from_slice(frame)?;
        on_object(
            env,
            shell,
            java.show,
            "Shell.show",
            ReturnType::Primitive(Primitive::Void),
            &[object(&frame)],
        )?;
        Ok(())
    })
}

/// Switches reader mode.
pub(crate) fn polling(shell: &Global<JObject<'static>>, on: bool) -> Result<(), JavaFault> {
    call(|env, java| {
        let void = ReturnType::Primitive(Primitive::Void);
        on_object(env, shell, java.polling, "Shell.polling", void, &[jvalue { z: on }])?;
        Ok(())
    })
}

/// Has a file saved.
pub(crate) fn save(shell: &Global<JObject<'static>>, file: &ExportFile) -> Result<(), JavaFault> {
    call(|env, java| {
        let name = env.new_string(&file.name)?;
        let media_type = env.new_string(file.media_type)?;
        let bytes = env.byte_array_from_slice(&file.bytes)?;
        let arguments = [object(&name), object(&media_type), object(&bytes)];
        let void = ReturnType::Primitive(Primitive::Void);
        on_object(env, shell, java.save, "Shell.save", void, &arguments)?;
        Ok(())
    })
}

/// Makes a key that signs, attested for `challenge` if that is not empty. Its certificates.
pub(crate) fn make_key(name: &str, challenge: &[u8]) -> Result<Vec<Vec<u8>>, JavaFault> {
    call(|env, java| {
        let name = env.new_string(name)?;
        let challenge = env.byte_array_from_slice(challenge)?;
        let made = of_keys(env, java, java.make, "Keys.make", &[object(&name), object(&challenge)])?;
        chain_of(env, made, "Keys.make")
    })
}

/// The certificates of a key; none when there is no such key.
pub(crate) fn key_chain(name: &str) -> Result<Vec<Vec<u8>>, JavaFault> {
    call(|env, java| {
        let name = env.new_string(name)?;
        let chain = of_keys(env, java, java.chain, "Keys.chain", &[object(&name)])?;
        chain_of(env, chain, "Keys.chain")
    })
}

/// ECDSA with SHA-256, in DER.
pub(crate) fn sign(name: &str, message: &[u8]) -> Result<Vec<u8>, JavaFault> {
    call(|env, java| {
        let name = env.new_string(name)?;
        let message = env.byte_array_from_slice(message)?;
        let signature = of_keys(env, java, java.sign, "Keys.sign", &[object(&name), object(&message)])?;
        bytes_of(env, signature, "Keys.sign")
    })
}

/// Seals under a key of the phone's.
pub(crate) fn seal(plain: &[u8]) -> Result<Vec<u8>, JavaFault> {
    call(|env, java| {
        let array = env.byte_array_from_slice(plain)?;
        let sealed = of_keys(env, java, java.seal, "Keys.seal", &[object(&array)]);
        wipe(env, &array);
        bytes_of(env, sealed?, "Keys.seal")
    })
}

/// Opens what was sealed.
pub(crate) fn open(sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, JavaFault> {
    call(|env, java| {
        let sealed = env.byte_array_from_slice(sealed)?;
        let plain = of_keys(env, java, java.open, "Keys.open", &[object(&sealed)])?;
        let array = array_of(env, plain, "Keys.open")?;
        let bytes = read(env, &array, "Keys.open").map(Zeroizing::new);
        wipe(env, &array);
        bytes
    })
}

/// Whether a debugger is attached to the application; not when Android does not say.
pub(crate) fn is_debugger_connected() -> bool {
    let asked = call(|env, java| {
        // SAFETY: the method belongs to this class, takes nothing and gives a boolean: it was looked up so.
        let said = unsafe {
            let boolean = ReturnType::Primitive(Primitive::Boolean);
            env.call_static_method_unchecked(&java.debug, java.debugger, boolean, &[])
        };
        Ok(caught(env, "Debug.isDebuggerConnected", said)?.z()?)
    });
    asked.unwrap_or_default()
}

/// Selects a card, and says how long it may take to answer.
pub(crate) fn connect(card: &Global<JObject<'static>>, answer_wait_ms: i32) -> Result<(), JavaFault> {
    call(|env, java| {
        let void = || ReturnType::Primitive(Primitive::Void);
        on_object(env, card, java.connect, "IsoDep.connect", void(), &[])?;
        let wait = [jvalue { i: answer_wait_ms }];
        on_object(env, card, java.set_timeout, "IsoDep.setTimeout", void(), &wait)?;
        Ok(())
    })
}

/// Sends a command to a card.
pub(crate) fn transceive(card: &Global<JObject<'static>>, command: &[u8]) -> Result<Vec<u8>, JavaFault> {
    call(|env, java| {
        let command = env.byte_array_from_slice(command)?;
        let arguments = [object(&command)];
        let answer =
            on_object(env, card, java.transceive, "IsoDep.transceive", ReturnType::Array, &arguments)?;
        bytes_of(env, answer, "IsoDep.transceive")
    })
}

/// Lets go of a card. That it is gone already is no fault.
pub(crate) fn close(card: &Global<JObject<'static>>) {
    let _gone = call(|env, java| {
        let void = ReturnType::Primitive(Primitive::Void);
        on_object(env, card, java.close, "IsoDep.close", void, &[])?;
        Ok(())
    });
}

/// The bytes of an array, at most so many; none of an array that is null or longer.
pub(crate) fn bytes_within(
    env: &Env<'_>,
    array: &JByteArray<'_>,
    bytes_max: usize,
) -> Result<Option<Vec<u8>>, Error> {
    if array.is_null() || array.len(env)? > bytes_max {
        return Ok(None);
    }
    env.convert_byte_array(array).map(Some)
}

/// Overwrites an array of Java's that held a secret.
pub(crate) fn wipe(env: &Env<'_>, array: &JByteArray<'_>) {
    if array.is_null() {
        return;
    }
    if let Ok(length) = array.len(env) {
        let _as_well_as_can_be = array.set_region(env, 0, &vec![0; length]);
    }
}

/// On this thread, which is attached to Java if it was not.
fn call<T>(doing: impl FnOnce(&mut Env<'_>, &'static Java) -> Result<T, JavaFault>) -> Result<T, JavaFault> {
    let java = JAVA.get().ok_or(JavaFault::Border)?;
    JavaVM::singleton()?.attach_current_thread(|env| doing(env, java))
}

fn object<'local>(reference: &impl AsRef<JObject<'local>>) -> jvalue {
    jvalue { l: reference.as_ref().as_raw() }
}

/// Calls a method of an object's; what it returns if that is an object.
fn on_object<'local>(
    env: &mut Env<'local>,
    on: &Global<JObject<'static>>,
    method: JMethodID,
    name: &'static str,
    returns: ReturnType,
    arguments: &[jvalue],
) -> Result<JObject<'local>, JavaFault> {
    // SAFETY: each caller gives the method of the object's class with the arguments and the result that it was looked
    // up with; `start` and `tag` take no object of another class, since Java's compiler lets none through.
    let returned = unsafe { env.call_method_unchecked(on, method, returns, arguments) };
    let returned = caught(env, name, returned)?;
    Ok(returned.l().unwrap_or_else(|_| JObject::null()))
}

/// Calls a static method of `Keys` that returns an array.
fn of_keys<'local>(
    env: &mut Env<'local>,
    java: &Java,
    method: JStaticMethodID,
    name: &'static str,
    arguments: &[jvalue],
) -> Result<JObject<'local>, JavaFault> {
    // SAFETY: the method belongs to this class; each caller gives the arguments that it was looked up with, and all of
    // them return arrays.
    let returned =
        unsafe { env.call_static_method_unchecked(&java.keys, method, ReturnType::Array, arguments) };
    Ok(caught(env, name, returned)?.l()?)
}

/// Clears an exception, and tells which one it was as far as anybody asks.
fn caught<T>(env: &mut Env<'_>, name: &'static str, result: Result<T, Error>) -> Result<T, JavaFault> {
    match result {
        Ok(value) => Ok(value),
        Err(Error::JavaException) => {
            let thrown = env.exception_occurred();
            env.exception_clear();
            let tag_lost = JAVA.get().map(|java| &java.tag_lost);
            let is_loss = match (thrown, tag_lost) {
                (Some(thrown), Some(class)) => env.is_instance_of(&thrown, class)?,
                _ => false,
            };
            Err(if is_loss { JavaFault::TagLost } else { JavaFault::Threw(name) })
        }
        Err(_) => Err(JavaFault::Border),
    }
}

fn array_of<'local>(
    env: &Env<'local>,
    array: JObject<'local>,
    name: &'static str,
) -> Result<JByteArray<'local>, JavaFault> {
    if array.is_null() {
        return Err(JavaFault::Result(name));
    }
    // SAFETY: the method was looked up as one that returns `byte[]`, and what it returned belongs to this frame.
    Ok(unsafe { JByteArray::from_raw(env, array.into_raw()) })
}

fn bytes_of(env: &Env<'_>, array: JObject<'_>, name: &'static str) -> Result<Vec<u8>, JavaFault> {
    if array.is_null() {
        return Err(JavaFault::Result(name));
    }
    // SAFETY: as above; the reference is the caller's, which lives longer than this one.
    let array = unsafe { JByteArray::from_raw(env, array.as_raw()) };
    read(env, &array, name)
}

fn read(env: &Env<'_>, array: &JByteArray<'_>, name: &'static str) -> Result<Vec<u8>, JavaFault> {
    bytes_within(env, array, BYTES_MAX)?.ok_or(JavaFault::Result(name))
}

fn chain_of(env: &mut Env<'_>, array: JObject<'_>, name: &'static str) -> Result<Vec<Vec<u8>>, JavaFault> {
    if array.is_null() {
        return Err(JavaFault::Result(name));
    }
    // SAFETY: the method was looked up as one that returns `byte[][]`; the reference is the caller's, which lives longer.
    let array = unsafe { JObjectArray::<JObject<'_>>::from_raw(env, array.as_raw()) };
    let length = array.len(env)?;
    if length > CHAIN_MAX {
        return Err(JavaFault::Result(name));
    }
    let mut chain = Vec::with_capacity(length);
    for index in 0..length {
        let certificate = array.get_element(env, index)?;
        chain.push(bytes_of(env, certificate, name)?);
    }
    Ok(chain)
}
