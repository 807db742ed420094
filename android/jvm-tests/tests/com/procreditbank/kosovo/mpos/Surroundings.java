package com.procreditbank.kosovo.mpos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is around the phone: the bank's host and the customers' cards, each a process of the mpos program. */
final class Surroundings implements AutoCloseable {
    private static final String PROGRAM = System.getProperty("mpos.program");

    /** Its keys were made before, and where it listens was written into the application, as a build does. */
    private static final String FOLDER = System.getProperty("mpos.bank");
    private static final String ADDRESS = System.getProperty("mpos.bank.address");

    private static int businesses;
    private final List<Process> processes = new ArrayList<>();
    /** Where each is held out. */
    private final Map<String, InetSocketAddress> cards = new HashMap<>();

    private Process bank;

    void startBank() throws IOException {
        bank = serve(List.of());
    }

    /** A bank whose clock differs by that from this machine's, such as {@code +3d}. */
    void startBankAt(String difference) throws IOException {
        bank = serve(List.of("faketime", "--exclude-monotonic", "-f", difference));
    }

    private Process serve(List<String> under) throws IOException {
        return start("The bank host listens on ", under, "host", "serve", "--listen", ADDRESS).process;
    }

    void stopBank() throws InterruptedException {
        end(bank);
        bank.waitFor();
    }

    /** For the first terminal of a business. */
    String activationCode() throws IOException {
        Process process = run(List.of(), "host", "activation-code", "--merchant", "Demo Shop " + ++businesses);
        try (BufferedReader out = reader(process)) {
            for (String line; (line = out.readLine()) != null; ) {
                java.util.regex.Matcher code = java.util.regex.Pattern.compile("(\\w{4}-){3}\\w{4}").matcher(line);
                if (code.find()) return code.group();
            }
        }
        throw new IOException("the bank gave no code");
    }

    /** A card of this name, held out once more. */
    HeldCard card(String name) throws IOException {
        if (!cards.containsKey(name)) cards.put(name, holdOut(name));
        return new HeldCard(cards.get(name));
    }

    private InetSocketAddress holdOut(String name) throws IOException {
        String address = start("The card is held out at ", List.of(), "cards", "--hold", name).said;
        return new InetSocketAddress("127.0.0.1", Integer.parseInt(address.substring(address.indexOf(':') + 1)));
    }

    /** A process, and what it said after its first words. */
    private record Started(Process process, String said) {}

    private Started start(String says, List<String> under, String... arguments) throws IOException {
        Process process = run(under, arguments);
        processes.add(process);
        String first = reader(process).readLine();
        if (first == null || !first.startsWith(says)) throw new IOException("`" + first + "` is not `" + says + "…`");
        return new Started(process, first.substring(says.length()).trim());
    }

    private Process run(List<String> under, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(under);
        command.addAll(List.of(PROGRAM, "--data", FOLDER));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream()));
    }

    @Override
    public void close() {
        for (Process process : processes) end(process);
    }

    /** With what runs under it: a bank of another time is a child of what tells it that time. */
    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
