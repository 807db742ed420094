package com.procreditbank.kosovo.mpos;

import android.view.View;
import android.view.ViewGroup;
import java.util.ArrayList;
import java.util.List;

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
        for (View child : shown()) measure(child, width, MeasureSpec.AT_MOST);
        setMeasuredDimension(width, arrange(width, false));
    }

    @Override
    protected void onLayout(boolean changed, int left, int top, int right, int bottom) {
        arrange(right - left, true);
    }

    private List<View> shown() {
        List<View> shown = new ArrayList<View>();
        for (int i = 0; i < getChildCount(); i++) if (getChildAt(i).getVisibility() != GONE) shown.add(getChildAt(i));
        return shown;
    }

    /** Goes through all lines, placing the children if asked to, and says how high they are together. */
    private int arrange(int width, boolean places) {
        List<View> rest = shown();
        int y = 0;
        while (!rest.isEmpty()) {
            int used = wish(rest.get(0), width);
            int count = 1;
            while (count < rest.size() && used + gap + wish(rest.get(count), width) <= width) {
                used += gap + wish(rest.get(count++), width);
            }
            if (y > 0) y += gap;
            y += line(rest.subList(0, count), y, width - used, width, places);
            rest = rest.subList(count, rest.size());
        }
        return y;
    }

    private int line(List<View> line, int y, int free, int width, boolean places) {
        int share = room == Room.SHARED ? free / line.size() : 0;
        int height = 0;
        for (View child : line) {
            if (room == Room.SHARED) measure(child, wish(child, width) + share, MeasureSpec.EXACTLY);
            height = Math.max(height, child.getMeasuredHeight());
        }
        int x = room == Room.AROUND ? free / 2 : 0;
        for (int i = 0; places && i < line.size(); i++) {
            View child = line.get(i);
            // Between stands before the last one, also where that is alone in a later line.
            boolean isLast = indexOfChild(child) == getChildCount() - 1;
            if (room == Room.BETWEEN && isLast) x += free;
            int down = (height - child.getMeasuredHeight()) / 2;
            if (room == Room.SHARED) child.layout(x, y, x + child.getMeasuredWidth(), y + height);
            else child.layout(x, y + down, x + child.getMeasuredWidth(), y + down + child.getMeasuredHeight());
            x += child.getMeasuredWidth() + gap;
        }
        return height;
    }

    private int wish(View child, int width) {
        return Math.min(width, Math.max(least, child.getMeasuredWidth()));
    }

    private static void measure(View child, int width, int mode) {
        child.measure(MeasureSpec.makeMeasureSpec(width, mode), MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED));
    }
}
