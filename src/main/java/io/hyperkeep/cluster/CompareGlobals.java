package io.hyperkeep.cluster;

import io.hyperkeep.verify.Finding;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Compares two dumps of globals, statement by statement, whatever their order. Pure functions. */
public final class CompareGlobals {
    private CompareGlobals() {}

    /**
     * What differs; no finding has a password.
     *
     * @param backup as pg_dumpall wrote it
     * @param now of the server, by a pg_dumpall of the same major version
     * @param tablespaces whether these are compared too
     */
    public static List<Finding> run(String backup, String now, boolean tablespaces) {
        List<GlobalStatement> expected = GlobalStatement.parse(backup);
        List<GlobalStatement> found = GlobalStatement.parse(now);
        Set<Finding> findings = new LinkedHashSet<>(missing(expected, found, tablespaces));
        Set<String> known = labels(expected);
        for (GlobalStatement statement : without(found, expected)) {
            if (!tablespaces && statement.isOfTablespaces()) {
                continue;
            }
            findings.add(
                    known.contains(statement.label())
                            ? new Finding(statement.label(), "differs in " + statement.what())
                            : new Finding(statement.label(), "is not in the backup"));
        }
        return new ArrayList<>(findings);
    }

    /** What the backup has and the server lacks. */
    static List<Finding> missing(List<GlobalStatement> expected, List<GlobalStatement> found, boolean tablespaces) {
        Set<String> known = labels(found);
        Set<Finding> findings = new LinkedHashSet<>();
        for (GlobalStatement statement : without(expected, found)) {
            if (tablespaces || !statement.isOfTablespaces()) {
                findings.add(
                        known.contains(statement.label())
                                ? new Finding(statement.label(), "differs in " + statement.what())
                                : Finding.missing(statement.label()));
            }
        }
        return new ArrayList<>(findings);
    }

    private static Set<String> labels(List<GlobalStatement> statements) {
        Set<String> labels = new HashSet<>();
        statements.forEach(statement -> labels.add(statement.label()));
        return labels;
    }

    private static List<GlobalStatement> without(List<GlobalStatement> statements, List<GlobalStatement> others) {
        Set<GlobalStatement> known = new HashSet<>(others);
        return statements.stream()
                .filter(statement -> statement.kind() != GlobalStatement.Kind.SESSION && !known.contains(statement))
                .toList();
    }
}
