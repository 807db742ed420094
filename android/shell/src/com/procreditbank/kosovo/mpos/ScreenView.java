package com.procreditbank.kosovo.mpos;

import android.content.Context;
import android.view.Gravity;
import android.view.KeyEvent;
import android.view.MotionEvent;
import android.view.View;
import android.view.inputmethod.InputMethodManager;
import android.widget.Button;
import android.widget.EditText;
import android.widget.LinearLayout;
import android.widget.ScrollView;
import android.widget.TextView;
import java.util.ArrayList;
import java.util.List;

/** Draws the screen that it is given and says back what is done to it. It keeps no state but what is drawn. */
final class ScreenView extends LinearLayout implements Part.Deeds {
    /** MotionEvent's own name for it came with Android 10; a touch of an older one has no such flag. */
    private static final int PARTIALLY_OBSCURED = 2;

    /** What the one who shows this must know. */
    interface Owner {
        void tell(byte[] event);

        /** A touch came through another window, or came through none again. */
        void obscured(boolean isObscured);
    }

    private final Look look;
    private final Owner owner;
    private final TextView title;
    private final Button back;
    private final ScrollView scroller;
    private final Page page;
    private List<Part> parts = new ArrayList<Part>();
    private Screen drawn;
    private String said = "";

    ScreenView(Look look, Owner owner) {
        super(look.context);
        this.look = look;
        this.owner = owner;
        setOrientation(VERTICAL);
        setBackgroundColor(look.color(R.color.paper));
        setFitsSystemWindows(true);
        setSaveFromParentEnabled(false);
        title = look.text(1.25, R.color.ink, true);
        title.setFocusableInTouchMode(true);
        back = look.button();
        look.paint(back, 0, 0, R.color.red_text);
        look.pad(back, 0.4, 0.3);
        back.setMinHeight(look.em(3));
        back.setOnClickListener(new OnClickListener() {
            @Override
            public void onClick(View pressed) {
                tell(ScreenEvent.back(screen()));
            }
        });
        LinearLayout header = new LinearLayout(look.context);
        header.setGravity(Gravity.CENTER_VERTICAL);
        look.pad(header, 1.2, 0.3);
        header.addView(back);
        header.addView(title, new LayoutParams(0, -2, 1));
        View rule = new View(look.context);
        rule.setBackgroundColor(look.color(R.color.red));
        scroller = new ScrollView(look.context);
        scroller.setFillViewport(true);
        page = new Page(look);
        scroller.addView(page, -1, -2);
        addView(header, -1, -2);
        addView(rule, -1, look.em(0.2));
        addView(scroller, new LayoutParams(-1, 0, 1));
    }

    void show(Screen screen) {
        boolean isNewPlace = drawn == null || drawn.number != screen.number;
        drawn = screen;
        title.setText(screen.title);
        Look.show(back, screen.back != null);
        Look.say(back, screen.back == null ? "" : "‹ " + screen.back);
        List<Part> left = isNewPlace ? new ArrayList<Part>() : new ArrayList<Part>(parts);
        List<Part> old = parts;
        parts = new ArrayList<Part>();
        for (Screen.Node node : screen.nodes) parts.add(part(node, left));
        for (Part part : old) if (!parts.contains(part)) remove(part);
        for (int i = 0; i < parts.size(); i++) if (page.getChildAt(i) != parts.get(i).view) place(i);
        if (isNewPlace) arrive();
        speak(isNewPlace);
    }

    /** The next one of its kind that is left, changed where it stands, or else a new one. */
    private Part part(Screen.Node node, List<Part> left) {
        Part made = Parts.of(node, look, this);
        for (int i = 0; i < left.size(); i++) {
            if (left.get(i).getClass() == made.getClass() && left.get(i).change(node)) return left.remove(i);
        }
        made.change(node);
        return made;
    }

    private void remove(Part part) {
        part.end();
        page.removeView(part.view);
    }

    /** Touches only what is not there already: moving a view would take its focus. */
    private void place(int index) {
        View view = parts.get(index).view;
        if (view.getParent() != null) page.removeView(view);
        page.addView(view, index);
    }

