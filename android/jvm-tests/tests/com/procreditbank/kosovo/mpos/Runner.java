package com.procreditbank.kosovo.mpos;

import java.io.PrintStream;
import org.junit.runner.Description;
import org.junit.runner.JUnitCore;
import org.junit.runner.Result;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunListener;

/** Runs test classes, a line a test, and closes as the tests in Rust do: the check counts both alike. */
public final class Runner extends RunListener {
    private final PrintStream out = System.out;
    private boolean hasFailed;

    public static void main(String[] names) throws Exception {
        Class<?>[] classes = new Class<?>[names.length];
        for (int i = 0; i < names.length; i++) classes[i] = Class.forName(names[i]);
        JUnitCore core = new JUnitCore();
        core.addListener(new Runner());
        Result result = core.run(classes);
        int failed = result.getFailureCount();
        System.out.printf("%ntest result: %s. %d passed; %d failed; finished in %.2fs%n", failed == 0 ? "ok" : "FAILED",
            result.getRunCount() - failed, failed, result.getRunTime() / 1000.0);
        // Threads of Robolectric's and the library's may be left.
        System.exit(failed == 0 && result.getRunCount() > 0 ? 0 : 1);
    }

    @Override
    public void testStarted(Description test) {
        hasFailed = false;
    }

    @Override
    public void testFailure(Failure failure) {
        hasFailed = true;
        out.println(failure.getTestHeader() + "\n" + failure.getTrimmedTrace());
    }

    @Override
    public void testFinished(Description test) {
        out.println("test " + test.getTestClass().getSimpleName() + "." + test.getMethodName()
            + (hasFailed ? " ... FAILED" : " ... ok"));
    }
}
