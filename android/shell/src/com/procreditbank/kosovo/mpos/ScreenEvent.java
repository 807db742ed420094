// Made by `cargo xtask java` from protocol/src/screen.rs, which says what each of these is. Do not edit.
package com.procreditbank.kosovo.mpos;

/** What can be done on a screen, each as its frame. What does not fit is a {@link Frame.Bad}. */
final class ScreenEvent {
    static final int FRAME_BYTES_MAX = 256;
    static final int VERSION = 1;

    private ScreenEvent() {}

    static byte[] shellReady(long screen) {
        return act(0, screen).done();
    }

    static byte[] press(long screen, CharSequence elementId) {
        return act(1, screen).text(elementId, 32).done();
    }

    static byte[] type(long screen, CharSequence input, CharSequence text, long edit) {
        return act(2, screen).text(input, 32).text(text, 64).number(edit).done();
    }

    static byte[] key(long screen, int position) {
        return act(3, screen).octet(position).done();
    }

    static byte[] choose(long screen, CharSequence choice, CharSequence option) {
        return act(4, screen).text(choice, 32).text(option, 32).done();
    }

    static byte[] open(long screen, CharSequence elementId) {
        return act(5, screen).text(elementId, 32).done();
    }

    static byte[] back(long screen) {
        return act(6, screen).done();
    }

    static byte[] touch(long screen, long pad, long atX, long atY) {
        return act(7, screen).number(pad).number(atX).number(atY).done();
    }

    static byte[] exposure(long screen, boolean covered, boolean captured) {
        return act(8, screen).flag(covered).flag(captured).done();
    }

    static byte[] network(long screen, boolean available) {
        return act(9, screen).flag(available).done();
    }

    private static Frame.Writer act(int act, long screen) {
        return new Frame.Writer(FRAME_BYTES_MAX, VERSION).number(screen).number(act);
    }
}
