package com.procreditbank.kosovo.mpos;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The frames that protocol's own tests hold: `name = hex`, a line each. */
final class Golden {
    private Golden() {}

    static Map<String, byte[]> all() throws IOException {
        Map<String, byte[]> all = new LinkedHashMap<>();
        for (String line : Files.readAllLines(Path.of(System.getProperty("mpos.golden")))) {
            String[] parts = line.split(" = ");
            all.put(parts[0], hex(parts[1]));
        }
        return all;
    }

    static byte[] hex(String text) {
        byte[] bytes = new byte[text.length() / 2];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) Integer.parseInt(text, 2 * i, 2 * i + 2, 16);
        return bytes;
    }

    /** A node as a screen of its own would hold it. */
    static Screen.Node node(byte[] bytes) {
        return new FrameOf().node(bytes).screen().nodes[0];
    }

    /** Makes frames of screens, field by field in the wire's order. */
    static final class FrameOf {
        long number = 7;
        String name = "payment.tap";
        String back = null;
        boolean keepsSecret = false;
        int tone = 0;
        Screen.Sound sound = Screen.Sound.SUCCESS;
        private final ByteArrayOutputStream nodes = new ByteArrayOutputStream();
        private int count;

        FrameOf node(byte[] node) {
            nodes.writeBytes(node);
            count++;
            return this;
        }

        FrameOf number(long number) {
            this.number = number;
            return this;
        }

        FrameOf back(String back) {
            this.back = back;
            return this;
        }

        FrameOf secret() {
            keepsSecret = true;
            return this;
        }

        FrameOf tone(int tone, Screen.Sound sound) {
            this.tone = tone;
            this.sound = sound;
            return this;
        }

        byte[] frame() {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(new Frame.Writer(1024, Screen.VERSION).number(number).number(number).text(name, 32)
                .number(Screen.Language.ENGLISH.ordinal()).text("New payment", 128).flag(back != null).done());
            if (back != null) out.writeBytes(text(back));
            out.write(count);
            out.writeBytes(nodes.toByteArray());
            out.write(keepsSecret ? 1 : 0);
            out.write(tone > 0 ? 1 : 0);
            if (tone > 0) {
                out.write(tone);
                out.write(sound.ordinal());
            }
            return out.toByteArray();
        }

        Screen screen() {
            return Screen.of(frame());
        }

        private static byte[] text(String text) {
            byte[] versioned = new Frame.Writer(1024, 0).text(text, 128).done();
            return java.util.Arrays.copyOfRange(versioned, 1, versioned.length);
        }
    }
}
