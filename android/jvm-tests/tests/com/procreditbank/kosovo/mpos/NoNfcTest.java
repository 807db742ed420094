package com.procreditbank.kosovo.mpos;

import static org.junit.Assert.assertFalse;

import org.junit.Test;

/** A phone that was built without NFC. */
public final class NoNfcTest extends NewPhone {
    @Override
    boolean hasNfc() {
        return false;
    }

    @Test
    public void withoutNfcItSaysSoAndTheHistoryIsThereAllTheSame() throws Exception {
        activates();
        merchant.begins("100");
        merchant.sees("This phone has no NFC");
        assertFalse("no setting brings it", merchant.reads().contains("Settings"));
        merchant.keepsPicture("nfc-missing");
        merchant.presses("Cancel");
        merchant.sees("Cancelled");
        merchant.presses("Done");
        merchant.presses("Transaction History");
        merchant.presses("Gjenero transaksionet");
        merchant.sees("EUR 0.00");
    }
}
