/* A Java machine as far as the phone's library needs one: it loads the library of the APK, gives it a table of JNI
 * functions, and hands every call to a driver on the other end of its standard input and output.
 *
 * There is no Java in it. A method that the library calls has a name and a signature; its arguments go to the driver,
 * and the driver's answer is what it returns or throws. A native that the driver calls runs on a thread of its own, as
 * on a phone. What the library looks up or calls and this table has not, ends the program with its number.
 *
 *   driver -> loader   'N' id, name, arguments     call a native
 *                      'R' result                  what a method returned
 *   loader -> driver   'L' version                 the library is loaded
 *                      'C' name, arguments         a method is called
 *                      'E' id, exception           a native has ended
 *
 * A message is its length (4 bytes, least first), its letter, and values: 'i' with 4 bytes, 'b' with a length and
 * bytes, 's' the same for text, 'l' with a count and values, 'o' for an object of the driver's with 4 bytes, 'n' for
 * null, 't' for a throwable with its class's name as text. Nothing is freed: a run is short.
 */
#include <dlfcn.h>
#include <jni.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGE_MAX = 1 << 20, ARGUMENTS_MAX = 8, THREAD_MAX = 64 };

/* An object of ours: a class, a method, text, an array, a throwable, or one of the driver's. */
typedef struct object {
    char kind; /* 'c' 'm' 's' 'b' 'l' 't' 'o' */
    const char *name;
    const char *signature;
    uint32_t length;
    uint8_t *bytes;
    struct object **items;
    int32_t number;
} object;

static void give_up(const char *why, const char *what) {
    fprintf(stderr, "loader: %s %s\n", why, what);
    fflush(stderr);
    _exit(3);
}

static void *room(size_t bytes) {
    void *made = calloc(1, bytes ? bytes : 1);
    if (!made) give_up("no memory", "");
    return made;
}

static object *new_object(char kind, const char *name) {
    object *made = room(sizeof *made);
    made->kind = kind;
    made->name = name ? strdup(name) : NULL;
    return made;
}

static object *new_bytes(char kind, const uint8_t *bytes, uint32_t length) {
    object *made = new_object(kind, NULL);
    made->length = length;
    made->bytes = room(length + 1u);
    if (bytes) memcpy(made->bytes, bytes, length);
    return made;
}

/* --- Messages --- */

typedef struct {
    uint8_t *bytes;
    size_t length, at;
} message;

static void put(message *to, const void *bytes, size_t length) {
    if (to->length + length > MESSAGE_MAX) give_up("a message is too long", "");
    memcpy(to->bytes + to->length, bytes, length);
    to->length += length;
}

static void put_number(message *to, char letter, uint32_t number) {
    uint8_t bytes[5] = {(uint8_t)letter, (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                        (uint8_t)(number >> 24)};
    put(to, bytes, sizeof bytes);
}

static void put_text(message *to, const char *text) {
    put_number(to, 's', (uint32_t)strlen(text));
    put(to, text, strlen(text));
}

static void put_object(message *to, const object *value) {
    if (!value) {
        put(to, "n", 1);
        return;
    }
    switch (value->kind) {
    case 's':
    case 'b':
        put_number(to, value->kind, value->length);
        put(to, value->bytes, value->length);
        break;
    case 'o':
        put_number(to, 'o', (uint32_t)value->number);
        break;
    default:
        give_up("an object cannot leave:", value->name ? value->name : "?");
    }
}

static uint32_t take_number(message *from) {
    if (from->length - from->at < 4) give_up("a message is cut off", "");
    const uint8_t *b = from->bytes + from->at;
    from->at += 4;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static object *take_object(message *from) {
    if (from->at >= from->length) give_up("a message is cut off", "");
    char letter = (char)from->bytes[from->at++];
    if (letter == 'n') return NULL;
    uint32_t number = take_number(from);
    if (letter == 'i' || letter == 'o') {
        object *made = new_object(letter, NULL);
        made->number = (int32_t)number;
        return made;
    }
    if (letter == 'l') {
        object *made = new_object('l', NULL);
        made->length = number;
        made->items = room(number * sizeof(object *));
        for (uint32_t i = 0; i < number; i++) made->items[i] = take_object(from);
        return made;
    }
    if (from->length - from->at < number) give_up("a message is cut off", "");
    object *made = new_bytes(letter, from->bytes + from->at, number);
    from->at += number;
    if (letter == 't' || letter == 's') made->name = (const char *)made->bytes;
    return made;
}

static message new_message(char letter) {
    message made = {room(MESSAGE_MAX), 0, 0};
    put(&made, &letter, 1);
    return made;
}

static void write_all(const void *bytes, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t written = write(STDOUT_FILENO, (const uint8_t *)bytes + done, length - done);
        if (written <= 0) _exit(4);
        done += (size_t)written;
    }
}

static int read_all(void *bytes, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t got = read(STDIN_FILENO, (uint8_t *)bytes + done, length - done);
        if (got <= 0) return 0;
        done += (size_t)got;
    }
    return 1;
}

