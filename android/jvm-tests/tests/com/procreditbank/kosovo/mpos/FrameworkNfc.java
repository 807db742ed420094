package com.procreditbank.kosovo.mpos;

import android.nfc.tech.IsoDep;
import org.robolectric.annotation.Implements;

/** Robolectric would put IsoDep's methods aside for stored answers: with these, the framework's own run. */
final class FrameworkNfc {
    private FrameworkNfc() {}

    @Implements(IsoDep.class)
    public static class OwnIsoDep {}

    @Implements(className = "android.nfc.tech.BasicTagTechnology")
    public static class OwnTechnology {}
}
