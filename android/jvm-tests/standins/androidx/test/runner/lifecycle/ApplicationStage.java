package androidx.test.runner.lifecycle;

/** Of an application's life. */
public enum ApplicationStage { PRE_ON_CREATE, CREATED }
