package com.procreditbank.kosovo.mpos;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.Test;

/** What is read and written, held against the bytes that protocol's own tests hold. */
public final class FrameTest {
    @Test
    public void everyGoldenScreenAndNodeIsReadAndEachCutShortIsRefused() throws Exception {
        int read = 0;
        for (Map.Entry<String, byte[]> golden : Golden.all().entrySet()) {
            byte[] bytes = golden.getValue();
            String kind = golden.getKey().split("[./]")[0];
            if (kind.equals("Screen")) {
                assertEquals(300, Screen.of(bytes).number);
            } else if (kind.equals("Node")) {
                String name = golden.getKey().split("[./]")[1];
                assertEquals(golden.getKey(), name, Golden.node(bytes).getClass().getSimpleName());
                bytes = new Golden.FrameOf().node(bytes).frame();
            } else {
                continue;
            }
            read++;
            for (int length = 0; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                assertThrows(golden.getKey(), Frame.Bad.class, () -> Screen.of(cut));
            }
            byte[] leftOver = Arrays.copyOf(bytes, bytes.length + 1);
            assertThrows(Frame.Bad.class, () -> Screen.of(leftOver));
        }
        assertEquals(25, read);
    }

    @Test
    public void aScreenIsReadFieldByField() throws Exception {
        Screen screen = Screen.of(Golden.all().get("Screen"));
        assertEquals(301, screen.drawing);
        assertEquals("payment.tap", screen.name);
        assertEquals(Screen.Language.ALBANIAN, screen.language);
        assertEquals("Pagesë e re", screen.title);
        assertEquals("Kthehu", screen.back);
        assertTrue(screen.keepsSecret);
        assertEquals(5, screen.tone.number);
        assertEquals(Screen.Sound.ALERT, screen.tone.sound);
        Screen plain = Screen.of(Golden.all().get("Screen/Plain"));
        assertNull(plain.back);
        assertEquals(Screen.Language.SERBIAN, plain.language);
    }

    @Test
    public void theDeepestNodesAreReadToTheirEnds() throws Exception {
        Map<String, byte[]> golden = Golden.all();
        Screen.Input input = (Screen.Input) Golden.node(golden.get("Node.Input/Amount"));
        assertEquals("to To AMOUNT 383 4 5 300 383 4x xxx xxx Too short.", String.join(" ", input.id, input.label,
            input.kind.name(), input.value, "" + input.filled, "" + input.edit, input.hint, input.error));
        Screen.Row[] rows = ((Screen.Rows) Golden.node(golden.get("Node.Rows"))).items;
        assertNull(rows[0].badge);
        assertEquals("Declined", rows[1].badge.text);
        assertEquals(Screen.TextStyle.FAILURE, rows[1].badge.style);
        Screen.PinPad pad = (Screen.PinPad) Golden.node(golden.get("Node.PinPad"));
        assertEquals(300, pad.pad);
        assertEquals(3400, pad.keys[0].area.left);
        assertEquals(2350, pad.keys[0].area.height);
        assertArrayEquals(new byte[] {2, 0, 1, 2, 3, 1, 4, 5}, pad.keys[0].glyph);
        assertEquals(Screen.KeyRole.CONFIRM, pad.keys[1].role);
        Screen.Mark[] marks = ((Screen.Marks) Golden.node(golden.get("Node.Marks"))).items;
        assertEquals(Screen.CardScheme.VISA, marks[1].scheme);
    }

    @Test
    public void everyEventIsWrittenAsItWasReviewed() throws Exception {
        Map<String, byte[]> written = new LinkedHashMap<>();
        written.put("ShellReady", ScreenEvent.shellReady(300));
        written.put("Press", ScreenEvent.press(300, "next"));
        written.put("Type", ScreenEvent.type(300, "code", "73917391", 300));
        written.put("Key", ScreenEvent.key(300, 11));
        written.put("Choose", ScreenEvent.choose(300, "range", "week"));
        written.put("Open", ScreenEvent.open(300, "4864FC149502"));
        written.put("Back", ScreenEvent.back(300));
        written.put("Touch", ScreenEvent.touch(300, 300, 9371, 7193));
        written.put("Exposure", ScreenEvent.exposure(300, true, false));
        written.put("Network", ScreenEvent.network(300, true));
        int events = 0;
        for (Map.Entry<String, byte[]> golden : Golden.all().entrySet()) {
            if (!golden.getKey().startsWith("ScreenEvent.")) continue;
            events++;
            assertArrayEquals(golden.getKey(), golden.getValue(), written.get(golden.getKey().split("\\.")[1]));
        }
        assertEquals(written.size(), events);
    }

