package io.hyperkeep.restore;

import io.hyperkeep.crew.Hand;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.verify.CompareRows;
import io.hyperkeep.verify.CompareStructure;
import io.hyperkeep.verify.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compares the whole target of one restore with the manifest: structure first, then every row. Thread-safe. */
public final class CompareTarget {
    private final Connections connections;
    private final String application;
    private final RestorePlan plan;
    private final CompareRows rows;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public CompareTarget(Connections connections, String application, RunProgress progress, RestorePlan plan) {
        this.connections = connections;
        this.application = application;
        this.plan = plan;
        this.rows =
                new CompareRows(connections, application, plan.manifest().data().copy(), progress, plan.targets());
    }

    /**
     * Begins with some tables before everything else is ready: all their rows must be there, and nothing that follows
     * may change one.
     *
     * @return what the caller has to read with {@link #reader()}
     */
    List<CompareRows.Piece> begin(Set<TableName> tables) {
        return tables.isEmpty()
                ? List.of()
                : rows.pieces(inventory(tables::contains).tables());
    }

    /** Reads pieces over a connection of its own. */
    Hand<CompareRows.Piece> reader() {
        return rows.hand();
    }

    /**
     * Compares what was restored; when this returns, the target has it all and the same.
     *
     * @param jobs number of connections
     * @return what is not quite as it was, and loses nothing
     * @throws io.hyperkeep.problem.BackupException MISMATCH, naming every difference; or when the target can not be
     *     read
     */
    public List<Warning> run(int jobs) {
        Inventory found = inventory(name -> true);
        List<Finding> findings =
                new ArrayList<>(CompareStructure.run(plan.targets(), plan.sequences(), found, notRestored(plan)));
        findings.addAll(rows.run(found.tables(), jobs));
        if (!findings.isEmpty()) {
            throw Finding.failure(
                    Problem.MISMATCH,
                    "what is in database " + connections.address().database() + " is not what is in backup "
                            + plan.manifest().id(),
                    findings,
                    "do not use this database. If somebody else wrote to it meanwhile, restore into one that nobody"
                            + " uses; the schema hyperkeep in it marks it as unfinished");
        }
        return CompareStructure.reordered(plan.targets(), found).stream()
                .map(
                        table -> new Warning(
                                "other-column-order",
                                table
                                        + " has its columns in another order than in the source: those that it inherits come first"))
                .toList();
    }

    private Inventory inventory(Predicate<TableName> tables) {
        try (Connection connection = connections.open(application + "/compare")) {
            return new DiscoverDatabase().inventory(connection, ServerCapabilities.of(connection), tables);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the structure of " + connections.address(), e);
        }
    }

    /** The parts of selected tables that the plan leaves out, as its warnings say. */
    private static Set<CompareStructure.NotRestored> notRestored(RestorePlan plan) {
        Set<Integer> chosen = Stream.concat(plan.preData().stream(), plan.postData().stream())
                .map(SchemaEntry::id)
                .collect(Collectors.toSet());
        Set<CompareStructure.NotRestored> left = new HashSet<>();
        for (SchemaEntry entry : plan.manifest().schema().entries()) {
            TableName table = entry.table();
            if (table != null && !chosen.contains(entry.id())) {
                // pg_dump calls a constraint or a trigger by its table's and its own name, an index by its own
                String prefix = table.name() + " ";
                left.add(new CompareStructure.NotRestored(
                        plan.names().of(table),
                        entry.name().startsWith(prefix) ? entry.name().substring(prefix.length()) : entry.name()));
            }
        }
        return left;
    }
}
