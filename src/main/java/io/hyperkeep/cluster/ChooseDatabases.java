package io.hyperkeep.cluster;

import io.hyperkeep.cluster.ListDatabases.Database;
import io.hyperkeep.manifest.Cluster.LeftOut;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.DatabaseSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Decides which databases of a server are backed up. Pure functions. */
public final class ChooseDatabases {
    /** Those that every server has for new databases; nobody misses them. */
    private static final Set<String> STANDARD_TEMPLATES = Set.of("template0", "template1");

    private ChooseDatabases() {}

    /**
     * What was decided.
     *
     * @param databases those to back up
     * @param leftOut the others, and why
     * @param warnings those of the others that were asked for, if only by not being excluded
     */
    public record Chosen(List<Database> databases, List<LeftOut> leftOut, List<Warning> warnings) {}

    /**
     * Decides.
     *
     * @throws BackupException USAGE when a pattern matches no database, or none is left
     */
    public static Chosen run(List<Database> there, DatabaseSelection selection) {
        List<String> names = there.stream().map(Database::name).toList();
        requireMatched(selection, names, "the server");
        List<Database> databases = new ArrayList<>();
        List<LeftOut> leftOut = new ArrayList<>();
        List<Warning> warnings = new ArrayList<>();
        for (Database database : there) {
            String name = database.name();
            if (!selection.selects(name)) {
                leftOut.add(new LeftOut(name, "not-selected"));
            } else if (database.template()) {
                leftOut.add(new LeftOut(name, "template"));
                if (!STANDARD_TEMPLATES.contains(name)) {
                    warnings.add(new Warning(
                            "database-left-out", "database " + name + " is a template, and not in the backup"));
                }
            } else if (!database.allowsConnections()) {
                leftOut.add(new LeftOut(name, "no-connections"));
                warnings.add(new Warning(
                        "database-left-out",
                        "database " + name + " does not allow connections, and is not in the backup"));
            } else {
                databases.add(database);
            }
        }
        if (databases.isEmpty()) {
            throw new BackupException(
                    Problem.USAGE,
                    "no database is left to back up: all that were chosen are templates or allow no connections",
                    "choose others with --include-database.");
        }
        return new Chosen(databases, leftOut, warnings);
    }

    /**
     * Requires that each pattern means something: one that does not is misspelt.
     *
     * @param where of which the names are
     * @throws BackupException USAGE
     */
    public static void requireMatched(DatabaseSelection selection, List<String> names, String where) {
        List<String> unmatched = selection.unmatched(names);
        if (!unmatched.isEmpty()) {
            throw new BackupException(
                    Problem.USAGE,
                    "no database matches the pattern" + (unmatched.size() == 1 ? " " : "s ")
                            + unmatched.stream()
                                    .map(pattern -> "'" + pattern + "'")
                                    .collect(Collectors.joining(", ")),
                    where + " has " + String.join(", ", names) + "; names with dots are written in double quotes.");
        }
    }
}
