package io.hyperkeep.plan;

import io.hyperkeep.manifest.ContinuousAggregate;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Applies a selection to the tables that there are, and refuses patterns that mean nothing.
 *
 * <p>A continuous aggregate is selected by its own name, as a table is. It brings the tables that it reads, named or not;
 * but if one of them is excluded, the aggregate is left out.
 */
public final class SelectTables {
    private static final int MOST_NAMES = 8;

    private final TableSelection selection;
    private final Set<TableName> tables;
    private final Map<TableName, ContinuousAggregate> aggregates = new HashMap<>();

    private SelectTables(
            TableSelection selection, Collection<TableName> tables, Collection<ContinuousAggregate> aggregates) {
        this.selection = selection;
        this.tables = Set.copyOf(tables);
        aggregates.forEach(aggregate -> this.aggregates.put(aggregate.name(), aggregate));
    }

    /**
     * What a selection means.
     *
     * @param tables the selected tables, in the order in which they were given
     * @param leftOut continuous aggregates that are not among them although they were meant, each with the table that it
     *     reads and that is not selected
     */
    public record Selected(List<TableName> tables, Map<TableName, TableName> leftOut) {
        public Selected {
            tables = List.copyOf(tables);
        }

        /**
         * Says which aggregates are left out, and why.
         *
         * @param where what they are not in, or what they are not: ends the sentence
         */
        public List<Warning> warnings(String where) {
            return leftOut.entrySet().stream()
                    .map(entry -> new Warning(
                            "not-selected",
                            "continuous aggregate " + entry.getKey() + " is not " + where + ": it needs table "
                                    + entry.getValue() + ", which is not selected"))
                    .toList();
        }
    }

    /**
     * The selected tables.
     *
     * @param tables all that there are, aggregates among them
     * @param aggregates those of them that are continuous aggregates
     * @param where what holds the tables, for the message
     * @throws BackupException when a pattern matches no table: a misspelt exclude would back up too much, a misspelt
     *     include too little
     */
    public static Selected select(
            TableSelection selection,
            List<TableName> tables,
            Collection<ContinuousAggregate> aggregates,
            String where) {
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
        Selected selected = resolve(selection, tables, aggregates);
        if (selected.tables().isEmpty() && !tables.isEmpty()) {
            // a backup of nothing, sealed every night, would be found out when it is needed
            throw new BackupException(
                    Problem.USAGE,
                    "--include and --exclude together select no table of " + where,
                    "an exclude pattern wins over an include pattern; --exclude may be too wide");
        }
        return selected;
    }

    /** The same, whether or not every pattern matches a table. */
    public static Selected resolve(
            TableSelection selection, List<TableName> tables, Collection<ContinuousAggregate> aggregates) {
        return new SelectTables(selection, tables, aggregates).run(tables);
    }

    private Selected run(List<TableName> inOrder) {
        Set<TableName> selected = new TreeSet<>();
        Map<TableName, TableName> leftOut = new LinkedHashMap<>();
        for (TableName table : inOrder) {
            if (!selection.selects(table)) {
                continue;
            }
            Set<TableName> needed = new TreeSet<>();
            TableName missing = need(table, needed);
            if (missing == null) {
                selected.addAll(needed);
            } else {
                leftOut.put(table, missing);
            }
        }
        return new Selected(inOrder.stream().filter(selected::contains).toList(), leftOut);
    }

    /** Adds a table and what it reads, at any distance; returns one of them that can not be had, or null. */
    private @Nullable TableName need(TableName table, Set<TableName> needed) {
        if (selection.excludes(table) || !tables.contains(table)) {
            return table;
        }
        ContinuousAggregate aggregate = aggregates.get(table);
        if (needed.add(table) && aggregate != null) {
            for (TableName read : aggregate.needs()) {
                TableName missing = need(read, needed);
                if (missing != null) {
                    return missing;
                }
            }
        }
        return null;
    }
}
