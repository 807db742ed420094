package com.procreditbank.kosovo.mpos;

import android.graphics.Typeface;
import android.text.Editable;
import android.text.InputFilter;
import android.text.InputType;
import android.text.Spanned;
import android.text.TextWatcher;
import android.view.Gravity;
import android.view.KeyEvent;
import android.view.View;
import android.view.inputmethod.EditorInfo;
import android.widget.EditText;
import android.widget.LinearLayout;
import android.widget.TextView;

/**
 * A line to type into. Its text is the machine's once the machine has answered the newest change; what the machine does
 * not show (a code) stays as it was typed.
 */
final class TypedLine extends Part implements TextWatcher, InputFilter, TextView.OnEditorActionListener {
    private static final int TYPED_BYTES_MAX = 64;
    /** EditorInfo's own name for it came with Android 8; older keyboards do not look at it. */
    private static final int NO_LEARNING = 0x1000000;

    private final Look look;
    private final Deeds deeds;
    private final Screen.Input drawn;
    private final TextView label;
    private final TextView error;
    final EditText line;
    private long edit;
    private boolean isOurs;

    TypedLine(Look look, Screen.Input input, Deeds deeds) {
        super(look.column(Gravity.FILL_HORIZONTAL), 0);
        this.look = look;
        this.deeds = deeds;
        drawn = input;
        label = look.text(1, R.color.ink, true);
        error = look.text(0.92, R.color.bad, false);
        error.setAccessibilityLiveRegion(View.ACCESSIBILITY_LIVE_REGION_ASSERTIVE);
        line = look.dressed(new EditText(look.context), 1, R.color.ink, false);
        line.setId(View.generateViewId());
        label.setLabelFor(line.getId());
        line.setInputType(keyboard(input.kind));
        // Setting the kind changes the typeface of a masked line.
        line.setTypeface(input.kind == Screen.InputKind.ACTIVATION_CODE ? Typeface.MONOSPACE : Typeface.DEFAULT);
        line.setImeOptions(EditorInfo.IME_ACTION_DONE | EditorInfo.IME_FLAG_NO_EXTRACT_UI | NO_LEARNING);
        line.setHintTextColor(look.color(R.color.soft));
        line.setFilters(new InputFilter[] {this});
        line.setOnEditorActionListener(this);
        line.setSaveEnabled(false);
        look.pad(line, 0.7, 0.65);
        LinearLayout column = (LinearLayout) view;
        column.addView(label);
        column.addView(line);
        column.addView(error);
        line.addTextChangedListener(this);
    }

    private static int keyboard(Screen.InputKind kind) {
        switch (kind) {
            case SUPERVISOR_CODE: return InputType.TYPE_CLASS_NUMBER | InputType.TYPE_NUMBER_VARIATION_PASSWORD;
            case PHONE: return InputType.TYPE_CLASS_PHONE;
            case DATE_TIME: return InputType.TYPE_CLASS_DATETIME;
            case AMOUNT: return InputType.TYPE_CLASS_NUMBER | InputType.TYPE_NUMBER_FLAG_DECIMAL;
            default: return InputType.TYPE_CLASS_TEXT | InputType.TYPE_TEXT_FLAG_CAP_CHARACTERS
                | InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS;
        }
    }

    @Override
    boolean change(Screen.Node node) {
        Screen.Input now = (Screen.Input) node;
        if (!now.id.equals(drawn.id) || now.kind != drawn.kind) return false;
        Look.say(label, now.label);
        Look.say(error, now.error == null ? "" : now.error);
        Look.show(error, now.error != null);
        line.setBackground(look.shape(R.color.fill, now.error == null ? R.color.line : R.color.bad, 0.6));
        boolean isHidden = now.value.isEmpty() && now.filled > 0;
        if (now.edit >= edit) {
            edit = now.edit;
            if (!isHidden && !now.value.contentEquals(line.getText())) retype(now.value);
        }
        StringBuilder hint = new StringBuilder(isHidden ? "" : now.hint);
        for (int i = 0; isHidden && i < now.filled; i++) hint.append('•');
        line.setHint(hint);
        return true;
    }

    /** Puts a text that was grouped anew into the line, with the caret behind the same character. */
    private void retype(String text) {
        Editable old = line.getText();
        int before = 0;
        int caret = Math.max(0, line.getSelectionStart());
        boolean wasAtEnd = caret == old.length();
        for (int i = 0; i < caret; i++) if (old.charAt(i) != ' ') before++;
        isOurs = true;
        line.setText(text);
        isOurs = false;
        int at = 0;
        for (int seen = 0; at < line.length() && (wasAtEnd || seen < before); at++) if (text.charAt(at) != ' ') seen++;
        line.setSelection(at);
    }

    @Override
    public void afterTextChanged(Editable text) {
        if (isOurs) return;
        edit++;
        deeds.tell(ScreenEvent.type(deeds.screen(), drawn.id, text, edit));
    }

    /** Takes no more than fits. */
    @Override
    public CharSequence filter(CharSequence added, int start, int end, Spanned there, int from, int to) {
        int bytes = bytes(there, 0, from) + bytes(there, to, there.length()) + bytes(added, start, end);
        return bytes <= TYPED_BYTES_MAX ? null : there.subSequence(from, to);
    }

    /** In UTF-8; half of a pair counts as two, so that a pair has its four. */
    private static int bytes(CharSequence text, int start, int end) {
        int bytes = 0;
        for (int i = start; i < end; i++) {
            char each = text.charAt(i);
            bytes += each < 0x80 ? 1 : each < 0x800 || Character.isSurrogate(each) ? 2 : 3;
        }
        return bytes;
    }

    @Override
    public boolean onEditorAction(TextView typed, int action, KeyEvent key) {
        if (key == null || key.getAction() == KeyEvent.ACTION_DOWN) deeds.enter();
        return true;
    }

    @Override
    public void beforeTextChanged(CharSequence text, int start, int count, int after) {}

    @Override
    public void onTextChanged(CharSequence text, int start, int before, int count) {}

    @Override
    void end() {
        isOurs = true;
        line.setText("");
    }
}
