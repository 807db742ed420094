package com.procreditbank.kosovo.mpos;

import android.content.Context;
import android.content.res.ColorStateList;
import android.content.res.Configuration;
import android.graphics.Typeface;
import android.graphics.drawable.GradientDrawable;
import android.graphics.drawable.LayerDrawable;
import android.graphics.drawable.RippleDrawable;
import android.util.TypedValue;
import android.view.Gravity;
import android.view.View;
import android.widget.Button;
import android.widget.LinearLayout;
import android.widget.TextView;

/** How things look. Sizes are in em, sixteen of the user's own scaled units, so that the text size moves everything. */
final class Look {
    final Context context;

    Look(Context context) {
        this.context = context;
    }

    int em(double size) {
        return Math.round(TypedValue.applyDimension(
            TypedValue.COMPLEX_UNIT_SP, (float) (16 * size), context.getResources().getDisplayMetrics()));
    }

    int color(int resource) {
        return context.getColor(resource);
    }

    /** Wide and low: what is typed with stands beside what is said. */
    boolean isWide() {
        Configuration now = context.getResources().getConfiguration();
        return now.screenWidthDp * 10 >= now.screenHeightDp * 13;
    }

    TextView text(double size, int color, boolean isBold) {
        return dressed(new TextView(context), size, color, isBold);
    }

    <T extends TextView> T dressed(T view, double size, int color, boolean isBold) {
        view.setTextSize(TypedValue.COMPLEX_UNIT_PX, em(size));
        view.setTextColor(color(color));
        view.setTypeface(Typeface.create(isBold ? "sans-serif-medium" : "sans-serif", Typeface.NORMAL));
        return view;
    }

    /** A button whose colours are set by {@link #paint}. */
    Button button() {
        Button button = dressed(new Button(context), 1, R.color.ink, true);
        button.setAllCaps(false);
        button.setStateListAnimator(null);
        button.setMinimumWidth(0);
        button.setMinWidth(0);
        return button;
    }

    void paint(TextView button, int fill, int line, int ink) {
        button.setBackground(pressable(fill, line, 0.8));
        button.setTextColor(color(ink));
    }

    RippleDrawable pressable(int fill, int line, double radius) {
        ColorStateList pressed = ColorStateList.valueOf(color(R.color.line));
        return new RippleDrawable(pressed, shape(fill, line, radius), shape(R.color.ink, 0, radius));
    }

    /** A rounded shape; without colour where a colour is 0. */
    GradientDrawable shape(int fill, int line, double radius) {
        GradientDrawable shape = new GradientDrawable();
        shape.setColor(fill == 0 ? 0 : color(fill));
        shape.setCornerRadius(em(radius));
        if (line != 0) shape.setStroke(em(0.1), color(line));
        return shape;
    }

    /** A panel with a coloured edge at its left. */
    LayerDrawable edged(int edge) {
        LayerDrawable panel = new LayerDrawable(
            new android.graphics.drawable.Drawable[] {shape(edge, 0, 0.6), shape(R.color.fill, 0, 0.4)});
        panel.setLayerInset(1, em(0.35), 0, 0, 0);
        return panel;
    }

    void pad(View view, double sides, double ends) {
        view.setPadding(em(sides), em(ends), em(sides), em(ends));
    }

    LinearLayout column(int gravity) {
        LinearLayout column = new LinearLayout(context);
        column.setOrientation(LinearLayout.VERTICAL);
        column.setGravity(gravity | Gravity.TOP);
        return column;
    }

    /** Only what differs is set: a screen reader says what changes. */
    static void say(TextView view, String text) {
        if (!text.contentEquals(view.getText())) view.setText(text);
    }

    static void show(View view, boolean isShown) {
        view.setVisibility(isShown ? View.VISIBLE : View.GONE);
    }

    static void enable(View view, boolean isEnabled) {
        view.setEnabled(isEnabled);
        view.setAlpha(isEnabled ? 1 : 0.45f);
    }
}
