package com.procreditbank.kosovo.mpos;

/** What the library could not do, in words for people. The library makes it, by this name. */
final class NativeException extends RuntimeException {
    NativeException(String message) {
        super(message);
    }
}
