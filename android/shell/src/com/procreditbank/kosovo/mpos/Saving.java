package com.procreditbank.kosovo.mpos;

import android.app.Activity;
import android.content.ActivityNotFoundException;
import android.content.Intent;
import android.net.Uri;
import android.system.ErrnoException;
import android.system.OsConstants;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;

/** An export on its way into a document of the merchant's choice. The system asks where, and writing needs no permission. */
final class Saving {
    static final int REQUEST = 1;

    private final String name;
    private final byte[] content;

    Saving(String name, byte[] content) {
        this.name = name;
        this.content = content;
    }

    void ask(Activity activity, String type) {
        Intent create = new Intent(Intent.ACTION_CREATE_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE);
        try {
            activity.startActivityForResult(create.setType(type).putExtra(Intent.EXTRA_TITLE, name), REQUEST);
        } catch (ActivityNotFoundException noPlaceForDocuments) {
            Native.saved(name, Native.NOT_SAVED);
        }
    }

    /** Where to, or null when the merchant thought better of it. */
    void write(Activity activity, Uri place) {
        int fault = Native.WITHDRAWN;
        if (place != null) {
            try (OutputStream out = activity.getContentResolver().openOutputStream(place)) {
                out.write(content);
                fault = Native.SAVED;
            } catch (FileNotFoundException | SecurityException notOurs) {
                fault = Native.NOT_PERMITTED;
            } catch (IOException failed) {
                fault = isFull(failed) ? Native.FULL : Native.NOT_SAVED;
            }
        }
        Native.saved(name, fault);
    }

    private static boolean isFull(IOException failed) {
        Throwable cause = failed.getCause();
        return cause instanceof ErrnoException && ((ErrnoException) cause).errno == OsConstants.ENOSPC;
    }
}
