package io.hyperkeep.restore;

import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What of a plan its target can not carry, because the server or its edition of TimescaleDB lacks it: found before the
 * target is touched, each object by name. Everything else comes out as in the source. For one thread.
 *
 * <p>Whoever restores such a thing asks {@link ServerCapabilities} too, and leaves out exactly what is named here.
 */
final class TargetLosses {
    private static final int LISTED = 20;

    private final Connection connection;
    private final ServerCapabilities server;
    private final RestorePlan plan;
    private final List<Warning> losses = new ArrayList<>();

    private TargetLosses(Connection connection, ServerCapabilities server, RestorePlan plan) {
        this.connection = connection;
        this.server = server;
        this.plan = plan;
    }

    /**
     * Finds them; reads only.
     *
     * @param connection in the target, or in one where TimescaleDB is about to be created in this very transaction
     * @param server what it can do
     * @throws BackupException UNSUITABLE, naming all of them, when there are some and the plan is strict
     */
    static List<Warning> find(Connection connection, ServerCapabilities server, RestorePlan plan) throws SQLException {
        TargetLosses found = new TargetLosses(connection, server, plan);
        if (!server.communityEdition()) {
            found.aggregates();
            found.columnstores();
        } else if (!server.sparseIndexes()) {
            found.sparseIndexes();
        }
        found.directCompress();
        if (!server.hasTimescale() && new ExtensionsOfTarget(connection, plan).lacksTimescale()) {
            found.lose(
                    "extension",
                    "extension timescaledb is not restored: the target's server does not have it, and nothing else that"
                            + " is restored needs it");
        }
        found.tablespaces();
        found.losses.addAll(
                JobsOfTarget.beforehand(connection, server, plan.jobs()).warnings());
        if (plan.options().strict() && !found.losses.isEmpty()) {
            throw found.refusal();
        }
        return List.copyOf(found.losses);
    }

    private BackupException refusal() {
        return new BackupException(
                Problem.UNSUITABLE,
                "the target can not carry everything of backup "
                        + plan.manifest().id() + ": "
                        + losses.stream().limit(LISTED).map(Warning::text).collect(Collectors.joining("; "))
                        + (losses.size() > LISTED ? "; and " + (losses.size() - LISTED) + " more" : ""),
                "nothing was restored. Restore into a server that has what is missing, or without --strict: these"
                        + " are then left out, and everything else is restored");
    }

    private void lose(String code, String text) {
        losses.add(new Warning(code, text));
    }

    /** And what needs them. */
    private void aggregates() {
        if (!plan.aggregates().isEmpty()) {
            List<Warning> rest =
                    new ArrayList<>(PlanRestore.withoutAggregates(plan).warnings());
            rest.removeAll(plan.warnings());
            losses.addAll(rest);
        }
    }

    private void columnstores() {
        for (TableEntry table : plan.hypertables()) {
            Hypertable hypertable = table.hypertable();
            if (hypertable.columnstore() != null && table.kind() == TableEntry.Kind.HYPERTABLE) {
                int compressed = hypertable.compressedChunks();
                lose(
                        "columnstore",
                        "hypertable " + table.name() + " is restored without its columnstore (compression) settings"
                                + (compressed == 0
                                        ? ""
                                        : ", and " + compressed + " of its "
                                                + hypertable.chunks().size() + " chunks are restored uncompressed")
                                + ": the target's edition of TimescaleDB has no columnstore");
            }
        }
    }

    private void sparseIndexes() {
        for (TableEntry table : plan.hypertables()) {
            Hypertable hypertable = table.hypertable();
            if (hypertable.columnstore() != null && hypertable.columnstore().sparseIndexes() != null) {
                lose(
                        "sparse-index",
                        "hypertable " + table.name() + " is restored without its choice of sparse indexes: the target's"
                                + " version of TimescaleDB does not know them");
            }
        }
    }

    private void directCompress() {
        for (TableEntry table : plan.hypertables()) {
            // the Apache edition loses the whole columnstore, which was named
            if (table.hypertable().directCompress() && server.communityEdition() && !server.directCompress()) {
                lose(
                        "direct-compress",
                        "hypertable " + table.name()
                                + " is restored without direct compression of what is inserted: the"
                                + " target's version of TimescaleDB does not know it");
            }
        }
    }

    private void tablespaces() throws SQLException {
        Set<String> there = new HashSet<>(
                Query.list(connection, "SELECT spcname FROM pg_catalog.pg_tablespace", row -> row.getString(1)));
        for (TableEntry table : plan.hypertables()) {
            List<String> missing = table.hypertable().tablespaces().stream()
                    .filter(tablespace -> !there.contains(tablespace))
                    .toList();
            if (!missing.isEmpty()) {
                lose(
                        "tablespace",
                        "hypertable " + table.name() + " is restored without its attached tablespace"
                                + (missing.size() == 1 ? " " : "s ") + String.join(", ", missing)
                                + ": the target's server has none of "
                                + (missing.size() == 1 ? "that name" : "these names"));
            }
        }
    }
}
