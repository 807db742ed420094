package com.procreditbank.kosovo.mpos;

import android.content.Context;
import android.graphics.Canvas;
import android.graphics.Paint;
import android.view.Gravity;
import android.view.MotionEvent;
import android.view.View;
import android.view.ViewGroup;
import android.widget.Button;
import android.widget.LinearLayout;
import android.widget.TextView;
import java.util.Arrays;

/**
 * The pad for a PIN: strokes are drawn, and what was touched is said as a point. Which digit that is, is not known here,
 * and which key is pressed is shown to nobody.
 */
final class Pad extends Part {
    /** A pad's width and height in its own units (protocol/src/pad.rs), and a glyph's box with its stroke. */
    private static final int UNITS = 10000;
    private static final float GLYPH_WIDTH = 72;
    private static final float GLYPH_HEIGHT = 112;
    private static final float GLYPH_EDGE = 6;

    private final Look look;
    private final Deeds deeds;
    private final TextView dots;
    private final Surface surface;
    private Screen.PinPad drawn;

    Pad(Look look, Screen.PinPad pad, Deeds deeds) {
        super(look.column(Gravity.FILL_HORIZONTAL), Page.FOOT | Page.SIDE);
        this.look = look;
        this.deeds = deeds;
        drawn = pad;
        dots = look.text(1.3, R.color.ink, false);
        dots.setGravity(Gravity.CENTER_HORIZONTAL);
        dots.setLetterSpacing(0.4f);
        dots.setAccessibilityLiveRegion(View.ACCESSIBILITY_LIVE_REGION_POLITE);
        surface = new Surface(look.context);
        for (int i = 0; i < pad.keys.length; i++) surface.addView(new Key(look.context, i));
        ((LinearLayout) view).addView(dots);
        ((LinearLayout) view).addView(surface);
    }

    @Override
    boolean change(Screen.Node node) {
        Screen.PinPad now = (Screen.PinPad) node;
        if (now.pad != drawn.pad || now.keys.length != surface.getChildCount()) return false;
        if (now != drawn) end();
        drawn = now;
        StringBuilder typed = new StringBuilder();
        for (int i = 0; i < now.filled; i++) typed.append('●');
        Look.say(dots, typed.toString());
        dots.setContentDescription(now.spoken);
        for (int i = 0; i < now.keys.length; i++) ((Key) surface.getChildAt(i)).change(now.keys[i]);
        return true;
    }

    @Override
    boolean press(Screen.KeyRole role, String label) {
        for (int i = 0; i < drawn.keys.length && role != Screen.KeyRole.DIGIT; i++) {
            if (drawn.keys[i].role == role) return surface.getChildAt(i).performClick();
        }
        return false;
    }

    /** Strokes tell digits. */
    @Override
    void end() {
        for (Screen.PinKey key : drawn.keys) Arrays.fill(key.glyph, (byte) 0);
    }

    private void touch(int x, int y) {
        deeds.tell(ScreenEvent.touch(deeds.screen(), drawn.pad, x, y));
    }

    /** Takes every touch itself; a screen reader, which has no finger, presses the keys. */
    private final class Surface extends ViewGroup {
        private int begun = -1;

        Surface(Context context) {
            super(context);
        }

        @Override
        protected void onMeasure(int widthSpec, int heightSpec) {
            setMeasuredDimension(MeasureSpec.getSize(widthSpec), look.em(look.isWide() ? 11 : 15.5));
        }

        @Override
        protected void onLayout(boolean changed, int left, int top, int right, int bottom) {
            for (int i = 0; i < getChildCount(); i++) {
                Screen.PadArea area = drawn.keys[i].area;
                int x = area.left * getWidth() / UNITS;
                int y = area.top * getHeight() / UNITS;
                int width = area.width * getWidth() / UNITS;
                int height = area.height * getHeight() / UNITS;
                getChildAt(i).measure(MeasureSpec.makeMeasureSpec(width, MeasureSpec.EXACTLY),
                    MeasureSpec.makeMeasureSpec(height, MeasureSpec.EXACTLY));
                getChildAt(i).layout(x, y, x + width, y + height);
            }
        }

