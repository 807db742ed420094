package androidx.test.runner.intent;

import android.app.Instrumentation.ActivityResult;
import android.content.Intent;

/** Would answer intents in the place of other applications. */
public interface IntentStubber {
    ActivityResult getActivityResultForIntent(Intent intent);
}
