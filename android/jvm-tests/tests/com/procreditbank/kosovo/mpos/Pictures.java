package com.procreditbank.kosovo.mpos;

import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.view.View;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keeps what a view looks like, drawn by Android's own graphics. */
final class Pictures {
    private static final Path FOLDER = Path.of(System.getProperty("mpos.pictures"));

    private Pictures() {}

    static void keep(View view, String name) throws Exception {
        Bitmap picture = Bitmap.createBitmap(view.getWidth(), view.getHeight(), Bitmap.Config.ARGB_8888);
        view.draw(new Canvas(picture));
        Files.createDirectories(FOLDER);
        try (OutputStream out = new FileOutputStream(FOLDER.resolve(name + ".png").toFile())) {
            picture.compress(Bitmap.CompressFormat.PNG, 100, out);
        }
    }
}
