package io.hyperkeep.secret;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A secret that is read when it is needed, and that no text of this object shows. Thread-safe. */
public final class Secret {
    private final String shown;
    private final Supplier<String> reader;

    private Secret(String shown, Supplier<String> reader) {
        this.shown = shown;
        this.reader = reader;
    }

    /** One that the configuration has, as it may from the environment. */
    public static Secret of(String text) {
        return new Secret("***", () -> text);
    }

    /**
     * The first line of a private file.
     *
     * @param what what it is, for messages: {@code password}
     */
    public static Secret inFile(String what, Path file) {
        return new Secret(file.toString(), () -> new ReadSecret(what).firstLine(file));
    }

    /**
     * The first line that a command prints.
     *
     * @param what what it is, for messages: {@code password}
     */
    public static Secret printedBy(String what, List<String> command, Map<String, String> environment) {
        return new Secret(command.get(0) + " ***", () -> new ReadSecret(what).printedBy(command, environment));
    }

    /**
     * Reads it.
     *
     * @throws io.hyperkeep.problem.BackupException CONFIGURATION when it can not be read
     */
    public String read() {
        return reader.get();
    }

    /** Where it is, or asterisks. */
    @Override
    public String toString() {
        return shown;
    }
}
