package com.procreditbank.kosovo.mpos;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import android.app.Activity;
import android.view.View;
import android.view.ViewGroup;
import android.widget.EditText;
import android.widget.TextView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.annotation.GraphicsMode;

/** The golden nodes as native views: what is seen, what is said, what is told. */
@RunWith(RobolectricTestRunner.class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
public final class NodesTest implements ScreenView.Owner {
    private final List<byte[]> told = new ArrayList<>();
    private Map<String, byte[]> golden;
    private ScreenView view;

    @Override
    public void tell(byte[] event) {
        told.add(event);
    }

    @Override
    public void obscured(boolean isObscured) {}

    @Before
    public void open() throws Exception {
        golden = Golden.all();
        Activity activity = Robolectric.buildActivity(Activity.class).setup().get();
        activity.setTheme(R.style.Shell);
        view = new ScreenView(new Look(activity), this);
        activity.setContentView(view);
    }

    private void show(Golden.FrameOf frame) throws Exception {
        view.show(frame.screen());
        org.robolectric.shadows.ShadowLooper.idleMainLooper();
        Pictures.keep(view, "nodes");
    }

    @Test
    public void everyKindIsDrawn() throws Exception {
        Golden.FrameOf all = new Golden.FrameOf().back("Back");
        for (Map.Entry<String, byte[]> node : golden.entrySet()) {
            if (node.getKey().startsWith("Node.")) all.node(node.getValue());
        }
        show(all);
    }
}
