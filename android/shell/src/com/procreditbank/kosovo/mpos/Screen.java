// Made by `cargo xtask java` from protocol/src/screen.rs, which says what each of these is. Do not edit.
package com.procreditbank.kosovo.mpos;

/** All that is to be seen, read from its frame. It is never printed: it may hold what others must not see. */
final class Screen {
    static final int FRAME_BYTES_MAX = 32768;
    static final int VERSION = 1;

    /** Reads a whole frame. Any other bytes are a {@link Frame.Bad}. */
    static Screen of(byte[] frame) {
        Frame.Reader in = new Frame.Reader(frame, FRAME_BYTES_MAX, VERSION);
        Screen read = new Screen(in);
        in.end();
        return read;
    }

    final long number;
    final long drawing;
    final String name;
    final Language language;
    final String title;
    final String back;
    final Node[] nodes;
    final boolean keepsSecret;
    final Tone tone;

    private Screen(Frame.Reader in) {
        number = in.number();
        drawing = in.number();
        name = in.text(32);
        language = in.oneOf(Language.values());
        title = in.text(128);
        back = in.flag() ? in.text(128) : null;
        nodes = new Node[in.count(32)];
        for (int i = 0; i < nodes.length; i++) nodes[i] = Node.read(in);
        keepsSecret = in.flag();
        tone = in.flag() ? new Tone(in) : null;
    }

    enum Language { ALBANIAN, ENGLISH, SERBIAN }

    abstract static class Node {
        static Node read(Frame.Reader in) {
            switch (in.variant()) {
                case 0: return new Text(in);
                case 1: return new Fields(in);
                case 2: return new Input(in);
                case 3: return new Choice(in);
                case 4: return new Buttons(in);
                case 5: return new Rows(in);
                case 6: return new Keypad(in);
                case 7: return new Countdown(in);
                case 8: return new Lights(in);
                case 9: return new Marks(in);
                case 10: return new PinPad(in);
                default: throw in.bad();
            }
        }
    }

    static final class Text extends Node {
        final TextStyle style;
        final String text;

        Text(Frame.Reader in) {
            style = in.oneOf(TextStyle.values());
            text = in.text(512);
        }
    }

    static final class Fields extends Node {
        final Field[] items;

        Fields(Frame.Reader in) {
            items = new Field[in.count(16)];
            for (int i = 0; i < items.length; i++) items[i] = new Field(in);
        }
    }

    static final class Choice extends Node {
        final String id;
        final String label;
        final ChoiceOption[] options;
        final int selected;

        Choice(Frame.Reader in) {
            id = in.text(32);
            label = in.text(128);
            options = new ChoiceOption[in.count(8)];
            for (int i = 0; i < options.length; i++) options[i] = new ChoiceOption(in);
            selected = in.octet();
        }
    }

    static final class Buttons extends Node {
        final Button[] items;

        Buttons(Frame.Reader in) {
            items = new Button[in.count(8)];
            for (int i = 0; i < items.length; i++) items[i] = new Button(in);
        }
    }

    static final class Rows extends Node {
        final Row[] items;

        Rows(Frame.Reader in) {
            items = new Row[in.count(16)];
            for (int i = 0; i < items.length; i++) items[i] = new Row(in);
        }
    }

    static final class Countdown extends Node {
        final int secondsLeft;
        final int secondsTotal;
        final String text;

        Countdown(Frame.Reader in) {
            secondsLeft = in.octet();
            secondsTotal = in.octet();
            text = in.text(128);
        }
    }

    static final class Lights extends Node {
        final int lit;

        Lights(Frame.Reader in) {
            lit = in.octet();
        }
    }

    static final class Marks extends Node {
        final Mark[] items;

        Marks(Frame.Reader in) {
            items = new Mark[in.count(8)];
            for (int i = 0; i < items.length; i++) items[i] = new Mark(in);
        }
    }

    static final class Tone {
        final long number;
        final Sound sound;

        Tone(Frame.Reader in) {
            number = in.number();
            sound = in.oneOf(Sound.values());
        }
    }

