package com.procreditbank.kosovo.mpos;

import android.text.Layout;
import android.view.View;
import android.view.ViewGroup;
import android.widget.EditText;
import android.widget.TextView;
import java.util.ArrayList;
import java.util.List;

/** What a person would not be content with in what is shown: words that are cut, keys too small, no words for TalkBack. */
final class Legible {
    /** The least that Android's guidelines want a finger to hit. */
    private static final int TOUCH_DP = 48;

    private Legible() {}

    static List<String> flaws(List<View> views) {
        List<String> flaws = new ArrayList<>();
        for (View view : views) {
            if (view instanceof TextView && ((TextView) view).length() > 0) checkText((TextView) view, flaws);
            if (view.isClickable() && view.isEnabled() && view.hasOnClickListeners()) checkTouch(view, flaws);
        }
        return flaws;
    }

    private static void checkText(TextView view, List<String> flaws) {
        String text = view.getText().toString();
        Layout layout = view.getLayout();
        if (layout == null) {
            flaws.add("not laid out: " + text);
            return;
        }
        int room = view.getWidth() - view.getCompoundPaddingLeft() - view.getCompoundPaddingRight();
        for (int line = 0; line < layout.getLineCount(); line++) {
            if (layout.getEllipsisCount(line) > 0 || layout.getLineWidth(line) > room + 1) flaws.add("cut: " + text);
        }
        int height = view.getHeight() - view.getCompoundPaddingTop() - view.getCompoundPaddingBottom();
        if (!(view instanceof EditText) && layout.getHeight() > height + 1) flaws.add("cut below: " + text);
        int[] at = new int[2];
        view.getLocationInWindow(at);
        int width = view.getRootView().getWidth();
        if (at[0] < 0 || at[0] + view.getWidth() > width) flaws.add("beside the screen: " + text);
    }

    private static void checkTouch(View view, List<String> flaws) {
        float dp = view.getResources().getDisplayMetrics().density;
        String said = said(view);
        if (said.trim().isEmpty()) flaws.add("nothing to read out: " + view.getClass().getSimpleName());
        if (view.getHeight() < (TOUCH_DP - 1) * dp || view.getWidth() < (TOUCH_DP - 1) * dp) {
            flaws.add("small: " + said + " " + view.getWidth() / dp + " by " + view.getHeight() / dp);
        }
    }

    /** What TalkBack has to say of it. */
    private static String said(View view) {
        if (view.getContentDescription() != null) return view.getContentDescription().toString();
        if (view instanceof TextView) return ((TextView) view).getText().toString();
        StringBuilder all = new StringBuilder();
        for (int i = 0; view instanceof ViewGroup && i < ((ViewGroup) view).getChildCount(); i++) {
            all.append(said(((ViewGroup) view).getChildAt(i))).append(' ');
        }
        return all.toString();
    }
}
