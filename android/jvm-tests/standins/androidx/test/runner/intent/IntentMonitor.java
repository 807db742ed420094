package androidx.test.runner.intent;

/** Nobody asks it anything here. */
public interface IntentMonitor {}
