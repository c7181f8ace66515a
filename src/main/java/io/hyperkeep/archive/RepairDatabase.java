package io.hyperkeep.archive;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.Ledger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Takes a database out of TimescaleDB's restoring mode, in which a restore left it that did not end, and says what is not
 * right there. No row is touched. Not thread-safe.
 */
public final class RepairDatabase {
    private static final String APPLICATION = "hyperkeep/repair";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'");

    private final Connections database;

    public RepairDatabase(Connections database) {
        this.database = database;
    }

    /**
     * What was found.
     *
     * @param wasRestoring whether it was in that mode; it is not any more
     * @param findings what is not right; empty when nothing is
     */
    public record Repaired(boolean wasRestoring, List<Warning> findings) {
        public Repaired {
            findings = List.copyOf(findings);
        }
    }

    /**
     * Repairs and looks.
     *
     * @throws BackupException UNSUITABLE without TimescaleDB; DENIED when it is in restoring mode and the role is no
     *     superuser; SERVER when it does not leave the mode
     */
    public Repaired run() {
        List<Warning> findings = new ArrayList<>();
        try {
            boolean restoring;
            try (Connection connection = database.open(APPLICATION)) {
                String schema = schema(connection);
                Optional<Ledger.Unfinished> unfinished = Ledger.unfinished(connection);
                restoring = RestoringMode.isOn(connection);
                if (restoring) {
                    superuser(connection);
                    leave(connection, schema, unfinished.isPresent(), findings);
                }
                unfinished.ifPresent(restore -> findings.add(unfinished(restore)));
            }
            // the setting is what sessions begin with
            try (Connection connection = database.open(APPLICATION)) {
                if (RestoringMode.isOn(connection)) {
                    throw RestoringMode.stays(database);
                }
                strayRows(connection, restoring, findings);
                unknownChunks(connection, findings);
            }
            return new Repaired(restoring, findings);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot repair " + database.address(), e);
        }
    }

    private String schema(Connection connection) throws SQLException {
        String schema = ServerCapabilities.of(connection).timescaleSchema();
        if (schema == null) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "database " + database.address().database()
                            + " does not have TimescaleDB, so it can not be in restoring mode",
                    "is it another database that was meant?");
        }
        return schema;
    }

    private void superuser(Connection connection) throws SQLException {
        if (!Query.one(connection, "SELECT current_setting('is_superuser')::boolean", row -> row.getBoolean(1))) {
            throw new BackupException(
                    Problem.DENIED,
                    "database " + database.address().database() + " is in restoring mode, and role "
                            + Query.one(connection, "SELECT current_user", row -> row.getString(1))
                            + " is no superuser, which it takes to end it",
                    "repair it as a superuser");
        }
    }

    private void leave(Connection connection, String schema, boolean unfinished, List<Warning> findings)
            throws SQLException {
        try {
            if (unfinished) {
                // half of what they work on may be missing
                RestoringMode.jobsOff(connection);
            }
            Query.one(
                    connection,
                    "SELECT " + Identifiers.quote(schema) + ".timescaledb_post_restore()",
                    row -> row.getBoolean(1));
        } catch (SQLException e) {
            // the catalog may be of another version, or half of it missing: the mode is ended nonetheless
            Query.execute(
                    connection,
                    "ALTER DATABASE " + Identifiers.quote(database.address().database())
                            + " RESET timescaledb.restoring");
            findings.add(new Warning(
                    "post-restore",
                    "timescaledb_post_restore() failed: "
                            + ServerErrors.translate("TimescaleDB's catalog is not whole", e)
                                    .getMessage()
                            + ". Do not use this database: restore it again"));
        }
    }

    private static Warning unfinished(Ledger.Unfinished restore) {
        return new Warning(
                "unfinished-restore",
                "a restore of backup " + restore.backup() + ", begun "
                        + TIME.format(restore.started().withOffsetSameInstant(ZoneOffset.UTC))
                        + ", did not end: do not use this database. Its jobs are switched off; restart that run, or drop the"
                        + " database");
    }

    /** Where they are said to be, no query shows them; to count them, one has to enter the mode in this session alone. */
    private static void strayRows(Connection connection, boolean wasRestoring, List<Warning> findings)
            throws SQLException {
        for (TableName table : StrayRows.find(connection)) {
            String name = Identifiers.quote(table);
            String rows = "";
            if (Query.one(connection, "SELECT current_setting('is_superuser')::boolean", row -> row.getBoolean(1))) {
                Query.execute(connection, "SET timescaledb.restoring = on");
                long count = Query.one(connection, "SELECT count(*) FROM ONLY " + name, row -> row.getLong(1));
                Query.execute(connection, "RESET timescaledb.restoring");
                if (count == 0) {
                    continue;
                }
                rows = count + " ";
            }
            findings.add(new Warning(
                    "stray-rows",
                    "the root table of hypertable " + table + " holds " + rows + "rows that no query shows, written "
                            + (wasRestoring ? "" : "some time ago, ")
                            + "while the database was in restoring mode. To move them into chunks, as superuser and in"
                            + " one session: SET timescaledb.restoring = on; CREATE TEMP TABLE stray AS SELECT * FROM ONLY "
                            + name + "; TRUNCATE ONLY " + name
                            + "; SET timescaledb.restoring = off; INSERT INTO " + name + " SELECT * FROM stray;"));
        }
    }

    /** Tables that inherit from a hypertable, as only chunks do, and that TimescaleDB does not know: it skips them. */
    private static void unknownChunks(Connection connection, List<Warning> findings) throws SQLException {
        Set<TableName> known = new DiscoverDatabase()
                .chunks(connection, ServerCapabilities.of(connection)).values().stream()
                        .flatMap(List::stream)
                        .map(DiscoveredChunk::name)
                        .collect(Collectors.toSet());
        List<TableName> unknown =
                Query.list(connection, """
                        SELECT cn.nspname, c.relname
                          FROM timescaledb_information.hypertables h
                          JOIN pg_catalog.pg_namespace n ON n.nspname = h.hypertable_schema
                          JOIN pg_catalog.pg_class r ON r.relnamespace = n.oid AND r.relname = h.hypertable_name
                          JOIN pg_catalog.pg_inherits i ON i.inhparent = r.oid
                          JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relkind = 'r'
                          JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
                         ORDER BY 1, 2
                        """, row -> new TableName(row.getString(1), row.getString(2))).stream()
                        .filter(name -> !known.contains(name))
                        .toList();
        if (!unknown.isEmpty()) {
            findings.add(new Warning(
                    "unknown-chunks",
                    unknown.size() + " tables are chunks that TimescaleDB's catalog does not know, such as "
                            + unknown.get(0)
                            + ": the database was not restored right. Do not use it: restore it again"));
        }
    }
}
