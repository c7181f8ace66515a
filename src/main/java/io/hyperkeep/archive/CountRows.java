package io.hyperkeep.archive;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.verify.Readers;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the rows of tables as queries see them: of a hypertable through its root. Thread-safe. */
public final class CountRows {
    private final RunProgress progress;

    public CountRows(RunProgress progress) {
        this.progress = progress;
    }

    /**
     * Counts.
     *
     * @param readers sessions to count with
     * @param jobs how many of them
     * @return rows by table; natively partitioned tables have none of their own
     */
    public Map<TableName, Long> run(List<DiscoveredTable> tables, Readers readers, int jobs) {
        Map<TableName, Long> rows = new ConcurrentHashMap<>();
        List<DiscoveredTable> biggestFirst = tables.stream()
                .filter(table -> table.structure().kind() != TableEntry.Kind.PARTITIONED)
                .sorted(Comparator.comparingLong(CountRows::bytes).reversed())
                .toList();
        progress.expect(
                biggestFirst.size(),
                biggestFirst.stream().mapToLong(CountRows::bytes).sum());
        Crew.work(
                "count",
                jobs,
                biggestFirst,
                () -> readers.hand(table -> "cannot count the rows of " + table.name(), (connection, table) -> {
                    rows.put(table.name(), count(connection, table));
                    progress.unitDone(bytes(table));
                }));
        return Map.copyOf(rows);
    }

    private static long bytes(DiscoveredTable table) {
        return table.bytes()
                + table.chunks().stream().mapToLong(chunk -> chunk.bytes()).sum();
    }

    private static long count(Connection connection, DiscoveredTable table) throws SQLException {
        return Query.one(
                connection,
                // tables that inherit are tables of their own here
                "SELECT count(*) FROM " + (table.isHypertable() ? "" : "ONLY ") + Identifiers.quote(table.relation()),
                row -> row.getLong(1));
    }
}
