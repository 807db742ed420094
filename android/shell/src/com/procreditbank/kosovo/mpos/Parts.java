package com.procreditbank.kosovo.mpos;

import android.view.Gravity;
import android.view.View;
import android.widget.Button;
import android.widget.LinearLayout;
import android.widget.ProgressBar;
import android.widget.TextView;

/** The kinds of node that are only looked at or pressed. Typing, choosing and the PIN pad have files of their own. */
final class Parts {
    private static final int LIGHTS = 4;

    private Parts() {}

    static Part of(Screen.Node node, Look look, Part.Deeds deeds) {
        if (node instanceof Screen.Text) return new Words(look, ((Screen.Text) node).style);
        if (node instanceof Screen.Fields) return new Fields(look, (Screen.Fields) node);
        if (node instanceof Screen.Input) return new TypedLine(look, (Screen.Input) node, deeds);
        if (node instanceof Screen.Choice) return new Options(look, (Screen.Choice) node, deeds);
        if (node instanceof Screen.Buttons) return new Buttons(look, (Screen.Buttons) node, deeds);
        if (node instanceof Screen.Rows) return new Rows(look, (Screen.Rows) node, deeds);
        if (node instanceof Screen.Keypad) return new Keypad(look, (Screen.Keypad) node, deeds);
        if (node instanceof Screen.Countdown) return new Countdown(look);
        if (node instanceof Screen.Lights) return new Lights(look);
        if (node instanceof Screen.Marks) return new Marks(look, (Screen.Marks) node);
        return new Pad(look, (Screen.PinPad) node, deeds);
    }

    private static int ink(Screen.TextStyle style) {
        switch (style) {
            case HINT: return R.color.soft;
            case HEADING: return R.color.red_text;
            case SUCCESS: return R.color.good;
            case FAILURE: return R.color.bad;
            case WARNING: return R.color.care;
            default: return R.color.ink;
        }
    }

    private static final class Words extends Part {
        private final Look look;
        private final Screen.TextStyle style;

        Words(Look look, Screen.TextStyle style) {
            super(look.text(size(look, style), ink(style), style.ordinal() > Screen.TextStyle.HINT.ordinal()), 0);
            this.look = look;
            this.style = style;
            TextView text = (TextView) view;
            boolean isUrgent = style.ordinal() >= Screen.TextStyle.SUCCESS.ordinal();
            if (isUrgent) text.setBackground(look.edged(ink(style)));
            if (isUrgent) look.pad(text, 0.9, 0.6);
            else if (style.ordinal() >= Screen.TextStyle.HEADING.ordinal()) text.setGravity(Gravity.CENTER_HORIZONTAL);
        }

        private static double size(Look look, Screen.TextStyle style) {
            switch (style) {
                case HINT: return 0.9;
                case AMOUNT: return look.isWide() ? 2.2 : 2.9;
                case PROMPT: return 1.4;
                case SUCCESS: return 1.25;
                default: return 1;
            }
        }

        @Override
        boolean change(Screen.Node node) {
            Screen.Text now = (Screen.Text) node;
            if (now.style != style) return false;
            ((TextView) view).setTextSize(android.util.TypedValue.COMPLEX_UNIT_PX, look.em(size(look, style)));
            Look.say((TextView) view, style == Screen.TextStyle.SUCCESS ? "✓ " + now.text : now.text);
            view.setContentDescription(now.text);
            return true;
        }
    }

    private static final class Fields extends Part {
        private final Screen.Fields drawn;

        Fields(Look look, Screen.Fields fields) {
            super(look.column(Gravity.FILL_HORIZONTAL), 0);
            drawn = fields;
            for (Screen.Field field : fields.items) {
                Flow row = new Flow(look, Flow.Room.BETWEEN, 0.6, 0);
                TextView label = look.text(1, R.color.soft, false);
                TextView value = look.text(1, R.color.ink, true);
                label.setText(field.label);
                value.setText(field.value);
                look.pad(label, 0, 0.35);
                look.pad(value, 0, 0.35);
                row.addView(label);
                row.addView(value);
                row.setFocusable(true);
                row.setContentDescription(field.label + ": " + field.value);
                ((LinearLayout) view).addView(row);
                View rule = new View(look.context);
                rule.setBackgroundColor(look.color(R.color.line));
                ((LinearLayout) view).addView(rule, -1, Math.max(1, look.em(0.05)));
            }
        }

        @Override
        boolean change(Screen.Node node) {
            Screen.Field[] now = ((Screen.Fields) node).items;
            boolean isSame = now.length == drawn.items.length;
            for (int i = 0; isSame && i < now.length; i++) {
                isSame = now[i].label.equals(drawn.items[i].label) && now[i].value.equals(drawn.items[i].value);
            }
            return isSame;
        }
    }

