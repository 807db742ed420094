package androidx.test.espresso;

/** Something that a test would wait for. */
public interface IdlingResource {
    String getName();

    boolean isIdleNow();

    void registerIdleTransitionCallback(ResourceCallback callback);

    /** Told when it is at rest. */
    interface ResourceCallback {
        void onTransitionToIdle();
    }
}