    @Test
    public void whatDoesNotFitIsNotWritten() {
        assertThrows(Frame.Bad.class, () -> ScreenEvent.press(300, "i".repeat(33)));
        assertThrows(Frame.Bad.class, () -> ScreenEvent.type(300, "code", "ë".repeat(33), 1));
        assertThrows(Frame.Bad.class, () -> ScreenEvent.press(300, "\uD800"));
        assertThrows(Frame.Bad.class, () -> ScreenEvent.press(0x1_0000_0000L, "next"));
        assertThrows(Frame.Bad.class, () -> ScreenEvent.key(300, 256));
        assertEquals(64, ScreenEvent.type(300, "code", "ë".repeat(32), 1).length - 11);
    }

    @Test
    public void anotherVersionAndTooManyBytesAreRefused() throws Exception {
        byte[] golden = Golden.all().get("Screen");
        byte[] other = golden.clone();
        other[0] = 2;
        assertThrows(Frame.Bad.class, () -> Screen.of(other));
        assertThrows(Frame.Bad.class, () -> Screen.of(Arrays.copyOf(golden, Screen.FRAME_BYTES_MAX + 1)));
    }

    @Test
    public void numbersTextsAndFlagsAreReadAsStrictlyAsTheyAreWrittenElsewhere() {
        for (String bad : new String[] {"01ffffffff10", "01808080808000", "01ffffffffff"}) {
            assertThrows(bad, Frame.Bad.class, () -> reader(bad).number());
        }
        assertEquals(0xFFFFFFFFL, reader("01ffffffff0f").number());
        assertEquals(0xFFFF, reader("01ffff03").shorter());
        assertThrows(Frame.Bad.class, () -> reader("01ffff04").shorter());
        assertThrows(Frame.Bad.class, () -> reader("0102").flag());
        assertThrows("half a character", Frame.Bad.class, () -> reader("0101c3").text(8));
        assertThrows("a surrogate", Frame.Bad.class, () -> reader("0103eda080").text(8));
        assertThrows("longer than it may be", Frame.Bad.class, () -> reader("0103616263").text(2));
        assertThrows("longer than there is", Frame.Bad.class, () -> reader("01ffffff7f61").bytes(Integer.MAX_VALUE));
        assertThrows("a variant of tomorrow", Frame.Bad.class, () -> reader("0108").oneOf(Screen.TextStyle.values()));
    }

    private static Frame.Reader reader(String hex) {
        return new Frame.Reader(Golden.hex(hex), Screen.FRAME_BYTES_MAX, Screen.VERSION);
    }

    @Test
    public void noChangedByteDoesAnythingButThrowTheOneException() throws Exception {
        Golden.FrameOf all = new Golden.FrameOf().back("Back").tone(3, Screen.Sound.ALERT);
        for (Map.Entry<String, byte[]> golden : Golden.all().entrySet()) {
            if (golden.getKey().startsWith("Node.")) all.node(golden.getValue());
        }
        byte[] frame = all.frame();
        assertEquals(23, Screen.of(frame).nodes.length);
        Random random = new Random(1);
        int refused = 0;
        for (int run = 0; run < 20_000; run++) {
            byte[] changed = frame.clone();
            for (int times = 1 + random.nextInt(3); times > 0; times--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            try {
                Screen.of(changed);
            } catch (Frame.Bad expected) {
                refused++;
            }
        }
        assertTrue("" + refused, refused > 1000 && refused < 20_000);
    }
}
