package androidx.test.runner.intent;

/** Takes the monitor of intents, whom nobody asks here. */
public final class IntentMonitorRegistry {
    private IntentMonitorRegistry() {}

    public static void registerInstance(IntentMonitor monitor) {}
}