static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;

static void send(message *what) {
    uint8_t head[4] = {(uint8_t)what->length, (uint8_t)(what->length >> 8), (uint8_t)(what->length >> 16),
                       (uint8_t)(what->length >> 24)};
    pthread_mutex_lock(&writing);
    write_all(head, sizeof head);
    write_all(what->bytes, what->length);
    pthread_mutex_unlock(&writing);
    free(what->bytes);
}

/* One method is called at a time: its answer comes before the next is asked for. */
static pthread_mutex_t calling = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t answering = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t answered = PTHREAD_COND_INITIALIZER;
static object *answer;
static int has_answer;

static object *ask(message *call) {
    pthread_mutex_lock(&calling);
    send(call);
    pthread_mutex_lock(&answering);
    while (!has_answer) pthread_cond_wait(&answered, &answering);
    has_answer = 0;
    object *got = answer;
    pthread_mutex_unlock(&answering);
    pthread_mutex_unlock(&calling);
    return got;
}

/* --- JNI --- */

static struct JNINativeInterface_ functions;
static struct JNIInvokeInterface_ machine_functions;
static JavaVM machine = &machine_functions;

/* The environment of a thread: JNI's pointer to the table first. */
typedef struct {
    JNIEnv env;
    object *thrown;
} thread_env;

static pthread_key_t this_thread;

static thread_env *attached(void) {
    thread_env *there = pthread_getspecific(this_thread);
    if (!there) {
        there = room(sizeof *there);
        there->env = &functions;
        pthread_setspecific(this_thread, there);
    }
    return there;
}

#define THREAD(env) ((thread_env *)(env))
#define OBJECT(reference) ((object *)(reference))

static jint get_version(JNIEnv *env) { return (void)env, JNI_VERSION_1_6; }

/* Classes and methods are one object a name: what is compared is the pointer. */
static object *known[512];
static pthread_mutex_t knowing = PTHREAD_MUTEX_INITIALIZER;

static object *named(char kind, const char *name, const char *signature) {
    pthread_mutex_lock(&knowing);
    object *found = NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known && !found; i++) {
        if (!known[i]) {
            known[i] = new_object(kind, name);
            known[i]->signature = signature ? strdup(signature) : NULL;
        }
        if (known[i]->kind == kind && strcmp(known[i]->name, name) == 0) found = known[i];
    }
    pthread_mutex_unlock(&knowing);
    if (!found) give_up("too many names:", name);
    return found;
}

static jclass find_class(JNIEnv *env, const char *name) { return (void)env, (jclass)named('c', name, NULL); }

static jmethodID method_of(JNIEnv *env, jclass class, const char *name, const char *signature) {
    (void)env;
    const char *short_name = strrchr(OBJECT(class)->name, '/');
    char full[256];
    snprintf(full, sizeof full, "%s.%s", short_name ? short_name + 1 : OBJECT(class)->name, name);
    return (jmethodID)named('m', full, signature);
}

/* The arguments go by the signature: J, F and D are nowhere in the border. */
static object *call(JNIEnv *env, object *on, jmethodID method, const jvalue *arguments) {
    const object *called = OBJECT(method);
    message request = new_message('C');
    put_text(&request, called->name);
    if (on && on->kind == 'o') put_object(&request, on);
    for (const char *at = called->signature + 1; *at != ')'; at++, arguments++) {
        if (*at == 'Z') {
            put_number(&request, 'i', arguments->z);
        } else if (*at == 'I') {
            put_number(&request, 'i', (uint32_t)arguments->i);
        } else {
            while (*at == '[') at++;
            if (*at == 'L') at = strchr(at, ';');
            put_object(&request, OBJECT(arguments->l));
        }
    }
    object *got = ask(&request);
    if (got && got->kind == 't') {
        THREAD(env)->thrown = got;
        return NULL;
    }
    return got;
}

static void call_void(JNIEnv *env, jobject on, jmethodID method, const jvalue *arguments) {
    call(env, OBJECT(on), method, arguments);
}
static jobject call_object(JNIEnv *env, jobject on, jmethodID method, const jvalue *arguments) {
    return (jobject)call(env, OBJECT(on), method, arguments);
}
static jobject call_static_object(JNIEnv *env, jclass class, jmethodID method, const jvalue *arguments) {
    (void)class;
    return (jobject)call(env, NULL, method, arguments);
}
static jboolean call_static_boolean(JNIEnv *env, jclass class, jmethodID method, const jvalue *arguments) {
    (void)class;
    object *got = call(env, NULL, method, arguments);
    return got && got->number ? JNI_TRUE : JNI_FALSE;
}

