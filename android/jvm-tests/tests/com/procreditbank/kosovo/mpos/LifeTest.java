package com.procreditbank.kosovo.mpos;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.app.Activity;
import android.content.Intent;
import android.content.res.Configuration;
import android.net.Uri;
import android.view.MotionEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.junit.Test;

/** What a phone does to an application: turns, covers, ends and opens it again, lets others ask it. */
public final class LifeTest extends NewPhone {
    @Test
    public void aPaymentGoesOnWhereItWasThroughTurningLeavingAndBeingMadeAnew() throws Exception {
        activates();
        merchant.begins("5250");
        Configuration turned = new Configuration(merchant.phone.getResources().getConfiguration());
        turned.orientation = Configuration.ORIENTATION_LANDSCAPE;
        controller.configurationChange(turned);
        merchant.sees("Tap your card");
        // Another application comes to the front, and the system has no room for this one's activity.
        controller.windowFocusChanged(false).pause().stop();
        assertFalse("no card is looked for in the background", shadowOf(nfc()).isInReaderMode());
        controller.destroy();
        open(new Intent());
        merchant.sees("Tap your card");
        taps("visa");
        merchant.sees("Enter the PIN");
        merchant.typesPin("12");
        controller.windowFocusChanged(false);
        merchant.sees("Another app covers");
        assertEquals("what was typed is gone", 0, merchant.pad().filled);
        merchant.keepsPicture("covered");
        controller.windowFocusChanged(true);
        merchant.waitFor("strokes", () -> merchant.pad().keys[0].glyph.length > 0 ? true : null);
        merchant.typesPin("1234");
        merchant.touches(merchant.surface().getChildAt(11));
        merchant.sees("Approved");
    }

    @Test
    public void aPinIsNotTypedThroughAnotherWindow() throws Exception {
        activates();
        merchant.begins("5250");
        taps("visa");
        merchant.sees("Enter the PIN");
        merchant.touches(merchant.surface().getChildAt(0), MotionEvent.FLAG_WINDOW_IS_OBSCURED);
        merchant.sees("Another app covers");
        assertEquals(0, merchant.pad().filled);
        assertEquals("no strokes are drawn", 0, merchant.pad().keys[0].glyph.length);
        merchant.presses("Cancel");
        merchant.sees("Cancelled");
    }

    @Test
    public void whatAnotherApplicationSendsChangesNothing() throws Exception {
        merchant.sees("Activate the terminal");
        java.util.List<String> before = merchant.reads();
        Intent foreign = new Intent(Intent.ACTION_VIEW, Uri.parse("mpos://pay?amount=100&code=ABCD"))
            .putExtra("screen", new byte[] {1, 2, 3}).putExtra("amount", "100");
        controller.newIntent(foreign);
        assertEquals(before, merchant.reads());
        controller.pause().stop().destroy();
        open(foreign);
        merchant.sees("Activate the terminal");
        assertEquals(before, merchant.reads());
    }

    @Test
    public void garbageIsRefusedOnBothSidesAndTheTerminalGoesOn() throws Exception {
        merchant.sees("Activate the terminal");
        for (byte[] garbage : new byte[][] {{}, {9}, {1, 2, 3}, new byte[257], new byte[100_000]}) {
            try {
                Native.event(garbage);
                throw new AssertionError("it was taken");
            } catch (NativeException refused) {
                assertTrue(refused.getMessage(), refused.getMessage().length() > 3);
            }
        }
        java.util.List<String> before = merchant.reads();
        for (byte[] garbage : new byte[][] {{}, {9}, {1, 2, 3}, new byte[100_000]}) controller.get().show(garbage);
        assertEquals(before, merchant.reads());
        activates();
    }

    @Test
    public void anExportIsWrittenWhereTheMerchantSaysAndWhenItIsNotTheScreenSaysWhy() throws Exception {
        activates();
        merchant.begins("100");
        taps("visa");
        merchant.sees("Approved");
        merchant.presses("Done");
        merchant.presses("Transaction History");
        merchant.presses("Gjenero transaksionet");
        merchant.sees("Export CSV");
        merchant.presses("Export CSV");
        Intent asked = isAskedWhere();
        assertEquals(Intent.ACTION_CREATE_DOCUMENT, asked.getAction());
        Uri place = Uri.parse("content://documents/transactions.csv");
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        shadowOf(merchant.phone.getContentResolver()).registerOutputStream(place, written);
        shadowOf(merchant.phone).receiveResult(asked, Activity.RESULT_OK, new Intent().setData(place));
        merchant.waitFor("the file", () -> written.size() > 0 ? true : null);
        assertTrue(written.toString("UTF-8").contains("Reference"));
        merchant.presses("Export PDF");
        asked = isAskedWhere();
        assertEquals("application/pdf", asked.getType());
        shadowOf(merchant.phone).receiveResult(asked, Activity.RESULT_CANCELED, null);
        merchant.sees("Nothing was saved.");
        merchant.keepsPicture("export");
        merchant.presses("Export PDF");
        asked = isAskedWhere();
        Uri broken = Uri.parse("content://documents/broken");
        shadowOf(merchant.phone.getContentResolver()).registerOutputStream(broken, new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException("the card was pulled out");
            }
        });
        shadowOf(merchant.phone).receiveResult(asked, Activity.RESULT_OK, new Intent().setData(broken));
        merchant.sees("The file could not be written. Try again.");
    }

    private Intent isAskedWhere() throws Exception {
        return merchant.waitFor("the system's question", () -> shadowOf(merchant.phone).getNextStartedActivity());
    }

    @Test
    public void asASecondInstanceOnlyTheNewestIsShownToAndWhatIsDoneOnTheOldOneDoesNothing() throws Exception {
        activates();
        Merchant old = merchant;
        old.begins("100");
        open(new Intent());
        merchant.sees("Tap your card");
        merchant.waitFor("reader mode", () -> shadowOf(nfc()).isInReaderMode() ? true : null);
        taps("visa");
        merchant.sees("Approved");
        assertTrue("the old one is not told", old.reads().contains("Tap your card"));
        old.presses("Cancel");
        merchant.sees("Approved");
        merchant.presses("Done");
        merchant.sees("Main menu");
    }
}
