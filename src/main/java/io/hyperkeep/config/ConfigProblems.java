package io.hyperkeep.config;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Collects what is wrong with the configuration, so that all of it is told at once. Not thread-safe. */
final class ConfigProblems {
    private final Set<Entry> entries = new LinkedHashSet<>();

    /** Notes a problem of a value. */
    void add(Given value, String text) {
        entries.add(new Entry(value.origin() == Given.Origin.FLAG, value.line(), value.place() + ": " + text));
    }

    /** Notes a problem of a place in the file. */
    void add(Path file, int line, String text) {
        entries.add(new Entry(false, line, (line == 0 ? file.toString() : file + ":" + line) + ": " + text));
    }

    /**
     * Notes something that is needed and that nobody gave.
     *
     * @param usage whether the command line should have given it, not the file
     */
    void missing(boolean usage, String text) {
        entries.add(new Entry(usage, 0, text));
    }

    /** Whether nothing is wrong so far. */
    boolean isEmpty() {
        return entries.isEmpty();
    }

    /**
     * Ends the command if anything is wrong.
     *
     * @throws BackupException with every problem, in the order of the file's lines
     */
    void throwIfAny() {
        if (entries.isEmpty()) {
            return;
        }
        boolean usage = entries.stream().allMatch(Entry::usage);
        List<String> lines = entries.stream()
                .sorted(Comparator.comparingInt(Entry::line))
                .map(Entry::text)
                .toList();
        if (lines.size() == 1) {
            throw failure(usage, lines.get(0));
        }
        throw failure(
                usage,
                lines.stream()
                        .collect(Collectors.joining(
                                System.lineSeparator() + "  ",
                                (usage ? "the command line has " : "the configuration has ") + lines.size()
                                        + " problems:" + System.lineSeparator() + "  ",
                                "")));
    }

    private static BackupException failure(boolean usage, String what) {
        return usage
                ? new BackupException(Problem.USAGE, what, "--help lists the options of a command.")
                : new BackupException(
                        Problem.CONFIGURATION,
                        what,
                        "`hyperkeep config example` prints a file with every key; `hyperkeep config check` validates yours.");
    }

    private record Entry(boolean usage, int line, String text) {}
}
