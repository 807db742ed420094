package com.procreditbank.kosovo.mpos;

import android.view.View;

/** A node as it stands on the screen. It is changed where it stands, so that a press that began is one that ends. */
abstract class Part {
    final View view;

    Part(View view, int place) {
        this.view = view;
        view.setTag(place);
    }

    /** Draws a node of the same class; false when it must be made anew for it. */
    abstract boolean change(Screen.Node node);

    /** Presses the key that means this, if there is one that can be pressed. Without a label any of the role will do. */
    boolean press(Screen.KeyRole role, String label) {
        return false;
    }

    /** It is seen no more. */
    void end() {}

    /** Where what was done goes to. */
    interface Deeds {
        /** The place that is drawn. */
        long screen();

        void tell(byte[] event);

        /** Enter was pressed while typing. */
        void enter();
    }
}
