package com.procreditbank.kosovo.mpos;

import static org.robolectric.Shadows.shadowOf;

import android.content.Intent;
import android.nfc.NfcAdapter;
import org.junit.After;
import org.junit.Before;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.annotation.Config;
import org.robolectric.annotation.GraphicsMode;

/** A new phone with the application open, a bank, and a merchant before it. */
@RunWith(RobolectricTestRunner.class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(qualifiers = "en-w411dp-h891dp-hdpi",
    shadows = {FrameworkNfc.OwnIsoDep.class, FrameworkNfc.OwnTechnology.class})
public abstract class NewPhone {
    static final String SUPERVISOR_CODE = "4711";
    private static final long TAP_MS = 10_000;

    Surroundings around;
    ActivityController<MainActivity> controller;
    Merchant merchant;
    /** In the phone's language. */
    Words words;

    @Before
    public final void start() throws Exception {
        PhoneKeys.install();
        around = new Surroundings();
        around.startBank();
        shadowOf(RuntimeEnvironment.getApplication().getPackageManager())
            .setSystemFeature("android.hardware.nfc", hasNfc());
        if (hasNfc()) shadowOf(nfc()).setEnabled(true);
        words = Words.in(RuntimeEnvironment.getApplication().getResources().getConfiguration().locale.getLanguage());
        prepare();
        open(new Intent());
    }

    /** What is to be so before the application is opened. */
    void prepare() throws Exception {}

    @After
    public final void end() throws Exception {
        Native.stop();
        around.close();
        cleanUp();
    }

    void cleanUp() throws Exception {}

    void open(Intent intent) {
        controller = Robolectric.buildActivity(MainActivity.class, intent).setup().windowFocusChanged(true);
        merchant = new Merchant(controller.get(), words);
    }

    /** Whether the phone has the parts for it. */
    boolean hasNfc() {
        return true;
    }

    /** A customer's card of this name, held out until the phone lets go of it. */
    void taps(String card) throws Exception {
        merchant.holds(around.card(card)).join(TAP_MS);
    }

    static NfcAdapter nfc() {
        return NfcAdapter.getDefaultAdapter(RuntimeEnvironment.getApplication());
    }

    void activates() throws Exception {
        merchant.sees(words.of("activation-title"));
        merchant.types(words.of("activation-code"), around.activationCode());
        merchant.presses(words.of("next"));
        definesCode();
    }

    void definesCode() throws Exception {
        merchant.sees(words.of("supervisor-code-again"));
        merchant.types(words.of("supervisor-code"), SUPERVISOR_CODE);
        merchant.types(words.of("supervisor-code-again"), SUPERVISOR_CODE);
        merchant.presses(words.of("confirm"));
        merchant.sees(words.of("menu"));
    }
}
