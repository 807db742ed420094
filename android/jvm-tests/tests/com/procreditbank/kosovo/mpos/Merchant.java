package com.procreditbank.kosovo.mpos;

import static org.robolectric.Shadows.shadowOf;

import android.app.Activity;
import android.nfc.NfcAdapter;
import android.nfc.Tag;
import android.os.Looper;
import android.os.SystemClock;
import android.view.MotionEvent;
import android.view.View;
import android.view.ViewGroup;
import android.widget.EditText;
import android.widget.TextView;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** Whoever holds the phone: reads what is seen, presses what can be pressed, touches the glass. */
final class Merchant {
    private static final long PATIENCE_MS = 30_000;

    final Activity phone;
    /** What each digit looks like, learned from a pad whose order is known. */
    private final Map<String, Character> shapes = new HashMap<>();

    /** In the language of the screens. */
    private final Words words;

    Merchant(Activity phone, Words words) {
        this.phone = phone;
        this.words = words;
    }

    /** All that is seen, in the order of the views. */
    List<String> reads() {
        List<String> texts = new ArrayList<>();
        for (View view : views()) {
            if (view instanceof TextView && ((TextView) view).length() > 0) texts.add(((TextView) view).getText().toString());
        }
        return texts;
    }

    void sees(String words) throws Exception {
        waitFor("“" + words + "”", () -> reads().stream().anyMatch(text -> text.contains(words)) ? true : null);
    }

    void seesNoMore(String words) throws Exception {
        waitFor("“" + words + "” to go", () -> reads().stream().noneMatch(text -> text.contains(words)) ? true : null);
    }

    String field(String label) throws Exception {
        return waitFor(label, () -> {
            List<String> texts = reads();
            int at = texts.indexOf(label);
            return at < 0 ? null : texts.get(at + 1);
        });
    }

    void presses(String word) throws Exception {
        waitFor(word, () -> {
            for (View view : views()) {
                boolean isIt = view.hasOnClickListeners() && view.isEnabled() && reads(view).contains(word);
                if (isIt && view.performClick()) return true;
            }
            return null;
        });
        idle();
    }

    private static String reads(View view) {
        if (view instanceof TextView) return ((TextView) view).getText().toString();
        StringBuilder all = new StringBuilder();
        for (int i = 0; view instanceof ViewGroup && i < ((ViewGroup) view).getChildCount(); i++) {
            all.append(reads(((ViewGroup) view).getChildAt(i))).append('\n');
        }
        return all.toString();
    }

    void types(String label, String text) throws Exception {
        EditText line = this.<EditText>waitFor(label, () -> {
            for (View view : views()) {
                if (!(view instanceof TextView) || !((TextView) view).getText().toString().equals(label)) continue;
                int id = ((TextView) view).getLabelFor();
                if (id != View.NO_ID) return (EditText) phone.findViewById(id);
            }
            return null;
        });
        line.setText("");
        for (int i = 0; i < text.length(); i++) {
            line.append(text.substring(i, i + 1));
            idle();
        }
    }

    void begins(String cents) throws Exception {
        presses(words.of("new-payment"));
        sees(words.of("amount-explained"));
        for (char digit : cents.toCharArray()) presses(String.valueOf(digit));
        presses(words.of("next"));
        sees(words.of("tap-card"));
    }

    /** Holds a card to the phone as Android would find it: on a thread of its own, when reader mode is on. It is
        taken away when the phone lets go of it. */
    Thread holds(HeldCard card) throws Exception {
        Tag tag = card.tag();
        NfcAdapter adapter = NfcAdapter.getDefaultAdapter(phone);
        waitFor("reader mode", () -> shadowOf(adapter).isInReaderMode() ? true : null);
        Thread thread = new Thread(() -> {
            ((NfcAdapter.ReaderCallback) phone).onTagDiscovered(tag);
            card.close();
        }, "nfc");
        thread.start();
        return thread;
    }

