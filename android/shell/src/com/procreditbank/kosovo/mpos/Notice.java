package com.procreditbank.kosovo.mpos;

import android.content.Intent;
import android.provider.Settings;
import android.view.Gravity;
import android.view.View;
import android.widget.Button;
import android.widget.LinearLayout;
import android.widget.TextView;

/** What the shell itself has to say, below the screen: that there is no NFC, with the way to its settings. */
final class Notice extends LinearLayout implements View.OnClickListener {
    private final TextView words;
    private final Button settings;

    Notice(Look look) {
        super(look.context);
        setGravity(Gravity.CENTER_VERTICAL);
        setBackgroundColor(look.color(R.color.fill));
        look.pad(this, 1.2, 0.6);
        words = look.text(1, R.color.bad, true);
        words.setAccessibilityLiveRegion(View.ACCESSIBILITY_LIVE_REGION_ASSERTIVE);
        settings = look.button();
        look.paint(settings, R.color.red, 0, R.color.on_red);
        settings.setText(R.string.nfc_settings);
        settings.setOnClickListener(this);
        addView(words, new LayoutParams(0, -2, 1));
        addView(settings);
        hide();
    }

    void say(String text, boolean hasSettings) {
        Look.say(words, text);
        Look.show(settings, hasSettings);
        Look.show(this, true);
    }

    void hide() {
        Look.show(this, false);
    }

    @Override
    public void onClick(View pressed) {
        getContext().startActivity(new Intent(Settings.ACTION_NFC_SETTINGS));
    }
}
