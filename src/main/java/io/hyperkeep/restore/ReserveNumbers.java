package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps TimescaleDB in the target from giving a chunk or a hypertable of its own the name that a restored relation has: a
 * chunk that was detached is a table among the chunks, called as the target would call a chunk of its own. The names hold
 * numbers of two sequences, which are set beyond these. Not thread-safe.
 */
final class ReserveNumbers {
    private static final String CHUNKS = "_timescaledb_catalog.chunk_id_seq";
    private static final String HYPERTABLES = "_timescaledb_catalog.hypertable_id_seq";
    private static final String INTERNAL = "_timescaledb_internal";

    private static final Set<String> RELATIONS =
            Set.of("TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "INDEX");

    private static final Pattern OF_A_CHUNK = Pattern.compile(".*_(\\d{1,9})_chunk", Pattern.DOTALL);
    private static final Pattern OF_A_HYPERTABLE =
            Pattern.compile("_(?:compressed_hypertable|materialized_hypertable|direct_view|partial_view)_(\\d{1,9})");

    private final TableName named;
    private final long chunk;
    private final long hypertable;

    private ReserveNumbers(TableName named, long chunk, long hypertable) {
        this.named = named;
        this.chunk = chunk;
        this.hypertable = hypertable;
    }

    /** Looks for such names in the plan. */
    static ReserveNumbers of(RestorePlan plan) {
        Set<String> schemas = new HashSet<>(Set.of(INTERNAL));
        plan.hypertables().forEach(table -> schemas.add(table.hypertable().chunkSchema()));
        TableName named = new TableName("", "");
        long chunk = 0;
        long hypertable = 0;
        for (SchemaEntry entry : plan.entries()) {
            if (!RELATIONS.contains(entry.type()) || entry.schema() == null) {
                continue;
            }
            TableName name = plan.names().of(new TableName(entry.schema(), entry.name()));
            if (!schemas.contains(name.schema())) {
                continue;
            }
            long ofChunk = number(OF_A_CHUNK, name);
            long ofHypertable = number(OF_A_HYPERTABLE, name);
            named = ofChunk + ofHypertable > 0 ? name : named;
            chunk = Math.max(chunk, ofChunk);
            hypertable = Math.max(hypertable, ofHypertable);
        }
        return new ReserveNumbers(named, chunk, hypertable);
    }

    private static long number(Pattern pattern, TableName name) {
        Matcher matcher = pattern.matcher(name.name());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private boolean isNone() {
        return chunk + hypertable == 0;
    }

    /**
     * Makes sure that the role may set them, before anything is touched.
     *
     * @throws BackupException DENIED, naming a relation, when it may not
     */
    void check(Connection connection) throws SQLException {
        if (isNone()) {
            return;
        }
        boolean allowed = Query.one(connection, """
                SELECT current_setting('is_superuser')::boolean
                       OR (SELECT bool_and(has_sequence_privilege(c.oid, 'UPDATE'))
                             FROM pg_catalog.pg_class c WHERE c.oid IN (to_regclass(?), to_regclass(?)))
                """, row -> row.getBoolean(1), CHUNKS, HYPERTABLES);
        if (!allowed) {
            throw new BackupException(
                    Problem.DENIED,
                    "role " + Query.one(connection, "SELECT current_user", row -> row.getString(1))
                            + " may not restore "
                            + named
                            + ": TimescaleDB could give a chunk of the target that name, and only a superuser may"
                            + " set its numbers beyond that",
                    "restore as a superuser, or give the table another name with --rename, or leave it out with"
                            + " --exclude.");
        }
    }

    /** Sets them; never back. */
    void run(Connection connection) throws SQLException {
        reserve(connection, CHUNKS, chunk);
        reserve(connection, HYPERTABLES, hypertable);
    }

    private static void reserve(Connection connection, String sequence, long number) throws SQLException {
        if (number > 0) {
            Query.execute(
                    connection,
                    "SELECT pg_catalog.setval(" + Identifiers.literal(sequence) + "::pg_catalog.regclass, " + number
                            + ") FROM " + sequence + " WHERE last_value <= " + number);
        }
    }
}
