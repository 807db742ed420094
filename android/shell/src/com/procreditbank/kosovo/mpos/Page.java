package com.procreditbank.kosovo.mpos;

import android.view.View;
import android.view.ViewGroup;

/**
 * The nodes below one another, with what is typed or tapped with at the foot; on a wide and low screen that stands
 * beside the rest. Which nodes those are, is their tag: {@link #FOOT} or {@link #SIDE}, or both.
 */
final class Page extends ViewGroup {
    static final int FOOT = 1;
    static final int SIDE = 2;

    private final Look look;

    Page(Look look) {
        super(look.context);
        this.look = look;
    }

    @Override
    protected void onMeasure(int widthSpec, int heightSpec) {
        boolean isFixed = MeasureSpec.getMode(heightSpec) == MeasureSpec.EXACTLY;
        int width = MeasureSpec.getSize(widthSpec);
        int height = arrange(width, 0, false);
        setMeasuredDimension(width, isFixed ? MeasureSpec.getSize(heightSpec) : height);
    }

    @Override
    protected void onLayout(boolean changed, int left, int top, int right, int bottom) {
        arrange(right - left, bottom - top, true);
    }

    private int arrange(int width, int height, boolean places) {
        boolean isBeside = look.isWide() && hasSide();
        int most = look.em(look.isWide() ? 56 : 34);
        int inner = Math.min(width, most) - 2 * look.em(1.2);
        int left = (width - inner) / 2;
        int ends = look.em(look.isWide() ? 0.6 : 1);
        if (!isBeside) return column(left, inner, ends, height, 0, places);
        int half = (inner - look.em(1.6)) / 2;
        int said = column(left, half, ends, height, -1, places);
        int typed = column(left + inner - half, half, ends, height, 1, places);
        return Math.max(said, typed);
    }

    /** Those of one side (-1 what is said, 1 what is typed with, 0 all), and how high they are with their ends. */
    private int column(int left, int width, int ends, int height, int side, boolean places) {
        int gap = look.em(look.isWide() ? 0.4 : 0.8);
        int used = 2 * ends - gap;
        int feet = 0;
        for (int i = 0; i < getChildCount(); i++) {
            if (!isOn(i, side)) continue;
            int wide = MeasureSpec.makeMeasureSpec(width, MeasureSpec.EXACTLY);
            getChildAt(i).measure(wide, MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED));
            used += getChildAt(i).getMeasuredHeight() + gap;
            if (isFoot(i)) feet++;
        }
        int free = Math.max(0, height - used);
        int y = ends + (side == 0 ? 0 : free / 2);
        for (int i = 0; places && i < getChildCount(); i++) {
            if (!isOn(i, side)) continue;
            if (side == 0 && isFoot(i)) y += free / feet;
            View child = getChildAt(i);
            child.layout(left, y, left + width, y + child.getMeasuredHeight());
            y += child.getMeasuredHeight() + gap;
        }
        return used;
    }

    private boolean isOn(int index, int side) {
        return side == 0 || ((tag(index) & SIDE) != 0) == (side > 0);
    }

    /** Of buttons, those that the screen ends with. */
    private boolean isFoot(int index) {
        if ((tag(index) & FOOT) == 0) return false;
        if ((tag(index) & SIDE) != 0) return true;
        for (int i = index; i < getChildCount(); i++) if (tag(i) != FOOT) return false;
        return index > 0 && tag(index - 1) != FOOT;
    }

    private boolean hasSide() {
        for (int i = 0; i < getChildCount(); i++) if ((tag(i) & SIDE) != 0) return true;
        return false;
    }

    private int tag(int index) {
        return (Integer) getChildAt(index).getTag();
    }
}