    /** A new place: from the top, ready to type if typing is what comes first. */
    private void arrive() {
        scroller.scrollTo(0, 0);
        InputMethodManager keyboard = (InputMethodManager) look.context.getSystemService(Context.INPUT_METHOD_SERVICE);
        EditText first = null;
        for (Part part : parts) {
            if (part instanceof TypedLine && first == null) first = ((TypedLine) part).line;
            if (part instanceof Options || !(part instanceof TypedLine) && (Integer) part.view.getTag() != 0) break;
        }
        for (Screen.Node node : drawn.nodes) if (node instanceof Screen.Rows) first = null;
        if (first != null && first.requestFocus()) keyboard.showSoftInput(first, 0);
        else if (title.requestFocus()) keyboard.hideSoftInputFromWindow(getWindowToken(), 0);
    }

    /** What a screen reader says of itself: a new place, what is to be done, how it went. */
    private void speak(boolean isNewPlace) {
        StringBuilder now = new StringBuilder();
        for (Screen.Node node : drawn.nodes) {
            if (!(node instanceof Screen.Text)) continue;
            Screen.Text text = (Screen.Text) node;
            if (text.style.ordinal() >= Screen.TextStyle.PROMPT.ordinal()) now.append(text.text).append(' ');
        }
        String words = now.toString();
        if (isNewPlace) announceForAccessibility(drawn.title + ". " + words);
        else if (!words.equals(said) && !words.isEmpty()) announceForAccessibility(words);
        said = words;
    }

    /** For another size of the window. */
    void showAgain() {
        if (drawn != null) show(drawn);
    }

    @Override
    public long screen() {
        return drawn.number;
    }

    @Override
    public void tell(byte[] event) {
        owner.tell(event);
    }

    @Override
    public void enter() {
        pressFirst(null);
    }

    /** What a way out is here: a key or button for it, or the way back. Says whether there is one. */
    boolean giveUp() {
        if (pressKey(Screen.KeyRole.CANCEL, null) || pressFirst("cancel")) return true;
        if (drawn != null && drawn.back != null) tell(ScreenEvent.back(screen()));
        return drawn != null && drawn.back != null;
    }

    /** A keyboard's key means what the screen's keys mean. A PIN pad's digits have no keys: they are not known here. */
    boolean press(int code, KeyEvent key) {
        if (drawn == null || key.isCtrlPressed() || key.isAltPressed() || key.isMetaPressed()) return false;
        boolean isTyping = findFocus() instanceof EditText;
        switch (code) {
            case KeyEvent.KEYCODE_ENTER:
            case KeyEvent.KEYCODE_NUMPAD_ENTER:
                return key.getRepeatCount() == 0 && (pressKey(Screen.KeyRole.CONFIRM, null) || pressFirst(null));
            case KeyEvent.KEYCODE_ESCAPE: return giveUp();
            case KeyEvent.KEYCODE_DEL:
                return !isTyping && (pressKey(Screen.KeyRole.ERASE, null) || pressKey(Screen.KeyRole.CLEAR, null));
            case KeyEvent.KEYCODE_FORWARD_DEL: return !isTyping && pressKey(Screen.KeyRole.CLEAR, null);
            default:
                char digit = key.getNumber();
                return !isTyping && digit >= '0' && digit <= '9'
                    && pressKey(Screen.KeyRole.DIGIT, String.valueOf(digit));
        }
    }

    private boolean pressKey(Screen.KeyRole role, String label) {
        for (Part part : parts) if (part.press(role, label)) return true;
        return false;
    }

    /** The button called so, or the first that most will press. */
    private boolean pressFirst(String id) {
        if (drawn == null) return false;
        for (Screen.Node node : drawn.nodes) {
            if (!(node instanceof Screen.Buttons)) continue;
            for (Screen.Button button : ((Screen.Buttons) node).items) {
                boolean isMeant = id == null ? button.style == Screen.ButtonStyle.PRIMARY : button.id.equals(id);
                if (!isMeant || !button.enabled) continue;
                tell(ScreenEvent.press(screen(), button.id));
                return true;
            }
        }
        return false;
    }

    private boolean hasPad() {
        for (Part part : parts) if (part instanceof Pad) return true;
        return false;
    }

    /** A touch that came through another window does nothing: who sees one thing may not press another. */
    @Override
    public boolean onFilterTouchEventForSecurity(MotionEvent event) {
        int refused = MotionEvent.FLAG_WINDOW_IS_OBSCURED | (hasPad() ? PARTIALLY_OBSCURED : 0);
        boolean isObscured = (event.getFlags() & refused) != 0;
        owner.obscured(isObscured);
        return !isObscured;
    }
}