    /** Learns the digits' shapes from the order of a telephone, then touches them in an order that is not known. */
    void typesPin(String digits) throws Exception {
        if (shapes.isEmpty()) {
            presses(words.of("pad-fixed"));
            sees(words.of("pad-shuffled"));
            Screen.PinKey[] keys = pad().keys;
            String order = "123456789 0";
            for (int i = 0; i < order.length(); i++) {
                if (order.charAt(i) != ' ') shapes.put(Arrays.toString(keys[i].glyph), order.charAt(i));
            }
            presses(words.of("pad-shuffled"));
            sees(words.of("pad-fixed"));
        }
        int typed = 0;
        for (char digit : digits.toCharArray()) {
            touches(key(digit));
            int now = ++typed;
            waitFor(now + " dots", () -> pad().filled == now ? true : null);
        }
    }

    private View key(char digit) throws Exception {
        Screen.PinKey[] keys = pad().keys;
        for (int i = 0; i < keys.length; i++) {
            Character shape = shapes.get(Arrays.toString(keys[i].glyph));
            if (shape != null && shape == digit) return surface().getChildAt(i);
        }
        throw new AssertionError("no key looks like that");
    }

    /** A finger, at the middle of a view, through the window. */
    void touches(View view) {
        touches(view, 0);
    }

    boolean touches(View view, int flags) {
        int[] at = new int[2];
        view.getLocationInWindow(at);
        float x = at[0] + view.getWidth() / 2f;
        float y = at[1] + view.getHeight() / 2f;
        View glass = phone.getWindow().getDecorView();
        long now = SystemClock.uptimeMillis();
        boolean isTaken = false;
        for (int action : new int[] {MotionEvent.ACTION_DOWN, MotionEvent.ACTION_UP}) {
            MotionEvent event = MotionEvent.obtain(now, now, action, x, y, 0);
            MotionEvent flagged = MotionEvent.obtain(now, now, action, 1, new MotionEvent.PointerProperties[] {finger()},
                new MotionEvent.PointerCoords[] {place(x, y)}, 0, 0, 1, 1, 0, 0, 0, flags);
            isTaken |= glass.dispatchTouchEvent(flags == 0 ? event : flagged);
        }
        idle();
        return isTaken;
    }

    private static MotionEvent.PointerProperties finger() {
        MotionEvent.PointerProperties finger = new MotionEvent.PointerProperties();
        finger.toolType = MotionEvent.TOOL_TYPE_FINGER;
        return finger;
    }

    private static MotionEvent.PointerCoords place(float x, float y) {
        MotionEvent.PointerCoords place = new MotionEvent.PointerCoords();
        place.x = x;
        place.y = y;
        place.pressure = 1;
        return place;
    }

    ViewGroup surface() throws Exception {
        return waitFor("the pad", () -> {
            for (View view : views()) if (view.getClass().getSimpleName().equals("Surface")) return (ViewGroup) view;
            return null;
        });
    }

    Screen.PinPad pad() throws Exception {
        for (Screen.Node node : screen().nodes) if (node instanceof Screen.PinPad) return (Screen.PinPad) node;
        throw new AssertionError("no pad");
    }

    Screen screen() throws Exception {
        idle();
        return (Screen) inside(inside(phone, "view"), "drawn");
    }

    static Object inside(Object object, String name) throws Exception {
        Field field = object.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(object);
    }

    /** Every view that is shown, in the order of the tree. */
    List<View> views() {
        idle();
        List<View> all = new ArrayList<>();
        collect(phone.getWindow().getDecorView(), all);
        return all;
    }

    private static void collect(View view, List<View> all) {
        if (view.getVisibility() != View.VISIBLE) return;
        all.add(view);
        for (int i = 0; view instanceof ViewGroup && i < ((ViewGroup) view).getChildCount(); i++) {
            collect(((ViewGroup) view).getChildAt(i), all);
        }
    }

    static void idle() {
        shadowOf(Looper.getMainLooper()).idle();
    }

    <T> T waitFor(String what, Callable<T> look) throws Exception {
        long end = System.nanoTime() + PATIENCE_MS * 1_000_000;
        while (System.nanoTime() < end) {
            idle();
            T found = look.call();
            if (found != null) return found;
            Thread.sleep(20);
        }
        throw new AssertionError("waited for " + what + " and saw " + reads());
    }

    void keepsPicture(String name) throws Exception {
        idle();
        Pictures.keep(phone.getWindow().getDecorView(), name);
    }
}
