package com.procreditbank.kosovo.mpos;

import android.nfc.tech.IsoDep;

/** The whole border to the library that is the terminal. What throws, throws {@link NativeException}. */
final class Native {
    /** Answers to {@link Shell#save}. */
    static final int SAVED = 0;
    static final int NOT_PERMITTED = 1;
    static final int FULL = 2;
    static final int WITHDRAWN = 3;
    static final int NOT_SAVED = 4;

    static {
        System.loadLibrary("mpos");
    }

    private Native() {}

    /**
     * Starts the terminal; a second call while it runs only changes who is called back, and shows the current screen.
     * {@code bank} is its address and CAs; {@code device} maker and model, release, security patch, version of the
     * app, fingerprint.
     */
    static native void start(Shell shell, String folder, byte[] bank, String language, String[] device);

    /** A frame of an event, which is wiped. Does not wait. */
    static native void event(byte[] event);

    /** A card in the field. Returns when the exchange is over. */
    static native void tag(IsoDep card);

    /** What became of an export of this name. */
    static native void saved(String name, int fault);

    /** Ends the terminal's threads. */
    static native void stop();
}
