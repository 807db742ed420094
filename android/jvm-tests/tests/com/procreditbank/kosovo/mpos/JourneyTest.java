package com.procreditbank.kosovo.mpos;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import android.view.WindowManager;
import org.junit.Test;

/** The whole application: this shell, the library itself, the bank over mutual TLS, cards with real cryptography. */
public final class JourneyTest extends NewPhone {
    @Test
    public void fromLaunchToActivationPurchaseRefundHistoryAndReceipt() throws Exception {
        activates();
        buysWithPin();
        refunds();
        sendsReceiptAndExports();
    }

    @Override
    void activates() throws Exception {
        merchant.sees("Activate the terminal");
        merchant.keepsPicture("activation");
        merchant.types("Activation code", around.activationCode());
        merchant.presses("Next");
        merchant.sees("Define the supervisor code");
        assertTrue("a code is typed here", isSecure());
        merchant.types("Supervisor code", SUPERVISOR_CODE);
        merchant.types("Supervisor code once more", SUPERVISOR_CODE);
        merchant.keepsPicture("supervisor-code");
        merchant.presses("Confirm");
        merchant.sees("Main menu");
        merchant.sees("Demo Shop");
        assertFalse("nothing is secret here", isSecure());
        merchant.keepsPicture("menu");
    }

    private void buysWithPin() throws Exception {
        merchant.begins("5250");
        merchant.sees("EUR 52.50");
        merchant.keepsPicture("tap");
        HeldCard card = around.card("mastercard");
        Thread tap = merchant.holds(card);
        merchant.sees("Enter the PIN");
        tap.join(10_000);
        assertFalse("the card was let go of", tap.isAlive());
        assertTrue("an EMV transaction: " + card.commands, card.commands >= 4);
        assertTrue("the PIN is seen by nobody else", isSecure());
        merchant.typesPin("1234");
        merchant.sees("●●●●");
        merchant.keepsPicture("pin");
        merchant.touches(merchant.surface().getChildAt(11));
        merchant.sees("Approved");
        assertEquals("***0036", merchant.field("Card"));
        assertEquals("Mastercard", merchant.field("Card type"));
        assertEquals("Purchase", merchant.field("Transaction Type"));
        assertEquals(12, merchant.field("Reference number").length());
        merchant.keepsPicture("approved");
        merchant.presses("Done");
        merchant.sees("Main menu");
    }

    private void refunds() throws Exception {
        merchant.presses("Transaction History");
        merchant.sees("Date Range");
        merchant.keepsPicture("history-form");
        merchant.presses("Gjenero transaksionet");
        merchant.sees("52.50");
        merchant.keepsPicture("history");
        merchant.presses("Purchase");
        merchant.sees("Refund Transaction");
        merchant.keepsPicture("details");
        merchant.presses("Refund Transaction");
        merchant.sees("Step 1 of 3");
        merchant.types("Supervisor code", SUPERVISOR_CODE);
        merchant.presses("Next");
        merchant.sees("Step 2 of 3");
        merchant.sees("Tap your card");
        merchant.holds(around.card("mastercard"));
        merchant.sees("Step 3 of 3");
        merchant.sees("Approved");
        assertEquals("Refund", merchant.field("Transaction Type"));
        merchant.keepsPicture("refund");
    }

    private void sendsReceiptAndExports() throws Exception {
        merchant.presses("SMS Receipt");
        merchant.types("Phone number", "38344123456");
        merchant.sees("383 44 123 456");
        merchant.keepsPicture("sms");
        merchant.presses("Send");
        merchant.sees("The receipt is on its way to 383 44 123 456");
    }

    private boolean isSecure() {
        int flags = merchant.phone.getWindow().getAttributes().flags;
        return (flags & WindowManager.LayoutParams.FLAG_SECURE) != 0;
    }
}
