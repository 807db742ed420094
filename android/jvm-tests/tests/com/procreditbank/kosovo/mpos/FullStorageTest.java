package com.procreditbank.kosovo.mpos;

import static org.junit.Assert.assertTrue;

import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.junit.Assume;
import org.junit.Test;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;

/** A phone whose storage is full, really: its private folder is a small file system that another file has filled. */
@Config(qualifiers = "sq-w411dp-h891dp-hdpi")
public final class FullStorageTest extends NewPhone {
    private File folder;
    private File filler;

    @Override
    void prepare() throws Exception {
        folder = RuntimeEnvironment.getApplication().getNoBackupFilesDir();
        Assume.assumeTrue("mounting takes root", runs("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder.getPath()));
        filler = new File(folder, "filler");
        fill();
    }

    @Override
    void cleanUp() throws Exception {
        if (filler != null) runs("umount", "--lazy", folder.getPath());
    }

    private static boolean runs(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }

    private void fill() throws IOException {
        try (OutputStream out = new FileOutputStream(filler, true)) {
            for (int size : new int[] {4096, 512, 1}) while (isWritten(out, new byte[size]));
        }
    }

    private static boolean isWritten(OutputStream out, byte[] block) {
        try {
            out.write(block);
            return true;
        } catch (IOException full) {
            return false;
        }
    }

    @Test
    public void theScreenSaysThatThereIsNoRoomAndOnceThereIsSomeTheTerminalSells() throws Exception {
        merchant.sees("Hapësira e këtij telefoni është plot: lironi hapësirë, pastaj hapeni mPOS përsëri.");
        merchant.keepsPicture("full-storage");
        assertTrue(filler.delete());
        controller.pause().resume();
        merchant.sees(words.of("activation-title"));
        // What others take from now on was set aside before.
        fill();
        activates();
        merchant.begins("100");
        taps("visa");
        merchant.sees(words.of("approved"));
    }
}
