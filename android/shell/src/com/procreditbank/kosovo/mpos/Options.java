package com.procreditbank.kosovo.mpos;

import android.view.Gravity;
import android.view.View;
import android.widget.LinearLayout;
import android.widget.RadioButton;
import android.widget.TextView;

/** One of a few. */
final class Options extends Part {
    private final Look look;
    private final Screen.Choice drawn;
    private final TextView label;
    private final Flow flow;

    Options(Look look, Screen.Choice choice, final Deeds deeds) {
        super(look.column(Gravity.FILL_HORIZONTAL), 0);
        this.look = look;
        drawn = choice;
        label = look.text(1, R.color.ink, true);
        look.pad(label, 0, 0.15);
        flow = new Flow(look, Flow.Room.FREE, 0.4, 0);
        ((LinearLayout) view).addView(label);
        ((LinearLayout) view).addView(flow, -1, -2);
        for (final Screen.ChoiceOption option : choice.options) {
            RadioButton button = new RadioButton(look.context);
            button.setButtonDrawable(null);
            button.setSaveEnabled(false);
            look.pad(button, 0.9, 0.5);
            button.setMinHeight(look.em(3));
            button.setOnClickListener(new Press(deeds, ScreenEvent.choose(deeds.screen(), drawn.id, option.id)));
            flow.addView(button);
        }
    }

    @Override
    boolean change(Screen.Node node) {
        Screen.Choice now = (Screen.Choice) node;
        boolean isSame = now.id.equals(drawn.id) && now.options.length == drawn.options.length;
        for (int i = 0; isSame && i < now.options.length; i++) {
            isSame = now.options[i].id.equals(drawn.options[i].id);
        }
        if (!isSame) return false;
        Look.say(label, now.label);
        for (int i = 0; i < now.options.length; i++) {
            RadioButton button = (RadioButton) flow.getChildAt(i);
            boolean isChosen = i == now.selected;
            look.dressed(button, 1, isChosen ? R.color.on_red : R.color.ink, isChosen);
            Look.say(button, now.options[i].label);
            button.setBackground(look.pressable(isChosen ? R.color.red : R.color.fill, R.color.line, 2));
            button.setChecked(isChosen);
        }
        return true;
    }
}