static jobject same(JNIEnv *env, jobject reference) { return (void)env, reference; }
static void forget(JNIEnv *env, jobject reference) { (void)env, (void)reference; }
static jint push_frame(JNIEnv *env, jint capacity) { return (void)env, (void)capacity, JNI_OK; }
static jobject pop_frame(JNIEnv *env, jobject result) { return (void)env, result; }

static jboolean exception_check(JNIEnv *env) { return THREAD(env)->thrown ? JNI_TRUE : JNI_FALSE; }
static jthrowable exception_occurred(JNIEnv *env) { return (jthrowable)THREAD(env)->thrown; }
static void exception_clear(JNIEnv *env) { THREAD(env)->thrown = NULL; }
static jint throw_new(JNIEnv *env, jclass class, const char *text) {
    char full[1024];
    snprintf(full, sizeof full, "%s: %s", OBJECT(class)->name, text);
    object *made = new_object('t', full);
    THREAD(env)->thrown = made;
    return JNI_OK;
}
static jboolean is_instance_of(JNIEnv *env, jobject reference, jclass class) {
    (void)env;
    const object *of = OBJECT(reference);
    return of && of->kind == 't' && strcmp(of->name, OBJECT(class)->name) == 0;
}

static jsize array_length(JNIEnv *env, jarray array) { return (void)env, (jsize)OBJECT(array)->length; }
static jbyteArray new_byte_array(JNIEnv *env, jsize length) {
    return (void)env, (jbyteArray)new_bytes('b', NULL, (uint32_t)length);
}
static int is_within(const object *array, jsize start, jsize length) {
    return start >= 0 && length >= 0 && (uint64_t)start + (uint64_t)length <= array->length;
}
static void get_bytes(JNIEnv *env, jbyteArray array, jsize start, jsize length, jbyte *to) {
    (void)env;
    if (!is_within(OBJECT(array), start, length)) give_up("bytes outside of an array", "");
    memcpy(to, OBJECT(array)->bytes + start, (size_t)length);
}
static void set_bytes(JNIEnv *env, jbyteArray array, jsize start, jsize length, const jbyte *from) {
    (void)env;
    if (!is_within(OBJECT(array), start, length)) give_up("bytes outside of an array", "");
    memcpy(OBJECT(array)->bytes + start, from, (size_t)length);
}
static jobject get_item(JNIEnv *env, jobjectArray array, jsize index) {
    (void)env;
    if (!is_within(OBJECT(array), index, 1)) give_up("an item outside of an array", "");
    return (jobject)OBJECT(array)->items[index];
}
static jstring new_string(JNIEnv *env, const char *text) {
    return (void)env, (jstring)new_bytes('s', (const uint8_t *)text, (uint32_t)strlen(text));
}
static const char *string_chars(JNIEnv *env, jstring text, jboolean *is_copy) {
    (void)env;
    if (is_copy) *is_copy = JNI_FALSE;
    return (const char *)OBJECT(text)->bytes;
}
static void release_chars(JNIEnv *env, jstring text, const char *chars) { (void)env, (void)text, (void)chars; }
static jsize string_length(JNIEnv *env, jstring text) { return (void)env, (jsize)OBJECT(text)->length; }
static jint get_machine(JNIEnv *env, JavaVM **to) { return (void)env, *to = &machine, JNI_OK; }

static jint get_env(JavaVM *vm, void **env, jint version) {
    (void)vm, (void)version;
    *env = pthread_getspecific(this_thread);
    return *env ? JNI_OK : JNI_EDETACHED;
}
static jint attach(JavaVM *vm, void **env, void *options) {
    (void)vm, (void)options;
    *env = attached();
    return JNI_OK;
}
static jint detach(JavaVM *vm) {
    (void)vm;
    pthread_setspecific(this_thread, NULL);
    return JNI_OK;
}

/* Which of the table's places was called that is not filled is found by its name in gdb; the count tells that one is
 * missing at all. */
static void not_here(void) { give_up("the library calls a JNI function that this table has not", ""); }

