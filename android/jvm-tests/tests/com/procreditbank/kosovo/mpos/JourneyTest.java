package com.procreditbank.kosovo.mpos;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.nfc.NfcAdapter;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;
import org.robolectric.annotation.GraphicsMode;

/** The whole application: this shell, the library itself, the bank over mutual TLS, cards with real cryptography. */
@RunWith(RobolectricTestRunner.class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(qualifiers = "en-w411dp-h891dp-xxhdpi")
public final class JourneyTest {
    private static final String SUPERVISOR_CODE = "4711";
    private Surroundings around;
    private Merchant merchant;

    @Before
    public void start() throws Exception {
        PhoneKeys.install();
        around = new Surroundings();
        shadowOf(RuntimeEnvironment.getApplication().getPackageManager()).setSystemFeature("android.hardware.nfc", true);
        shadowOf(NfcAdapter.getDefaultAdapter(RuntimeEnvironment.getApplication())).setEnabled(true);
        merchant = new Merchant(Robolectric.buildActivity(MainActivity.class).setup().get());
    }

    @After
    public void end() {
        Native.stop();
        around.close();
    }

    @Test
    public void fromLaunchToActivationPurchaseRefundHistoryAndReceipt() throws Exception {
        Keys.make("x", new byte[] {1}); Keys.sign("x", new byte[3]); Keys.open(Keys.seal(new byte[3]));
        merchant.sees("Activate the terminal");
        merchant.keepsPicture("activation");
        merchant.types("Activation code", around.activationCode());
        merchant.presses("Next");
        merchant.sees("Define the supervisor code");
    }
}
