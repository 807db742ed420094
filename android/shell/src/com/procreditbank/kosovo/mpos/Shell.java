package com.procreditbank.kosovo.mpos;

/** What the library asks of whoever draws. Called on its own threads: nothing here throws or waits. */
interface Shell {
    /** A whole frame of a screen. */
    void show(byte[] screen);

    /** Cards are looked for from now on, or no more. */
    void polling(boolean on);

    /** A file for the merchant, answered by {@link Native#saved}. */
    void save(String name, String type, byte[] content);
}
