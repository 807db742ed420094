/* The few places where Android's C library is not glibc: what the library of the APK calls there has its bionic form
 * here, so that it runs under qemu-aarch64 on a desktop. The dynamic linker finds these before glibc's own, since they
 * are the program's.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* <errno.h>: bionic's name for where errno is. */
int *__errno(void) { return &errno; }

/* <sys/system_properties.h>: no property is set. */
int __system_property_get(const char *name, char *value) {
    (void)name;
    value[0] = 0;
    return 0;
}

/* <android/log.h>: to standard error, where the driver shows it if a test fails. */
int __android_log_write(int priority, const char *tag, const char *text) {
    return fprintf(stderr, "%d %s: %s\n", priority, tag, text);
}

/* <string.h>: bionic's is POSIX's, glibc's of that name its own. */
int __xpg_strerror_r(int error, char *text, size_t length);
int android_strerror_r(int error, char *text, size_t length) __asm__("strerror_r");
int android_strerror_r(int error, char *text, size_t length) { return __xpg_strerror_r(error, text, length); }

/* <pthread.h>: bionic's attributes take 56 bytes, glibc's 64. Only the stack's size is kept in them, where both
 * have room; the thread gets attributes of glibc's own. */
typedef struct {
    size_t stack_size;
} android_attr;

int android_attr_init(android_attr *attr) __asm__("pthread_attr_init");
int android_attr_init(android_attr *attr) {
    attr->stack_size = 0;
    return 0;
}

int android_attr_destroy(android_attr *attr) __asm__("pthread_attr_destroy");
int android_attr_destroy(android_attr *attr) {
    (void)attr;
    return 0;
}

int android_attr_setstacksize(android_attr *attr, size_t size) __asm__("pthread_attr_setstacksize");
int android_attr_setstacksize(android_attr *attr, size_t size) {
    attr->stack_size = size;
    return 0;
}

int android_thread(pthread_t *thread, const android_attr *attr, void *(*run)(void *), void *argument)
    __asm__("pthread_create");
int android_thread(pthread_t *thread, const android_attr *attr, void *(*run)(void *), void *argument) {
    /* Threads of this program come here too, and have none. A stack of glibc's size is large enough for all. */
    (void)attr;
    static int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (!create) {
        create = dlsym(RTLD_NEXT, "pthread_create");
    }
    return create(thread, NULL, run, argument);
}

/* <bits/sysconf.h>: the numbers of what is asked differ. */
long android_sysconf(int name) __asm__("sysconf");
long android_sysconf(int name) {
    enum { ANDROID_PAGESIZE = 0x27, ANDROID_PAGE_SIZE = 0x28, ANDROID_CPUS_CONF = 0x60, ANDROID_CPUS_ONLINE = 0x61 };
    static long (*own)(int);
    if (!own) {
        own = dlsym(RTLD_NEXT, "sysconf");
    }
    switch (name) {
    case ANDROID_PAGESIZE:
    case ANDROID_PAGE_SIZE:
        return getpagesize();
    case ANDROID_CPUS_CONF:
    case ANDROID_CPUS_ONLINE:
        return 2;
    default:
        return own(name);
    }
}
