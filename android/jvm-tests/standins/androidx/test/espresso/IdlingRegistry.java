package androidx.test.espresso;

import android.os.Looper;
import java.util.Collection;
import java.util.Collections;

/** There is nothing to wait for but the main thread. */
public final class IdlingRegistry {
    private static final IdlingRegistry ONLY = new IdlingRegistry();

    private IdlingRegistry() {}

    public static IdlingRegistry getInstance() {
        return ONLY;
    }

    public Collection<IdlingResource> getResources() {
        return Collections.emptyList();
    }

    public Collection<Looper> getLoopers() {
        return Collections.emptyList();
    }
}