        @Override
        public boolean onInterceptTouchEvent(MotionEvent event) {
            return true;
        }

        @Override
        public boolean onTouchEvent(MotionEvent event) {
            int x = units(event.getX(), getWidth());
            int y = units(event.getY(), getHeight());
            if (event.getActionMasked() == MotionEvent.ACTION_DOWN) begun = key(x, y);
            if (event.getActionMasked() == MotionEvent.ACTION_CANCEL) begun = -1;
            if (event.getActionMasked() == MotionEvent.ACTION_UP && begun >= 0 && begun == key(x, y)) touch(x, y);
            return true;
        }

        private int units(float part, int whole) {
            return Math.min(Math.max((int) (part * UNITS / Math.max(1, whole)), 0), UNITS - 1);
        }

        /** The key at a point, if it can be pressed. */
        private int key(int x, int y) {
            for (int i = 0; i < drawn.keys.length; i++) {
                Screen.PadArea area = drawn.keys[i].area;
                boolean isIn = x >= area.left && x < area.left + area.width
                    && y >= area.top && y < area.top + area.height;
                if (isIn && drawn.keys[i].enabled) return i;
            }
            return -1;
        }
    }

    /** One key: a word, or strokes. */
    private final class Key extends TextView {
        private final Paint paint = new Paint(Paint.ANTI_ALIAS_FLAG);
        private final int index;

        Key(Context context, int index) {
            super(context);
            this.index = index;
            setGravity(Gravity.CENTER);
            setClickable(true);
            setFocusable(true);
            paint.setStyle(Paint.Style.STROKE);
            paint.setStrokeWidth(9);
            paint.setStrokeCap(Paint.Cap.ROUND);
            paint.setStrokeJoin(Paint.Join.ROUND);
            paint.setColor(look.color(R.color.ink));
        }

        void change(Screen.PinKey key) {
            boolean isConfirm = key.role == Screen.KeyRole.CONFIRM;
            look.dressed(this, 1, isConfirm ? R.color.on_red : R.color.ink, true);
            setBackground(look.shape(isConfirm ? R.color.red : R.color.fill, 0, 0.7));
            Look.say(this, key.label);
            setContentDescription(key.spoken);
            Look.enable(this, key.enabled);
            invalidate();
        }

        @Override
        public CharSequence getAccessibilityClassName() {
            return Button.class.getName();
        }

        @Override
        public boolean performClick() {
            Screen.PinKey key = drawn.keys[index];
            if (key.enabled) touch(key.area.left + key.area.width / 2, key.area.top + key.area.height / 2);
            return key.enabled;
        }

        /** Each line is the number of its points and then each point's x and y (protocol/src/pad.rs). */
        @Override
        protected void onDraw(Canvas canvas) {
            super.onDraw(canvas);
            byte[] glyph = drawn.keys[index].glyph;
            float scale = Math.min(getHeight() * 0.62f / GLYPH_HEIGHT, getWidth() * 0.9f / GLYPH_WIDTH);
            canvas.translate((getWidth() - GLYPH_WIDTH * scale) / 2, (getHeight() - GLYPH_HEIGHT * scale) / 2);
            canvas.scale(scale, scale);
            canvas.translate(GLYPH_EDGE, GLYPH_EDGE);
            for (int at = 0; at < glyph.length; ) {
                int end = Math.min(at + 1 + 2 * (glyph[at] & 0xFF), glyph.length);
                for (int i = at + 3; i + 1 < end; i += 2) {
                    canvas.drawLine(glyph[i - 2], glyph[i - 1], glyph[i], glyph[i + 1], paint);
                }
                at = end;
            }
        }
    }
}
