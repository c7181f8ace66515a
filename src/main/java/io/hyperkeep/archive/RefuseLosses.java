package io.hyperkeep.archive;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.DiscoverJobs;
import io.hyperkeep.discovery.DiscoverUncarried;
import io.hyperkeep.discovery.InvalidIndexes;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.discovery.UnstableHashes;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds what pg_dump would lose of a database with TimescaleDB without a word, before it is run. Thread-safe: it has no
 * state.
 */
public final class RefuseLosses {
    /** More rows in one batch can not be read back from what COPY writes of it: "the compressed data is corrupt". */
    private static final int MOST_ROWS_OF_A_BATCH = 32_767;

    /** How a column is written that has no value in a batch at all: the number of that algorithm, and nothing else. */
    private static final String NO_VALUES = "Bg==";

    private static final int LISTED = 5;

    /**
     * Looks.
     *
     * @param connection in the snapshot that is to be dumped, with locks on every table
     * @return what the dump leaves out, and can not be had
     * @throws BackupException UNSUITABLE, naming what would be lost and what to do about it
     */
    public List<Warning> run(Connection connection, ServerCapabilities server) throws SQLException {
        if (!server.hasTimescale()) {
            return InvalidIndexes.find(connection);
        }
        notRestoring(connection);
        hashesStay(connection);
        List<String> missing = new ArrayList<>();
        List<String> tooLarge = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        List<Compressed> chunks = compressed(connection);
        boolean readsNoValues = chunks.isEmpty() || readsNoValues(connection);
        for (Compressed chunk : chunks) {
            for (String column : readsNoValues ? List.<String>of() : chunk.compressed()) {
                if (exists(connection, chunk, Identifiers.quote(column) + "::text = '" + NO_VALUES + "'")) {
                    unreadable.add(chunk.name() + ", column " + column);
                }
            }
            for (String column : chunk.columns()) {
                if (exists(connection, chunk, Identifiers.quote(column) + " IS NULL")) {
                    missing.add(chunk.name() + ", column " + column);
                }
            }
            if (exists(connection, chunk, "_ts_meta_count > " + MOST_ROWS_OF_A_BATCH)) {
                tooLarge.add(chunk.name().toString());
            }
        }
        String anew =
                "compress these chunks anew, with decompress_chunk() and compress_chunk(), or make a backup of kind"
                        + " tables, which reads rows as queries do";
        if (!missing.isEmpty()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "pg_dump would lose values: a column was added with a default to chunks that were compressed before,"
                            + " and the default of these rows is only in the catalog, which is not dumped: "
                            + listed(missing),
                    anew);
        }
        if (!tooLarge.isEmpty()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "pg_restore could not read back compressed batches of more than " + MOST_ROWS_OF_A_BATCH
                            + " rows, and they are in " + listed(tooLarge),
                    anew);
        }
        if (!unreadable.isEmpty()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "pg_restore could not read back compressed batches in which a column has no value at all: this version"
                            + " of TimescaleDB writes what it does not read, in "
                            + listed(unreadable),
                    "make a backup of kind tables, which reads rows as queries do, or update TimescaleDB");
        }
        List<Warning> warnings = new ArrayList<>(strayRows(connection));
        warnings.addAll(DiscoverJobs.notRestorable(connection, name -> true));
        warnings.addAll(DiscoverUncarried.tieredRows(connection, name -> true));
        warnings.addAll(InvalidIndexes.find(connection));
        return warnings;
    }

    /** A row whose hash is another one in a restored database is in a chunk in which no query looks for it. */
    private static void hashesStay(Connection connection) throws SQLException {
        List<String> columns = UnstableHashes.of(connection).dimensions().entrySet().stream()
                .map(dimension -> dimension.getKey() + ", column " + dimension.getValue())
                .sorted()
                .toList();
        if (!columns.isEmpty()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "queries would not find rows that pg_restore brings back: hypertables are partitioned by hashes that are"
                            + " others in each database, as those of an enum are, in " + listed(columns),
                    "make a backup of kind tables, whose rows are restored into the chunks that they then belong to.");
        }
    }

    /** Before some version the type's input function does not know what its output function writes. */
    private static boolean readsNoValues(Connection connection) throws SQLException {
        Query.execute(connection, "SAVEPOINT no_values");
        try {
            Query.execute(connection, "SELECT '" + NO_VALUES + "'::_timescaledb_internal.compressed_data");
            return true;
        } catch (SQLException e) {
            Query.execute(connection, "ROLLBACK TO SAVEPOINT no_values");
            return false;
        } finally {
            Query.execute(connection, "RELEASE SAVEPOINT no_values");
        }
    }

    private static void notRestoring(Connection connection) throws SQLException {
        boolean restoring = Query.one(
                connection,
                "SELECT coalesce(current_setting('timescaledb.restoring', true), 'off')::boolean",
                row -> row.getBoolean(1));
        if (restoring) {
            String database = Query.one(connection, "SELECT current_database()", row -> row.getString(1));
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "timescaledb.restoring is on in database " + database
                            + ": a restore into it did not end, and queries do not see every row",
                    "`hyperkeep repair` takes it out of that mode and says what it finds");
        }
    }

    /**
     * A compressed chunk.
     *
     * @param columns those whose rows may rely on a value in the catalog
     * @param compressed columns of its compressed rows that hold many values in one
     */
    private record Compressed(TableName name, TableName rows, List<String> columns, List<String> compressed) {}

    private static List<Compressed> compressed(Connection connection) throws SQLException {
        return Query.list(
                connection,
                """
                SELECT n.nspname, c.relname, cn.nspname, cc.relname,
                       ARRAY (SELECT a.attname FROM pg_catalog.pg_attribute a
                               WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.atthasmissing AND NOT a.attisdropped
                                 AND a.attname <> ALL (coalesce(s.segmentby, '{}'))
                               ORDER BY a.attnum),
                       ARRAY (SELECT a.attname FROM pg_catalog.pg_attribute a
                               WHERE a.attrelid = cc.oid AND a.attnum > 0 AND NOT a.attisdropped
                                 AND a.atttypid = '_timescaledb_internal.compressed_data'::regtype
                               ORDER BY a.attnum)
                  FROM _timescaledb_catalog.compression_settings s
                  JOIN pg_catalog.pg_class c ON c.oid = s.relid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_catalog.pg_class cc ON cc.oid = s.compress_relid
                  JOIN pg_catalog.pg_namespace cn ON cn.oid = cc.relnamespace
                 ORDER BY 1, 2
                """,
                row -> new Compressed(
                        new TableName(row.getString(1), row.getString(2)),
                        new TableName(row.getString(3), row.getString(4)),
                        List.of((String[]) row.getArray(5).getArray()),
                        List.of((String[]) row.getArray(6).getArray())));
    }

    private static boolean exists(Connection connection, Compressed chunk, String condition) throws SQLException {
        return Query.one(
                connection,
                "SELECT EXISTS (SELECT FROM " + Identifiers.quote(chunk.rows()) + " WHERE " + condition + ")",
                row -> row.getBoolean(1));
    }

    /** Rows that got into a root while timescaledb.restoring was on: they are dumped, and no query shows them. */
    private static List<Warning> strayRows(Connection connection) throws SQLException {
        return StrayRows.find(connection).stream()
                .map(table -> new Warning(
                        "stray-rows",
                        "the root table of hypertable " + table
                                + " holds rows that no query shows; they are restored as" + " they are"))
                .toList();
    }

    private static String listed(List<String> names) {
        return String.join("; ", names.subList(0, Math.min(LISTED, names.size())))
                + (names.size() > LISTED ? "; and " + (names.size() - LISTED) + " more" : "");
    }
}
