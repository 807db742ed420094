package com.procreditbank.kosovo.mpos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** What is around the phone: the bank's host and the customers' cards, each a process of the mpos program. */
final class Surroundings implements AutoCloseable {
    private static final String PROGRAM = System.getProperty("mpos.program");

    /** Its keys were made before, and where it listens was written into the application, as a build does. */
    private static final String FOLDER = System.getProperty("mpos.bank");
    private static final String ADDRESS = System.getProperty("mpos.bank.address");

    private static int businesses;
    private final List<Process> processes = new ArrayList<>();

    Surroundings() throws IOException {
        start("The bank host listens on ", "host", "serve", "--listen", ADDRESS);
    }

    /** For the first terminal of a business. */
    String activationCode() throws IOException {
        Process process = run("host", "activation-code", "--merchant", "Demo Shop " + ++businesses);
        try (BufferedReader out = reader(process)) {
            for (String line; (line = out.readLine()) != null; ) {
                java.util.regex.Matcher code = java.util.regex.Pattern.compile("(\\w{4}-){3}\\w{4}").matcher(line);
                if (code.find()) return code.group();
            }
        }
        throw new IOException("the bank gave no code");
    }

    /** Where a card of this name is held out. */
    InetSocketAddress card(String name) throws IOException {
        String address = start("The card is held out at ", "cards", "--hold", name);
        return new InetSocketAddress("127.0.0.1", Integer.parseInt(address.substring(address.indexOf(':') + 1)));
    }

    private String start(String says, String... arguments) throws IOException {
        Process process = run(arguments);
        processes.add(process);
        String first = reader(process).readLine();
        if (first == null || !first.startsWith(says)) throw new IOException("`" + first + "` is not `" + says + "…`");
        return first.substring(says.length()).trim();
    }

    private Process run(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(PROGRAM, "--data", FOLDER));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream()));
    }

    @Override
    public void close() {
        for (Process process : processes) process.destroyForcibly();
    }
}