    private static final class Buttons extends Part {
        private final Look look;
        private final Screen.Button[] drawn;

        Buttons(final Look look, Screen.Buttons buttons, final Deeds deeds) {
            super(new Flow(look, Flow.Room.SHARED, 0.6, 9), Page.FOOT);
            this.look = look;
            drawn = buttons.items;
            for (final Screen.Button each : drawn) {
                Button button = look.button();
                button.setOnClickListener(new Press(deeds, ScreenEvent.press(deeds.screen(), each.id)));
                ((Flow) view).addView(button);
            }
        }

        @Override
        boolean change(Screen.Node node) {
            Screen.Button[] now = ((Screen.Buttons) node).items;
            if (now.length != drawn.length) return false;
            for (int i = 0; i < now.length; i++) if (!now[i].id.equals(drawn[i].id)) return false;
            for (int i = 0; i < now.length; i++) {
                Button button = (Button) ((Flow) view).getChildAt(i);
                Look.say(button, now[i].label);
                Look.enable(button, now[i].enabled);
                button.setMinHeight(look.em(look.isWide() ? 2.6 : 3.1));
                boolean isPrimary = now[i].style == Screen.ButtonStyle.PRIMARY;
                boolean isDanger = now[i].style == Screen.ButtonStyle.DANGER;
                look.paint(button, isPrimary ? R.color.red : isDanger ? 0 : R.color.fill,
                    isPrimary ? 0 : isDanger ? R.color.red : R.color.line,
                    isPrimary ? R.color.on_red : isDanger ? R.color.bad : R.color.ink);
            }
            return true;
        }
    }

    private static final class Rows extends Part {
        private final Look look;
        private final Deeds deeds;

        Rows(Look look, Screen.Rows rows, Deeds deeds) {
            super(look.column(Gravity.FILL_HORIZONTAL), 0);
            this.look = look;
            this.deeds = deeds;
        }

        @Override
        boolean change(Screen.Node node) {
            LinearLayout list = (LinearLayout) view;
            Screen.Row[] now = ((Screen.Rows) node).items;
            while (list.getChildCount() > now.length) list.removeViewAt(now.length);
            for (int i = 0; i < now.length; i++) {
                if (i == list.getChildCount()) list.addView(row());
                draw(list.getChildAt(i), now[i]);
            }
            return true;
        }

        private View row() {
            LinearLayout row = look.column(Gravity.FILL_HORIZONTAL);
            Flow first = new Flow(look, Flow.Room.BETWEEN, 0.6, 0);
            first.addView(look.text(1, R.color.ink, true));
            first.addView(look.text(0.8, R.color.ink, true));
            first.addView(look.text(1, R.color.ink, true));
            look.pad(first.getChildAt(1), 0.5, 0.05);
            row.addView(first);
            row.addView(look.text(0.9, R.color.soft, false));
            row.setBackground(look.pressable(R.color.paper, 0, 0.2));
            look.pad(row, 0.2, 0.6);
            return row;
        }

        private void draw(View row, final Screen.Row now) {
            Flow first = (Flow) ((LinearLayout) row).getChildAt(0);
            TextView badge = (TextView) first.getChildAt(1);
            Look.say((TextView) first.getChildAt(0), now.title);
            Look.say((TextView) first.getChildAt(2), now.amount);
            Look.say((TextView) ((LinearLayout) row).getChildAt(1), now.detail);
            Look.show(badge, now.badge != null);
            if (now.badge != null) {
                Look.say(badge, now.badge.text);
                badge.setTextColor(look.color(ink(now.badge.style)));
                badge.setBackground(look.shape(0, ink(now.badge.style), 1));
            }
            row.setOnClickListener(new Press(deeds, ScreenEvent.open(deeds.screen(), now.id)));
        }
    }

    private static final class Keypad extends Part {
        private static final int IN_A_ROW = 3;

        private final Look look;
        private final Button[] buttons;
        private Screen.Key[] drawn;

        Keypad(Look look, Screen.Keypad keypad, final Deeds deeds) {
            super(look.column(Gravity.FILL_HORIZONTAL), Page.FOOT | Page.SIDE);
            this.look = look;
            drawn = keypad.keys;
            buttons = new Button[drawn.length];
            LinearLayout row = null;
            for (int i = 0; i < drawn.length; i++) {
                if (i % IN_A_ROW == 0) {
                    row = new LinearLayout(look.context);
                    ((LinearLayout) view).addView(row, -1, -2);
                }
                buttons[i] = look.button();
                buttons[i].setOnClickListener(new Press(deeds, ScreenEvent.key(deeds.screen(), i)));
                LinearLayout.LayoutParams place = new LinearLayout.LayoutParams(0, -1, 1);
                int half = look.em(0.25);
                place.setMargins(i % IN_A_ROW == 0 ? 0 : half, half, i % IN_A_ROW == IN_A_ROW - 1 ? 0 : half, half);
                row.addView(buttons[i], place);
            }
        }

