package io.hyperkeep.plan;

import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** Applies a selection to the tables that there are, and refuses patterns that mean nothing. */
public final class SelectTables {
    private static final int MOST_NAMES = 8;

    private SelectTables() {}

    /**
     * The selected tables.
     *
     * @param where what holds the tables, for the message
     * @throws BackupException when a pattern matches no table: a misspelt exclude would back up too much, a misspelt
     *     include too little
     */
    public static List<TableName> select(TableSelection selection, List<TableName> tables, String where) {
        List<String> unmatched = selection.unmatched(tables);
        if (!unmatched.isEmpty()) {
            String known =
                    tables.stream().limit(MOST_NAMES).map(TableName::toString).collect(Collectors.joining(", "));
            throw new BackupException(
                    Problem.USAGE,
                    (unmatched.size() == 1 ? "no table matches the pattern " : "no table matches the patterns ")
                            + unmatched.stream().map(p -> "'" + p + "'").collect(Collectors.joining(", ")),
                    tables.isEmpty()
                            ? where + " has no tables"
                            : where + " has " + known + (tables.size() > MOST_NAMES ? ", …" : "")
                                    + "; a pattern is schema.table with * and ?, names with capitals in double quotes");
        }
        List<TableName> selected = tables.stream().filter(selection::selects).toList();
        if (selected.isEmpty() && !tables.isEmpty()) {
            // a backup of nothing, sealed every night, would be found out when it is needed
            throw new BackupException(
                    Problem.USAGE,
                    "--include and --exclude together select no table of " + where,
                    "an exclude pattern wins over an include pattern; --exclude may be too wide");
        }
        return selected;
    }
}
