package com.procreditbank.kosovo.mpos;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertTrue;

import android.app.Activity;
import android.text.InputType;
import android.view.KeyEvent;
import android.view.MotionEvent;
import android.view.View;
import android.widget.Button;
import android.widget.EditText;
import android.widget.ProgressBar;
import android.widget.RadioButton;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.annotation.Config;
import org.robolectric.annotation.GraphicsMode;

/** The golden nodes as native views: what is seen, what a screen reader says, what is told back. */
@RunWith(RobolectricTestRunner.class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(qualifiers = "w411dp-h891dp-hdpi")
public final class NodesTest implements ScreenView.Owner {
    private final List<byte[]> told = new ArrayList<>();
    private boolean isObscured;
    private Map<String, byte[]> golden;
    private ScreenView view;
    private Merchant merchant;

    @Override
    public void tell(byte[] event) {
        told.add(event);
    }

    @Override
    public void obscured(boolean now) {
        isObscured = now;
    }

    @Before
    public void open() throws Exception {
        golden = Golden.all();
        Activity activity = Robolectric.buildActivity(Activity.class).setup().get();
        activity.setTheme(R.style.Shell);
        view = new ScreenView(new Look(activity), this);
        activity.setContentView(view);
        merchant = new Merchant(activity, Words.in("en"));
    }

    private Golden.FrameOf with(String... nodes) {
        Golden.FrameOf frame = new Golden.FrameOf();
        for (String node : nodes) frame.node(golden.get("Node." + node));
        return frame;
    }

    private void show(Golden.FrameOf frame) {
        view.show(frame.screen());
        Merchant.idle();
    }

    private <T extends View> List<T> all(Class<T> kind) {
        List<T> found = new ArrayList<>();
        for (View each : merchant.views()) if (kind.isInstance(each)) found.add(kind.cast(each));
        return found;
    }

    private <T extends View> T only(Class<T> kind) {
        assertEquals(kind.getSimpleName(), 1, all(kind).size());
        return all(kind).get(0);
    }

    private void assertTold(byte[]... events) {
        assertEquals(events.length, told.size());
        for (int i = 0; i < events.length; i++) assertArrayEquals(events[i], told.get(i));
        told.clear();
    }

    @Test
    public void everyKindIsDrawnInItsOrder() throws Exception {
        show(with(golden.keySet().stream().filter(name -> name.startsWith("Node.")).map(name -> name.substring(5))
            .toArray(String[]::new)).back("Back"));
        List<String> texts = merchant.reads();
        assertEquals(Arrays.asList("‹ Back", "New payment", "Afroni kartelën"), texts.subList(0, 3));
        for (String words : new String[] {"✓ Afroni kartelën", "To", "Too short.", "Auth Code", "252095", "Date Range",
            "Next", "Purchase", "Declined", "27 seconds left", "Mastercard", "Erase", "●●●●", "OK"}) {
            assertTrue(words + " in " + texts, texts.contains(words));
        }
        assertTrue(texts.indexOf("Auth Code") > texts.indexOf("Too short."));
        merchant.keepsPicture("every-kind");
    }

    @Test
    public void pressesTellTheirIdsAndWhatIsDisabledTellsNothing() throws Exception {
        show(with("Buttons", "Rows", "Choice").back("Back"));
        assertFalse(all(RadioButton.class).get(0).isChecked());
        assertTrue(all(RadioButton.class).get(1).isChecked());
        for (View each : merchant.views()) if (each.hasOnClickListeners() && each.isEnabled()) each.performClick();
        assertTold(ScreenEvent.back(7), ScreenEvent.press(7, "next"), ScreenEvent.press(7, "stop"),
            ScreenEvent.open(7, "4864FC149502"), ScreenEvent.open(7, "4864FC149502"),
            ScreenEvent.choose(7, "range", "today"), ScreenEvent.choose(7, "range", "week"));
    }

    @Test
    public void theAmountAndTheBadgeOfARowAreInsideTheScreen() throws Exception {
        show(with("Rows"));
        merchant.keepsPicture("rows");
        for (View each : merchant.views()) {
            int[] at = new int[2];
            each.getLocationInWindow(at);
            assertTrue(each + " at " + at[0], at[0] >= 0 && at[0] + each.getWidth() <= view.getWidth());
        }
        assertEquals(2, merchant.reads().stream().filter("1.23"::equals).count());
    }

    @Test
    public void aLineTellsEachChangeAndTakesTheMachinesTextWhenItHasAnsweredTheNewest() throws Exception {
        show(with("Input/Phone"));
        EditText line = only(EditText.class);
        assertEquals(InputType.TYPE_CLASS_PHONE, line.getInputType());
        assertEquals("383 4", line.getText().toString());
        line.append("4");
        line.append("5");
        assertTold(ScreenEvent.type(7, "to", "383 44", 301), ScreenEvent.type(7, "to", "383 445", 302));
        show(with("Input/Phone"));
        assertEquals("an answer to what was typed before changes nothing", "383 445", line.getText().toString());
        assertSame("the line stays where it stands", line, only(EditText.class));
        assertTold();
    }

    @Test
    public void noMoreIsTypedThanFits() throws Exception {
        show(with("Input/Search"));
        EditText line = only(EditText.class);
        line.setText("a".repeat(60));
        line.append("ëë");
        assertEquals("64 bytes are full", 62, line.length());
        line.append("x");
        assertEquals(62, line.length());
        line.setText("😀".repeat(17));
        assertTrue(line.getText().toString().getBytes("UTF-8").length <= 64);
    }

    @Test
    public void aCodeIsMaskedNotSavedAndForgottenWithItsPlace() throws Exception {
        show(with("Input/SupervisorCode").secret());
        EditText line = only(EditText.class);
        assertEquals(InputType.TYPE_CLASS_NUMBER | InputType.TYPE_NUMBER_VARIATION_PASSWORD, line.getInputType());
        assertFalse(line.isSaveEnabled());
        line.setText("4711");
        show(with("Text/Body").number(8));
        assertEquals("", line.getText().toString());
    }

    @Test
    public void aPlaceThatIsOnlyDrawnAnewKeepsItsViewsAndAnotherPlaceHasItsOwn() throws Exception {
        show(with("Countdown", "Buttons"));
        Button next = all(Button.class).get(0);
        ProgressBar bar = only(ProgressBar.class);
        assertEquals(27, bar.getProgress());
        show(with("Text/Failure", "Countdown", "Buttons"));
        assertSame(bar, only(ProgressBar.class));
        assertSame(next, all(Button.class).get(0));
        show(with("Countdown", "Buttons").number(8));
        assertFalse(bar == only(ProgressBar.class));
    }

    @Test
    public void lightsAndMarksHaveWordsForThoseWhoDoNotSeeThem() throws Exception {
        show(with("Lights", "Marks", "Fields"));
        List<String> said = new ArrayList<>();
        for (View each : merchant.views()) if (each.getContentDescription() != null) said.add("" + each.getContentDescription());
        assertTrue(said + "", said.containsAll(Arrays.asList("1 / 4", "Mastercard", "VISA", "Auth Code: 252095")));
    }

    @Test
    public void aPadSaysPlacesDrawsStrokesAndTellsPoints() throws Exception {
        show(with("PinPad").secret());
        View key = merchant.surface().getChildAt(0);
        assertEquals("Row 1, left", key.getContentDescription());
        assertEquals("", ((android.widget.TextView) key).getText().toString());
        merchant.touches(key);
        Screen.PadArea area = padArea();
        assertTrue("a finger's point is in the key", told.size() == 1 && isIn(area, told.get(0)));
        told.clear();
        key.performClick();
        assertTold(ScreenEvent.touch(7, 300, area.left + area.width / 2, area.top + area.height / 2));
        assertFalse("OK is disabled", merchant.surface().getChildAt(1).performClick());
        assertTold();
    }

    private Screen.PadArea padArea() throws Exception {
        return ((Screen.PinPad) ((Screen) Merchant.inside(view, "drawn")).nodes[0]).keys[0].area;
    }

    private static boolean isIn(Screen.PadArea area, byte[] event) {
        Frame.Reader in = new Frame.Reader(event, ScreenEvent.FRAME_BYTES_MAX, ScreenEvent.VERSION);
        boolean isTouch = in.number() == 7 && in.variant() == 7 && in.number() == 300;
        long x = in.number();
        long y = in.number();
        in.end();
        return isTouch && x >= area.left && x < area.left + area.width && y >= area.top && y < area.top + area.height;
    }

    @Test
    public void strokesAreWipedWhenThePadIsGone() throws Exception {
        show(with("PinPad").secret());
        byte[] glyph = ((Screen.PinPad) ((Screen) Merchant.inside(view, "drawn")).nodes[0]).keys[0].glyph;
        assertEquals(2, glyph[0]);
        show(with("Text/Body").number(8));
        assertArrayEquals(new byte[8], glyph);
    }

    @Test
    public void aTouchThroughAnotherWindowIsRefusedAndTold() throws Exception {
        show(with("PinPad").secret());
        View key = merchant.surface().getChildAt(0);
        for (int flags : new int[] {MotionEvent.FLAG_WINDOW_IS_OBSCURED, 2}) {
            merchant.touches(key, flags);
            assertTold();
            assertTrue(isObscured);
        }
        merchant.touches(key);
        assertFalse(isObscured);
        assertEquals(1, told.size());
        show(with("Buttons").number(8));
        told.clear();
        merchant.touches(all(Button.class).get(0), 2);
        assertFalse("beside a PIN pad a window that covers another part is nobody's business", isObscured);
    }

    @Test
    public void aKeyboardsKeysMeanTheScreensKeysButNoDigitOfAPad() throws Exception {
        show(with("Keypad", "Buttons").back("Back"));
        for (int code : new int[] {KeyEvent.KEYCODE_1, KeyEvent.KEYCODE_2, KeyEvent.KEYCODE_DEL,
            KeyEvent.KEYCODE_FORWARD_DEL, KeyEvent.KEYCODE_ESCAPE, KeyEvent.KEYCODE_ENTER}) {
            view.press(code, new KeyEvent(KeyEvent.ACTION_DOWN, code));
        }
        assertTold(ScreenEvent.key(7, 0), ScreenEvent.key(7, 2), ScreenEvent.key(7, 3), ScreenEvent.key(7, 4),
            ScreenEvent.key(7, 5));
        show(with("PinPad").number(8));
        assertFalse(view.press(KeyEvent.KEYCODE_1, new KeyEvent(KeyEvent.ACTION_DOWN, KeyEvent.KEYCODE_1)));
        assertTold();
    }

    @Test
    public void theWayOutIsACancelButtonOrElseTheWayBackOrElseNone() throws Exception {
        show(with("Text/Body").back("Back"));
        assertTrue(view.giveUp());
        assertTold(ScreenEvent.back(7));
        show(with("Text/Body").number(8));
        assertFalse(view.giveUp());
        assertTold();
    }

    @Test
    public void keysStandBelowTheWords() throws Exception {
        show(with("Text/Amount", "Keypad", "Buttons"));
        assertTrue(top("OK") > top("Afroni kartelën") && left("1") < view.getWidth() / 3);
        assertTrue("at the foot", top("Next") > view.getHeight() / 2);
    }

    @Test
    @Config(qualifiers = "w891dp-h411dp-land-hdpi")
    public void onAWideScreenTheyStandBesideThem() throws Exception {
        show(with("Text/Amount", "Keypad", "Buttons"));
        merchant.keepsPicture("wide");
        int middle = view.getWidth() / 2;
        assertTrue(left("1") >= middle && left("Afroni kartelën") < middle && left("Next") < middle);
    }

    @Test
    @Config(qualifiers = "w411dp-h891dp-night-hdpi")
    public void inTheDarkItIsDark() throws Exception {
        show(with("Text/Amount", "Text/Success", "Fields", "Buttons"));
        merchant.keepsPicture("dark");
        assertEquals(0xFF14161A, view.getContext().getColor(R.color.paper));
    }

    private int top(String text) {
        return at(text)[1];
    }

    private int left(String text) {
        return at(text)[0];
    }

    private int[] at(String text) {
        for (android.widget.TextView each : all(android.widget.TextView.class)) {
            int[] at = new int[2];
            each.getLocationInWindow(at);
            if (each.getText().toString().equals(text)) return at;
        }
        throw new AssertionError(text);
    }

    @Test
    public void tonesAreTheOnesOfTheBookAndTheFirstNumberSeenIsSilent() {
        short[] success = Tones.samples(1500, new long[] {0, 500});
        assertEquals(22050, success.length);
        assertEquals(1500, crossings(success), 4);
        short[] alert = Tones.samples(750, new long[] {0, 200, 200, 200});
        assertEquals(26460, alert.length);
        for (int i = 8820; i < 17640; i++) assertEquals(0, alert[i]);
    }

    /** Twice a turn; in half a second, as many as Hertz. */
    private static int crossings(short[] samples) {
        int crossings = 0;
        for (int i = 1; i < samples.length; i++) if (samples[i - 1] < 0 != samples[i] < 0) crossings++;
        return crossings;
    }
}
