package com.procreditbank.kosovo.mpos;

import static org.junit.Assert.assertEquals;

import org.junit.Test;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;

/** A payment with PIN on phones of other languages, sizes and settings: all can be read, touched and read out. */
public final class LookTest extends NewPhone {
    @Test
    @Config(qualifiers = "sq-w411dp-h891dp-hdpi")
    public void inAlbanian() throws Exception {
        sells("albanian");
        noNfc("NFC është");
    }

    @Test
    @Config(qualifiers = "sr-w411dp-h891dp-hdpi")
    public void inSerbian() throws Exception {
        sells("serbian");
        noNfc("NFC je");
    }

    @Test
    @Config(qualifiers = "sq-w320dp-h569dp-mdpi")
    public void onTheSmallestPhone() throws Exception {
        sells("small");
    }

    @Test
    @Config(qualifiers = "en-w1280dp-h800dp-land-night-mdpi")
    public void onATabletAtNight() throws Exception {
        sells("tablet-night");
    }

    @Test
    public void withTextOfTwiceTheSize() throws Exception {
        controller.pause().stop().destroy();
        RuntimeEnvironment.setFontScale(2);
        open(new android.content.Intent());
        sells("large-text");
    }

    private void sells(String name) throws Exception {
        merchant.sees(words.of("activation-title"));
        looksWell(name, "activation");
        activates();
        looksWell(name, "menu");
        merchant.presses(words.of("new-payment"));
        merchant.sees(words.of("amount-explained"));
        looksWell(name, "amount");
        merchant.presses(words.of("back"));
        merchant.begins("5250");
        looksWell(name, "tap");
        taps("visa");
        merchant.sees(words.of("pin-enter"));
        looksWell(name, "pin");
        merchant.typesPin("1234");
        merchant.touches(merchant.surface().getChildAt(11));
        merchant.sees(words.of("approved"));
        looksWell(name, "approved");
        merchant.presses(words.of("done"));
        merchant.sees(words.of("new-payment"));
    }

    private void noNfc(String says) throws Exception {
        org.robolectric.Shadows.shadowOf(nfc()).setEnabled(false);
        merchant.begins("100");
        merchant.sees(says);
    }

    private void looksWell(String name, String screen) throws Exception {
        Merchant.idle();
        merchant.keepsPicture(name + "-" + screen);
        assertEquals(name + ", " + screen, "[]", Legible.flaws(merchant.views()).toString());
    }
}
