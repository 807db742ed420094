package com.procreditbank.kosovo.mpos;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.content.Intent;
import android.net.ConnectivityManager;
import android.net.Network;
import android.nfc.NfcAdapter;
import android.provider.Settings;
import org.junit.Test;
import org.robolectric.RuntimeEnvironment;

/** A phone that lacks something, or has it wrong: NFC, a network, the time. */
public final class TroubleTest extends NewPhone {
    @Test
    public void withNfcOffItSaysSoAndLeadsToTheSettings() throws Exception {
        activates();
        shadowOf(nfc()).setEnabled(false);
        merchant.begins("100");
        merchant.sees("NFC is off");
        merchant.keepsPicture("nfc-off");
        merchant.presses("Settings");
        assertEquals(Settings.ACTION_NFC_SETTINGS, shadowOf(merchant.phone).getNextStartedActivity().getAction());
        shadowOf(nfc()).setEnabled(true);
        RuntimeEnvironment.getApplication().sendBroadcast(new Intent(NfcAdapter.ACTION_ADAPTER_STATE_CHANGED));
        merchant.waitFor("reader mode", () -> shadowOf(nfc()).isInReaderMode() ? true : null);
        merchant.seesNoMore("NFC is off");
        taps("visa");
        merchant.sees("Approved");
    }

    @Test
    public void inAirplaneModeTheMenuSaysSoNothingIsChargedAndWithANetworkItSells() throws Exception {
        activates();
        Network wifi = network();
        network(callback -> callback.onLost(wifi));
        merchant.sees("This phone has no network");
        merchant.keepsPicture("airplane-mode");
        around.stopBank();
        merchant.begins("100");
        taps("visa");
        merchant.sees("Nothing was charged.");
        merchant.presses("Done");
        around.startBank();
        network(callback -> callback.onAvailable(wifi));
        merchant.sees("Main menu");
        merchant.seesNoMore("no network");
        merchant.begins("100");
        taps("visa");
        merchant.sees("Approved");
    }

    private static Network network() {
        return manager().getActiveNetwork();
    }

    /** As Android does it: on a thread of its own. */
    private static void network(java.util.function.Consumer<ConnectivityManager.NetworkCallback> news) throws Exception {
        for (ConnectivityManager.NetworkCallback callback : shadowOf(manager()).getNetworkCallbacks()) {
            Thread thread = new Thread(() -> news.accept(callback), "connectivity");
            thread.start();
            thread.join();
        }
    }

    private static ConnectivityManager manager() {
        return RuntimeEnvironment.getApplication().getSystemService(ConnectivityManager.class);
    }

    @Test
    public void aSaleWithAWrongClockIsRefusedWithWhatToDoAndWithTheRightOneItSells() throws Exception {
        activates();
        around.stopBank();
        // The bank's clock is the other one: whose is wrong, the terminal cannot know.
        around.startBankAt("+3d");
        merchant.begins("100");
        taps("visa");
        merchant.sees("The clock of this phone is wrong.");
        merchant.sees("Nothing was charged.");
        merchant.keepsPicture("wrong-clock");
        merchant.presses("Done");
        around.stopBank();
        around.startBank();
        merchant.begins("100");
        taps("visa");
        merchant.sees("Approved");
    }
}
