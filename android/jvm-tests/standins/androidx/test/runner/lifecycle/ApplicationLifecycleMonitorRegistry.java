package androidx.test.runner.lifecycle;

/** Takes the monitor of applications, whom nobody asks here. */
public final class ApplicationLifecycleMonitorRegistry {
    private ApplicationLifecycleMonitorRegistry() {}

    public static void registerInstance(ApplicationLifecycleMonitor monitor) {}
}
