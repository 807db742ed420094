package com.procreditbank.kosovo.mpos;

import android.app.Activity;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.content.res.Configuration;
import android.hardware.display.DisplayManager;
import android.nfc.NfcAdapter;
import android.nfc.Tag;
import android.nfc.tech.IsoDep;
import android.os.Build;
import android.os.Bundle;
import android.view.KeyEvent;
import android.view.WindowManager;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The one activity: starts the terminal, shows its screens, looks for cards when it asks for them, and tells what
 * happens to the phone. What it was opened with is never looked at: no other application can make it do anything.
 */
public final class MainActivity extends Activity
    implements Shell, ScreenView.Owner, NfcAdapter.ReaderCallback, DisplayManager.DisplayListener {
    private static final int READER_FLAGS = NfcAdapter.FLAG_READER_NFC_A | NfcAdapter.FLAG_READER_NFC_B
        | NfcAdapter.FLAG_READER_SKIP_NDEF_CHECK | NfcAdapter.FLAG_READER_NO_PLATFORM_SOUNDS;
    /** How often a card that says nothing is asked whether it is still there. */
    private static final int PRESENCE_CHECK_MS = 1000;
    /** An address and a few certificates. */
    private static final int BANK_BYTES_MAX = 32 * 1024;

    /** The newest screen that is not drawn yet. */
    private final AtomicReference<byte[]> newest = new AtomicReference<byte[]>();
    private final BroadcastReceiver nfcChanged = new BroadcastReceiver() {
        @Override
        public void onReceive(Context context, Intent changed) {
            lookForCards();
        }
    };
    private volatile boolean isPolling;
    private boolean isResumed;
    private boolean isObscured;
    /** What was told last, in the bits of {@link #tellExposure}; nothing yet. */
    private int told = -1;
    /** Why there is no terminal, in words for people. */
    private String failure;
    private Saving saving;
    private Tones tones;
    private NfcAdapter nfc;
    private Networks networks;
    private ScreenView view;
    private Notice notice;

    @Override
    protected void onCreate(Bundle nothingIsKept) {
        super.onCreate(null);
        Look look = new Look(this);
        view = new ScreenView(look, this);
        notice = new Notice(look);
        view.addView(notice);
        setContentView(view);
        BackGesture.listen(this);
        tones = new Tones(this);
        nfc = NfcAdapter.getDefaultAdapter(this);
        registerReceiver(nfcChanged, new IntentFilter(NfcAdapter.ACTION_ADAPTER_STATE_CHANGED));
        displays().registerDisplayListener(this, null);
        startTerminal();
    }

    private void startTerminal() {
        try {
            Native.start(this, getNoBackupFilesDir().getPath(), bank(), Locale.getDefault().getLanguage(), device());
            failure = null;
            tellExposure();
            networks = new Networks(this);
        } catch (IOException | NativeException notStarted) {
            failure = notStarted.getMessage();
        }
    }

    private byte[] bank() throws IOException {
        byte[] bank = new byte[BANK_BYTES_MAX];
        int length = 0;
        try (InputStream in = getAssets().open("bank.pem")) {
            for (int read; length < bank.length && (read = in.read(bank, length, bank.length - length)) > 0; ) {
                length += read;
            }
        }
        return Arrays.copyOf(bank, length);
    }

    private String[] device() {
        String patch = Build.VERSION.SECURITY_PATCH == null ? "" : Build.VERSION.SECURITY_PATCH;
        return new String[] {
            Build.MANUFACTURER + " " + Build.MODEL, Build.VERSION.RELEASE, patch, Build.FINGERPRINT};
    }

    @Override
    protected void onDestroy() {
        unregisterReceiver(nfcChanged);
        if (networks != null) networks.end();
        displays().unregisterDisplayListener(this);
        super.onDestroy();
    }

    @Override
    protected void onResume() {
        super.onResume();
        isResumed = true;
        // What kept it from starting, such as a full storage, may be mended by now.
        if (failure != null) startTerminal();
        lookForCards();
    }

    @Override
    protected void onPause() {
        isResumed = false;
        if (nfc != null) nfc.disableReaderMode(this);
        super.onPause();
    }

    @Override
    public void onConfigurationChanged(Configuration now) {
        super.onConfigurationChanged(now);
        view.showAgain();
    }

    @Override
    public void onBackPressed() {
        if (!view.giveUp()) moveTaskToBack(true);
    }

    @Override
    public boolean onKeyDown(int code, KeyEvent key) {
        return view.press(code, key) || super.onKeyDown(code, key);
    }

    // What the library asks for, on its own threads.

    @Override
    public void show(byte[] frame) {
        byte[] older = newest.getAndSet(frame);
        if (older != null) {
            Arrays.fill(older, (byte) 0);
            return;
        }
        runOnUiThread(new Runnable() {
            @Override
            public void run() {
                draw(newest.getAndSet(null));
            }
        });
    }

    @Override
    public void polling(boolean isOn) {
        isPolling = isOn;
        runOnUiThread(new Runnable() {
            @Override
            public void run() {
                lookForCards();
            }
        });
    }

    @Override
    public void save(final String name, final String type, final byte[] content) {
        runOnUiThread(new Runnable() {
            @Override
            public void run() {
                saving = new Saving(name, content);
                saving.ask(MainActivity.this, type);
            }
        });
    }

    private void draw(byte[] frame) {
        Screen screen;
        try {
            screen = Screen.of(frame);
        } catch (Frame.Bad changesNothing) {
            return;
        } finally {
            Arrays.fill(frame, (byte) 0);
        }
        int secure = WindowManager.LayoutParams.FLAG_SECURE;
        getWindow().setFlags(screen.keepsSecret ? secure : 0, secure);
        setTitle(screen.title);
        view.show(screen);
        tones.hear(screen.tone);
    }

    // What happens to the phone.

    /** Reader mode when a card is wanted, and words where there can be none. */
    private void lookForCards() {
        boolean isOn = nfc != null && nfc.isEnabled();
        if (isResumed && isPolling && isOn) {
            Bundle options = new Bundle();
            options.putInt(NfcAdapter.EXTRA_READER_PRESENCE_CHECK_DELAY, PRESENCE_CHECK_MS);
            nfc.enableReaderMode(this, this, READER_FLAGS, options);
        } else if (isResumed && nfc != null) {
            nfc.disableReaderMode(this);
        }
        if (failure != null) notice.say(failure, false);
        else if (!isPolling || isOn) notice.hide();
        else notice.say(getString(nfc == null ? R.string.nfc_missing : R.string.nfc_off), nfc != null);
    }

    @Override
    public void onTagDiscovered(Tag tag) {
        IsoDep card = IsoDep.get(tag);
        if (card == null) return;
        try {
            Native.tag(card);
        } catch (NativeException notWanted) {
            // The screen says what it waits for.
        }
    }

    @Override
    public void tell(byte[] event) {
        try {
            Native.event(event);
        } catch (NativeException notRunning) {
            // The screen stays as it is, and so does the terminal.
        }
    }

    @Override
    public void obscured(boolean now) {
        isObscured = now;
        tellExposure();
    }

    @Override
    public void onWindowFocusChanged(boolean hasFocus) {
        super.onWindowFocusChanged(hasFocus);
        tellExposure();
    }

    @Override
    public void onDisplayAdded(int display) {
        tellExposure();
    }

    @Override
    public void onDisplayRemoved(int display) {
        tellExposure();
    }

    @Override
    public void onDisplayChanged(int display) {}

    /** Whether something lies over this window, and whether it is shown elsewhere. A recording shows it black. */
    private void tellExposure() {
        boolean isCovered = isObscured || !hasWindowFocus();
        boolean isCaptured = displays().getDisplays(DisplayManager.DISPLAY_CATEGORY_PRESENTATION).length > 0;
        int now = (isCovered ? 1 : 0) | (isCaptured ? 2 : 0);
        if (now == told) return;
        told = now;
        tell(ScreenEvent.exposure(0, isCovered, isCaptured));
    }

    private DisplayManager displays() {
        return (DisplayManager) getSystemService(DISPLAY_SERVICE);
    }

    @Override
    protected void onActivityResult(int request, int result, Intent place) {
        if (request != Saving.REQUEST || saving == null) return;
        saving.write(this, result == RESULT_OK && place != null ? place.getData() : null);
        saving = null;
    }
}
