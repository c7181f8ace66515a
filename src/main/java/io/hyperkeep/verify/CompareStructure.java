package io.hyperkeep.verify;

import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Compares everything but rows: what the catalog says with what the manifest says. The end of a restore and the command
 * {@code compare} run the same list. Pure functions.
 *
 * <p>Definitions are PostgreSQL's own text, so they are compared as text; {@link SameMeaning} leaves out those that differ
 * as text alone, which only a server can say.
 */
public final class CompareStructure {
    private static final List<Comparer> COMPARERS = List.of(
            new CompareTables(), new CompareStorage(), new CompareSequences(), new CompareObjects(), new CompareJobs());

    private CompareStructure() {}

    /**
     * Compares them.
     *
     * @param found the database as it is now
     * @return every difference
     */
    public static List<Finding> run(Expected expected, Inventory found) {
        return COMPARERS.stream()
                .flatMap(comparer -> comparer.compare(expected, found).stream())
                .toList();
    }

    /**
     * Tables whose columns came out in another order, which loses nothing: pg_dump creates an inheriting table with its
     * parents' columns first, whatever their order was in the source.
     *
     * @param tables what the manifest says
     * @param found the target as it is now
     */
    public static List<Warning> reordered(List<TableEntry> tables, Inventory found) {
        Map<TableName, List<String>> now = found.tables().stream()
                .map(DiscoveredTable::structure)
                .collect(Collectors.toMap(TableEntry::name, table -> names(table.columns())));
        return tables.stream()
                .filter(table -> now.containsKey(table.name()))
                .filter(table -> !names(table.columns()).equals(now.get(table.name())))
                .map(table -> new Warning(
                        "other-column-order",
                        table.name()
                                + " has its columns in another order than in the source: those that it inherits come"
                                + " first"))
                .toList();
    }

    private static List<String> names(List<Column> columns) {
        return columns.stream().map(Column::name).toList();
    }
}