        @Override
        boolean change(Screen.Node node) {
            Screen.Key[] now = ((Screen.Keypad) node).keys;
            if (now.length != drawn.length) return false;
            for (int i = 0; i < now.length; i++) if (now[i].role != drawn[i].role) return false;
            for (int i = 0; i < now.length; i++) {
                boolean isDigit = now[i].role == Screen.KeyRole.DIGIT;
                boolean isConfirm = now[i].role == Screen.KeyRole.CONFIRM;
                boolean isCancel = now[i].role == Screen.KeyRole.CANCEL;
                look.dressed(buttons[i], isDigit ? 1.25 : 1, R.color.ink, !isDigit);
                buttons[i].setMinHeight(look.em(look.isWide() ? 2.5 : 3.4));
                look.paint(buttons[i], isConfirm ? R.color.red : R.color.fill, 0,
                    isConfirm ? R.color.on_red : isCancel ? R.color.bad : R.color.ink);
                Look.say(buttons[i], now[i].label);
                Look.enable(buttons[i], now[i].enabled);
            }
            drawn = now;
            return true;
        }

        @Override
        boolean press(Screen.KeyRole role, String label) {
            for (int i = 0; i < drawn.length; i++) {
                boolean isMeant = drawn[i].role == role && (label == null || label.equals(drawn[i].label));
                if (isMeant && drawn[i].enabled) return buttons[i].performClick();
            }
            return false;
        }
    }

    private static final class Countdown extends Part {
        private final ProgressBar bar;
        private final TextView text;

        Countdown(Look look) {
            super(look.column(Gravity.FILL_HORIZONTAL), 0);
            bar = new ProgressBar(look.context, null, android.R.attr.progressBarStyleHorizontal);
            bar.setImportantForAccessibility(View.IMPORTANT_FOR_ACCESSIBILITY_NO);
            text = look.text(1, R.color.ink, false);
            text.setGravity(Gravity.CENTER_HORIZONTAL);
            ((LinearLayout) view).addView(bar);
            ((LinearLayout) view).addView(text);
        }

        @Override
        boolean change(Screen.Node node) {
            Screen.Countdown now = (Screen.Countdown) node;
            bar.setMax(now.secondsTotal);
            bar.setProgress(now.secondsLeft);
            Look.say(text, now.text);
            return true;
        }
    }

    private static final class Lights extends Part {
        private final Look look;

        Lights(Look look) {
            super(new LinearLayout(look.context), 0);
            this.look = look;
            ((LinearLayout) view).setGravity(Gravity.CENTER);
            view.setFocusable(true);
            for (int i = 0; i < LIGHTS; i++) {
                LinearLayout.LayoutParams size = new LinearLayout.LayoutParams(look.em(2.6), look.em(0.55));
                size.setMargins(look.em(0.45), 0, look.em(0.45), 0);
                ((LinearLayout) view).addView(new View(look.context), size);
            }
        }

        @Override
        boolean change(Screen.Node node) {
            int lit = ((Screen.Lights) node).lit;
            view.setContentDescription(lit + " / " + LIGHTS);
            for (int i = 0; i < LIGHTS; i++) {
                ((LinearLayout) view).getChildAt(i).setBackground(look.shape(i < lit ? R.color.lit : R.color.line, 0, 1));
            }
            return true;
        }
    }

    private static final class Marks extends Part {
        private final Screen.Mark[] drawn;

        Marks(Look look, Screen.Marks marks) {
            super(look.column(Gravity.CENTER_HORIZONTAL), Page.SIDE);
            drawn = marks.items;
            LinearLayout all = (LinearLayout) view;
            all.addView(Drawing.waves(look), look.em(9), look.em(9));
            Flow flow = new Flow(look, Flow.Room.AROUND, 0.8, 0);
            for (Screen.Mark mark : drawn) flow.addView(Drawing.mark(look, mark));
            all.addView(flow, -1, -2);
        }

        @Override
        boolean change(Screen.Node node) {
            Screen.Mark[] now = ((Screen.Marks) node).items;
            boolean isSame = now.length == drawn.length;
            for (int i = 0; isSame && i < now.length; i++) isSame = now[i].scheme == drawn[i].scheme;
            return isSame;
        }
    }
}