static void fill_tables(void) {
    void (**places)(void) = (void (**)(void)) & functions;
    for (size_t i = 0; i < sizeof functions / sizeof *places; i++) places[i] = not_here;
    functions.GetVersion = get_version;
    functions.FindClass = find_class;
    functions.GetMethodID = method_of;
    functions.GetStaticMethodID = method_of;
    functions.CallVoidMethodA = call_void;
    functions.CallObjectMethodA = call_object;
    functions.CallStaticObjectMethodA = call_static_object;
    functions.CallStaticBooleanMethodA = call_static_boolean;
    functions.NewGlobalRef = same;
    functions.NewLocalRef = same;
    functions.DeleteGlobalRef = forget;
    functions.DeleteLocalRef = forget;
    functions.PushLocalFrame = push_frame;
    functions.PopLocalFrame = pop_frame;
    functions.ExceptionCheck = exception_check;
    functions.ExceptionOccurred = exception_occurred;
    functions.ExceptionClear = exception_clear;
    functions.ThrowNew = throw_new;
    functions.IsInstanceOf = is_instance_of;
    functions.GetArrayLength = array_length;
    functions.NewByteArray = new_byte_array;
    functions.GetByteArrayRegion = get_bytes;
    functions.SetByteArrayRegion = set_bytes;
    functions.GetObjectArrayElement = get_item;
    functions.NewStringUTF = new_string;
    functions.GetStringUTFChars = string_chars;
    functions.ReleaseStringUTFChars = release_chars;
    functions.GetStringUTFLength = string_length;
    functions.GetJavaVM = get_machine;
    machine_functions.GetEnv = get_env;
    machine_functions.AttachCurrentThread = attach;
    machine_functions.AttachCurrentThreadAsDaemon = attach;
    machine_functions.DetachCurrentThread = detach;
}

/* --- Natives --- */

typedef struct {
    int32_t id;
    const char *name;
    object *arguments[ARGUMENTS_MAX];
    int count;
} native_call;

static void *library;

static void *run_native(void *given) {
    native_call *wanted = given;
    thread_env *env = attached();
    char symbol[128];
    snprintf(symbol, sizeof symbol, "Java_com_procreditbank_kosovo_mpos_Native_%s", wanted->name);
    void *native = dlsym(library, symbol);
    if (!native) give_up("there is no native", wanted->name);
    object *class = named('c', "com/procreditbank/kosovo/mpos/Native", NULL);
    object **a = wanted->arguments;
    if (wanted->count == 2 && a[1] && a[1]->kind == 'i') {
        ((void (*)(JNIEnv *, jclass, jobject, jint))native)(&env->env, (jclass)class, (jobject)a[0], a[1]->number);
    } else {
        ((void (*)(JNIEnv *, jclass, jobject, jobject, jobject, jobject, jobject))native)(
            &env->env, (jclass)class, (jobject)a[0], (jobject)a[1], (jobject)a[2], (jobject)a[3], (jobject)a[4]);
    }
    message end = new_message('E');
    put_number(&end, 'i', (uint32_t)wanted->id);
    if (env->thrown) {
        put_text(&end, env->thrown->name);
    } else {
        put(&end, "n", 1);
    }
    env->thrown = NULL;
    send(&end);
    return NULL;
}

static void serve(message *got) {
    char letter = (char)got->bytes[got->at++];
    if (letter == 'R') {
        object *result = take_object(got);
        pthread_mutex_lock(&answering);
        answer = result;
        has_answer = 1;
        pthread_cond_signal(&answered);
        pthread_mutex_unlock(&answering);
        return;
    }
    native_call *wanted = room(sizeof *wanted);
    object *id = take_object(got), *name = take_object(got);
    if (letter != 'N' || !id || !name) give_up("the driver's message is none", "");
    wanted->id = id->number;
    wanted->name = name->name;
    while (got->at < got->length) {
        if (wanted->count == ARGUMENTS_MAX) give_up("too many arguments for", wanted->name);
        wanted->arguments[wanted->count++] = take_object(got);
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_native, wanted) != 0) give_up("no thread for", wanted->name);
    pthread_detach(thread);
}

int main(int count, char **arguments) {
    if (count != 2) give_up("usage: loader LIBRARY", "");
    pthread_key_create(&this_thread, NULL);
    fill_tables();
    library = dlopen(arguments[1], RTLD_NOW);
    if (!library) give_up("the library does not load:", dlerror());
    jint (*on_load)(JavaVM *, void *) = (jint(*)(JavaVM *, void *))dlsym(library, "JNI_OnLoad");
    if (!on_load) give_up("there is no", "JNI_OnLoad");
    jint version = on_load(&machine, NULL);
    message loaded = new_message('L');
    put_number(&loaded, 'i', (uint32_t)version);
    send(&loaded);
    uint8_t head[4];
    while (read_all(head, sizeof head)) {
        size_t length = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
        if (length == 0 || length > MESSAGE_MAX) give_up("a message is too long", "");
        message got = {room(length), length, 0};
        if (!read_all(got.bytes, length)) break;
        serve(&got);
        free(got.bytes);
    }
    /* The driver has gone: as when Android ends a process. */
    _exit(0);
}
