package com.procreditbank.kosovo.mpos;

import android.app.Activity;
import android.os.Build;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** The way back since Android 13, whose classes are newer than what this is compiled against. Before, and where the
    system does not want it, the activity's own onBackPressed is called. */
final class BackGesture implements InvocationHandler {
    private static final int SDK = 33;

    private final Activity activity;

    private BackGesture(Activity activity) {
        this.activity = activity;
    }

    static void listen(Activity activity) {
        if (Build.VERSION.SDK_INT < SDK) return;
        try {
            Class<?> callback = Class.forName("android.window.OnBackInvokedCallback");
            Object listener = Proxy.newProxyInstance(
                callback.getClassLoader(), new Class<?>[] {callback}, new BackGesture(activity));
            Object dispatcher = Activity.class.getMethod("getOnBackInvokedDispatcher").invoke(activity);
            Class.forName("android.window.OnBackInvokedDispatcher")
                .getMethod("registerOnBackInvokedCallback", int.class, callback)
                .invoke(dispatcher, 0, listener);
        } catch (ReflectiveOperationException olderThanItSays) {
            // Then onBackPressed is called.
        }
    }

    @Override
    public Object invoke(Object listener, Method method, Object[] arguments) {
        switch (method.getName()) {
            case "onBackInvoked":
                activity.onBackPressed();
                return null;
            case "hashCode": return System.identityHashCode(listener);
            case "equals": return listener == arguments[0];
            case "toString": return "BackGesture";
            default: return null;
        }
    }
}
