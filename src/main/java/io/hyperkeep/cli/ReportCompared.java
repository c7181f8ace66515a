package io.hyperkeep.cli;

import io.hyperkeep.database.DatabaseAddress;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.Comparison;
import io.hyperkeep.verify.Finding;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says what a comparison found, and decides the exit code. */
final class ReportCompared {
    private static final int EQUAL_WITH_WARNINGS = 3;

    private final Session session;

    ReportCompared(Session session) {
        this.session = session;
    }

    /** Prints it, and returns the exit code: 0 only when nothing differs and everything was compared. */
    int print(BackupFolder backup, DatabaseAddress address, Comparison comparison, Duration took) {
        List<Finding> differences = comparison.differences();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("backup", backup.id());
        document.put("path", backup.path().toString());
        document.put("database", address.database());
        document.put("equal", differences.isEmpty());
        document.put("differences", differences(differences));
        document.put("warnings", BackupDocument.warnings(comparison.warnings()));
        document.put("seconds", Figures.seconds(took));
        session.results()
                .print(document, () -> differences.isEmpty() ? equal(backup, address, took) : lines(differences));
        if (!session.global().json()) {
            comparison.warnings().forEach(warning -> session.note("WARNING: " + warning.text()));
        }
        if (!differences.isEmpty()) {
            return session.failures()
                    .report(
                            Problem.MISMATCH,
                            "database " + address.database() + " is not what backup " + backup.id() + " says: "
                                    + Figures.count(differences.size(), "difference"),
                            "what a database did since its backup is a difference too: restore the backup into a"
                                    + " database of its own and compare that, or run `hyperkeep drill`.");
        }
        return comparison.warnings().isEmpty() ? 0 : EQUAL_WITH_WARNINGS;
    }

    /** As they are in every document that names differences. */
    static List<Map<String, @Nullable Object>> differences(List<Finding> findings) {
        return findings.stream()
                .map(finding -> {
                    Map<String, @Nullable Object> document = new LinkedHashMap<>();
                    document.put("on", finding.on());
                    document.put("what", finding.what());
                    document.put("backup", finding.backup());
                    document.put("database", finding.now());
                    return document;
                })
                .toList();
    }

    private static String equal(BackupFolder backup, DatabaseAddress address, Duration took) {
        return "database " + address.database() + " is what backup " + backup.id() + " says, compared in "
                + Figures.duration(took) + System.lineSeparator();
    }

    /** A line each; of definitions that have several, the others are set off. */
    private static String lines(List<Finding> differences) {
        return differences.stream()
                .map(finding ->
                        finding.toString().replace("\n", System.lineSeparator() + "    ") + System.lineSeparator())
                .collect(Collectors.joining());
    }
}
