package com.procreditbank.kosovo.mpos;

import android.view.View;
import android.view.ViewGroup;

/** Children beside one another as long as they fit, then in a next line. */
final class Flow extends ViewGroup {
    /** What becomes of a line's room: left free, given to the children, halved around them, or put between them. */
    enum Room { FREE, SHARED, AROUND, BETWEEN }

    private final Room room;
    private final int gap;
    private final int least;

    /** A child is at least so wide, where there is so much. */
    Flow(Look look, Room room, double gap, double least) {
        super(look.context);
        this.room = room;
        this.gap = look.em(gap);
        this.least = look.em(least);
    }

    @Override
    protected void onMeasure(int widthSpec, int heightSpec) {
        int width = MeasureSpec.getSize(widthSpec);
        for (int i = 0; i < getChildCount(); i++) measure(getChildAt(i), width, MeasureSpec.AT_MOST);
        setMeasuredDimension(width, lines(width, false));
    }

    @Override
    protected void onLayout(boolean changed, int left, int top, int right, int bottom) {
        lines(right - left, true);
    }

    /** Goes through all lines, placing the children if asked to, and says how high they are together. */
    private int lines(int width, boolean places) {
        int y = 0;
        for (int from = 0; from < getChildCount(); ) {
            int to = from;
            int used = -gap;
            while (to < getChildCount() && (to == from || used + gap + wish(to, width) <= width)) {
                used += gap + wish(to++, width);
            }
            y += (from == 0 ? 0 : gap) + line(from, to, y + (from == 0 ? 0 : gap), width - used, width, places);
            from = to;
        }
        return y;
    }

    private int line(int from, int to, int y, int free, int width, boolean places) {
        int share = room == Room.SHARED ? Math.max(0, free) / (to - from) : 0;
        int height = 0;
        for (int i = from; i < to; i++) {
            if (share > 0 || least > 0) measure(getChildAt(i), wish(i, width) + share, MeasureSpec.EXACTLY);
            height = Math.max(height, getChildAt(i).getMeasuredHeight());
        }
        int x = room == Room.AROUND ? free / 2 : room == Room.BETWEEN && from > 0 && to == from + 1 ? free : 0;
        for (int i = from; places && i < to; i++) {
            View child = getChildAt(i);
            int down = room == Room.SHARED ? 0 : (height - child.getMeasuredHeight()) / 2;
            int end = room == Room.SHARED ? y + height : y + down + child.getMeasuredHeight();
            child.layout(x, y + down, x + child.getMeasuredWidth(), end);
            x += child.getMeasuredWidth() + gap + (room == Room.BETWEEN ? free : 0);
        }
        return height;
    }

    private int wish(int index, int width) {
        return Math.min(width, Math.max(least, getChildAt(index).getMeasuredWidth()));
    }

    private static void measure(View child, int width, int mode) {
        child.measure(MeasureSpec.makeMeasureSpec(width, mode), MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED));
    }
}
