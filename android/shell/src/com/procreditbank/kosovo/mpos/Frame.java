package com.procreditbank.kosovo.mpos;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.Arrays;

/** What screens and events are written in: a version, then postcard. Reading is strict, and both are bounded. */
final class Frame {
    private static final Charset UTF_8 = Charset.forName("UTF-8");

    private Frame() {}

    /** Bytes that are no frame, or what does not fit into one. It does not say which: it may hold a code. */
    static final class Bad extends RuntimeException {
        Bad() {
            super("not a frame of this version");
        }
    }

    static final class Reader {
        private final byte[] bytes;
        private int at;

        Reader(byte[] frame, int most, int version) {
            bytes = frame;
            if (frame.length > most || octet() != version) throw bad();
        }

        Bad bad() {
            return new Bad();
        }

        int octet() {
            if (at >= bytes.length) throw bad();
            return bytes[at++] & 0xFF;
        }

        boolean flag() {
            int octet = octet();
            if (octet > 1) throw bad();
            return octet == 1;
        }

        /** Unsigned, up to 32 bits: seven bits a byte, the lowest first. */
        long number() {
            return number(0xFFFFFFFFL, 5);
        }

        int shorter() {
            return (int) number(0xFFFF, 3);
        }

        private long number(long most, int bytesMax) {
            long value = 0;
            for (int i = 0; i < bytesMax; i++) {
                int octet = octet();
                value |= (octet & 0x7FL) << (7 * i);
                if (octet < 0x80 && value <= most) return value;
            }
            throw bad();
        }

        int variant() {
            return count(Integer.MAX_VALUE);
        }

        int count(int most) {
            long count = number();
            if (count > most) throw bad();
            return (int) count;
        }

        <T> T oneOf(T[] all) {
            int index = variant();
            if (index >= all.length) throw bad();
            return all[index];
        }

        byte[] bytes(int most) {
            int length = count(most);
            if (length > bytes.length - at) throw bad();
            at += length;
            return Arrays.copyOfRange(bytes, at - length, at);
        }

        String text(int most) {
            int length = count(most);
            if (length > bytes.length - at) throw bad();
            at += length;
            try {
                return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, at - length, length)).toString();
            } catch (CharacterCodingException notText) {
                throw bad();
            }
        }

        void end() {
            if (at != bytes.length) throw bad();
        }
    }

    static final class Writer {
        private final byte[] bytes;
        private int length;

        Writer(int most, int version) {
            bytes = new byte[most];
            octet(version);
        }

        Writer octet(int value) {
            if (length >= bytes.length || value < 0 || value > 0xFF) throw new Bad();
            bytes[length++] = (byte) value;
            return this;
        }

        Writer flag(boolean value) {
            return octet(value ? 1 : 0);
        }

        Writer number(long value) {
            if (value < 0 || value > 0xFFFFFFFFL) throw new Bad();
            for (; value >= 0x80; value >>= 7) octet((int) (value & 0x7F | 0x80));
            return octet((int) value);
        }

        /** What is written may be a code: no copy of it stays. */
        Writer text(CharSequence text, int most) {
            ByteBuffer encoded;
            try {
                encoded = UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            } catch (CharacterCodingException notText) {
                throw new Bad();
            }
            int count = encoded.remaining();
            if (count <= most) {
                number(count);
                for (int i = 0; i < count; i++) octet(encoded.get() & 0xFF);
            }
            Arrays.fill(encoded.array(), (byte) 0);
            if (count > most) throw new Bad();
            return this;
        }

        /** The frame. Who gets it wipes it. */
        byte[] done() {
            byte[] frame = Arrays.copyOf(bytes, length);
            Arrays.fill(bytes, (byte) 0);
            return frame;
        }
    }
}
