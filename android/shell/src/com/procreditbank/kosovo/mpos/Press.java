package com.procreditbank.kosovo.mpos;

import android.view.View;

/** Tells one event whenever a view is pressed. What was drawn for a screen that is gone tells of that one, and is ignored. */
final class Press implements View.OnClickListener {
    private final Part.Deeds deeds;
    private final byte[] event;

    Press(Part.Deeds deeds, byte[] event) {
        this.deeds = deeds;
        this.event = event;
    }

    @Override
    public void onClick(View pressed) {
        // The library wipes what it is told.
        deeds.tell(event.clone());
    }
}