    enum TextStyle { BODY, HINT, HEADING, AMOUNT, PROMPT, SUCCESS, FAILURE, WARNING }

    static final class Field {
        final String label;
        final String value;

        Field(Frame.Reader in) {
            label = in.text(128);
            value = in.text(128);
        }
    }

    static final class Input extends Node {
        final String id;
        final String label;
        final InputKind kind;
        final String value;
        final int filled;
        final long edit;
        final String hint;
        final String error;

        Input(Frame.Reader in) {
            id = in.text(32);
            label = in.text(128);
            kind = in.oneOf(InputKind.values());
            value = in.text(64);
            filled = in.octet();
            edit = in.number();
            hint = in.text(128);
            error = in.flag() ? in.text(512) : null;
        }
    }

    static final class ChoiceOption {
        final String id;
        final String label;

        ChoiceOption(Frame.Reader in) {
            id = in.text(32);
            label = in.text(128);
        }
    }

    static final class Button {
        final String id;
        final String label;
        final ButtonStyle style;
        final boolean enabled;

        Button(Frame.Reader in) {
            id = in.text(32);
            label = in.text(128);
            style = in.oneOf(ButtonStyle.values());
            enabled = in.flag();
        }
    }

    static final class Row {
        final String id;
        final String title;
        final String detail;
        final String amount;
        final Badge badge;

        Row(Frame.Reader in) {
            id = in.text(32);
            title = in.text(128);
            detail = in.text(128);
            amount = in.text(32);
            badge = in.flag() ? new Badge(in) : null;
        }
    }

    static final class Keypad extends Node {
        final Key[] keys;

        Keypad(Frame.Reader in) {
            keys = new Key[in.count(15)];
            for (int i = 0; i < keys.length; i++) keys[i] = new Key(in);
        }
    }

    static final class Mark {
        final CardScheme scheme;
        final String name;

        Mark(Frame.Reader in) {
            scheme = in.oneOf(CardScheme.values());
            name = in.text(32);
        }
    }

    static final class PinPad extends Node {
        final long pad;
        final int filled;
        final String spoken;
        final PinKey[] keys;

        PinPad(Frame.Reader in) {
            pad = in.number();
            filled = in.octet();
            spoken = in.text(128);
            keys = new PinKey[in.count(12)];
            for (int i = 0; i < keys.length; i++) keys[i] = new PinKey(in);
        }
    }

    enum Sound { SUCCESS, ALERT }

    enum InputKind { ACTIVATION_CODE, SUPERVISOR_CODE, PHONE, SEARCH, DATE_TIME, AMOUNT }

    enum ButtonStyle { PRIMARY, PLAIN, DANGER }

    static final class Badge {
        final String text;
        final TextStyle style;

        Badge(Frame.Reader in) {
            text = in.text(128);
            style = in.oneOf(TextStyle.values());
        }
    }

    static final class Key {
        final KeyRole role;
        final String label;
        final boolean enabled;

        Key(Frame.Reader in) {
            role = in.oneOf(KeyRole.values());
            label = in.text(32);
            enabled = in.flag();
        }
    }

    enum CardScheme { MASTERCARD, MAESTRO, VISA, VISA_ELECTRON, V_PAY }

    static final class PinKey {
        final KeyRole role;
        final PadArea area;
        final byte[] glyph;
        final String label;
        final String spoken;
        final boolean enabled;

        PinKey(Frame.Reader in) {
            role = in.oneOf(KeyRole.values());
            area = new PadArea(in);
            glyph = in.bytes(64);
            label = in.text(32);
            spoken = in.text(128);
            enabled = in.flag();
        }
    }

    enum KeyRole { DIGIT, ERASE, CLEAR, CANCEL, CONFIRM }

    static final class PadArea {
        final int left;
        final int top;
        final int width;
        final int height;

        PadArea(Frame.Reader in) {
            left = in.shorter();
            top = in.shorter();
            width = in.shorter();
            height = in.shorter();
        }
    }
}
