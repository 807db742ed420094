package com.procreditbank.kosovo.mpos;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What the screens say in one language, read from where they have it: only what is said without an argument. */
final class Words {
    private final Map<String, String> words = new HashMap<>();

    private Words() {}

    static Words in(String language) {
        Words words = new Words();
        try {
            for (String line : Files.readAllLines(Path.of(System.getProperty("mpos.words"), language + ".ftl"))) {
                int at = line.indexOf(" = ");
                if (at > 0 && Character.isLetter(line.charAt(0)) && line.indexOf('{') < 0) {
                    words.words.put(line.substring(0, at), line.substring(at + 3));
                }
            }
        } catch (java.io.IOException notThere) {
            throw new AssertionError(notThere);
        }
        return words;
    }

    String of(String name) {
        String said = words.get(name);
        if (said == null) throw new AssertionError("nothing is called " + name);
        return said;
    }
}
