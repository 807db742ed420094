package androidx.test.runner.lifecycle;

/** Where the monitor of activities is. */
public final class ActivityLifecycleMonitorRegistry {
    private static volatile ActivityLifecycleMonitor registered;

    private ActivityLifecycleMonitorRegistry() {}

    public static void registerInstance(ActivityLifecycleMonitor monitor) {
        registered = monitor;
    }

    public static ActivityLifecycleMonitor getInstance() {
        return registered;
    }
}
