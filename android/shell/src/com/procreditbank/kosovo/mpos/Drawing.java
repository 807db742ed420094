package com.procreditbank.kosovo.mpos;

import android.graphics.Canvas;
import android.graphics.Paint;
import android.graphics.Typeface;
import android.view.Gravity;
import android.view.View;
import android.widget.LinearLayout;
import android.widget.TextView;

/** Drawings of our own: the reader's symbol, a mark for each scheme. No logo is copied. */
final class Drawing extends View {
    private final Paint paint = new Paint(Paint.ANTI_ALIAS_FLAG);
    private final Look look;
    /** Whose mark; of the reader's symbol none. */
    private final Screen.CardScheme scheme;

    private Drawing(Look look, Screen.CardScheme scheme) {
        super(look.context);
        this.look = look;
        this.scheme = scheme;
    }

    static View waves(Look look) {
        return new Drawing(look, null);
    }

    /** A mark with its name: below circles, which have no word of their own, and read out for all. */
    static View mark(Look look, Screen.Mark mark) {
        LinearLayout item = look.column(Gravity.CENTER_HORIZONTAL);
        item.setFocusable(true);
        item.setContentDescription(mark.name);
        item.setBackground(look.shape(android.R.color.white, 0, 0.5));
        look.pad(item, 0.4, 0.15);
        item.addView(new Drawing(look, mark.scheme), look.em(2.9), look.em(1.6));
        TextView name = look.text(0.7, android.R.color.black, false);
        name.setText(mark.name);
        if (word(mark.scheme) == null) item.addView(name, -2, -2);
        return item;
    }

    private static String word(Screen.CardScheme scheme) {
        switch (scheme) {
            case VISA: return "VISA";
            case VISA_ELECTRON: return "Electron";
            case V_PAY: return "V PAY";
            default: return null;
        }
    }

    @Override
    protected void onDraw(Canvas canvas) {
        if (scheme == null) drawWaves(canvas);
        else if (word(scheme) == null) drawCircles(canvas, scheme == Screen.CardScheme.MASTERCARD);
        else drawWord(canvas, word(scheme));
    }

    /** Four waves of a reader's field, each farther out, in a box of 100 by 100. */
    private void drawWaves(Canvas canvas) {
        canvas.scale(getWidth() / 100f, getHeight() / 100f);
        paint.setStyle(Paint.Style.STROKE);
        paint.setStrokeWidth(7);
        paint.setStrokeCap(Paint.Cap.ROUND);
        paint.setColor(look.color(R.color.ink));
        for (int radius = 14; radius <= 44; radius += 10) {
            float middle = 20 + radius * 0.5f - radius * 0.75f;
            float reach = radius * 1.25f;
            canvas.drawArc(middle - reach, 50 - reach, middle + reach, 50 + reach, -53, 106, false, paint);
        }
    }

    private void drawCircles(Canvas canvas, boolean isMastercard) {
        canvas.scale(getWidth() / 72f, getHeight() / 40f);
        paint.setColor(isMastercard ? 0xFFC8102E : 0xFF2F6DB5);
        canvas.drawCircle(26, 20, 16, paint);
        paint.setColor(isMastercard ? 0xD9E8A33D : 0xD9C8102E);
        canvas.drawCircle(46, 20, 16, paint);
    }

    private void drawWord(Canvas canvas, String word) {
        canvas.scale(getWidth() / 72f, getHeight() / 40f);
        paint.setColor(0xFF1A2B6D);
        paint.setTypeface(Typeface.create(Typeface.DEFAULT, Typeface.BOLD_ITALIC));
        paint.setTextAlign(Paint.Align.CENTER);
        paint.setTextSize(word.length() > 5 ? 15 : word.length() > 4 ? 19 : 22);
        canvas.drawText(word, 36, 26, paint);
    }
}
