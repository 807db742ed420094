package androidx.test.internal.platform.util;

/** Prints where each thread is when something does not come to rest. */
public final class TestOutputEmitter {
    private TestOutputEmitter() {}

    public static void dumpThreadStates(String name) {
        Thread.getAllStackTraces().forEach((thread, stack) -> System.err.println(name + " " + thread));
    }
}
