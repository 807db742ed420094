package androidx.test.platform.app;

import android.app.Instrumentation;
import android.os.Bundle;

/** Where Robolectric leaves the instrumentation that starts activities. */
public final class InstrumentationRegistry {
    private static volatile Instrumentation registered;

    private InstrumentationRegistry() {}

    public static void registerInstance(Instrumentation instrumentation, Bundle arguments) {
        registered = instrumentation;
    }

    public static Instrumentation getInstrumentation() {
        if (registered == null) throw new IllegalStateException("no instrumentation yet");
        return registered;
    }
}
