package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.JobEntry;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Says what a retention policy would drop if it ran now. For one thread. */
final class RetentionAtOnce {
    private final Connection connection;
    private final String timescale;

    /**
     * @param connection to the target, where the policy's table is
     * @param timescale schema of TimescaleDB's functions there
     */
    RetentionAtOnce(Connection connection, String timescale) {
        this.connection = connection;
        this.timescale = timescale;
    }

    /**
     * The number of chunks that it would drop; 0 for every other job.
     *
     * @param job as the manifest says
     */
    long chunks(JobEntry job) throws SQLException {
        if (!job.isPolicy()
                || !job.procedure().name().equals("policy_retention")
                || job.on() == null
                || job.config() == null) {
            return 0;
        }
        JsonNode config = JsonMapper.shared().readTree(job.config());
        String relation = Identifiers.quote(job.on());
        JsonNode after = config.get("drop_after");
        JsonNode created = config.get("drop_created_before");
        // any other limit is none that the policy can work with: it drops nothing
        if (after == null || !after.isNumber() && !after.isString()) {
            return created != null && created.isString()
                    ? count("created_before => ?::interval", relation, created.asString())
                    : 0;
        }
        return after.isNumber()
                ? countByNumber(job, relation, after.asLong())
                : count("older_than => ?::interval", relation, after.asString());
    }

    private long count(String limit, String relation, Object value) throws SQLException {
        return Query.one(
                connection,
                "SELECT count(*) FROM " + Identifiers.quote(timescale) + ".show_chunks(?::regclass, " + limit + ")",
                row -> row.getLong(1),
                relation,
                value);
    }

    private record Now(String function, String type) {}

    private long countByNumber(JobEntry job, String relation, long after) throws SQLException {
        Now now = now(job);
        long limit = Query.one(
                connection, "SELECT " + now.function() + "()::bigint - ?::bigint", row -> row.getLong(1), after);
        return count("older_than => ?::" + now.type(), relation, limit);
    }

    /** What says "now" of a table whose time is a number; of an aggregate, the table's that it begins with. */
    private Now now(JobEntry job) throws SQLException {
        return Query.one(
                connection,
                """
                WITH RECURSIVE source AS (
                    SELECT h.id, 0 AS level FROM _timescaledb_catalog.hypertable h
                      LEFT JOIN _timescaledb_catalog.continuous_agg a ON a.mat_hypertable_id = h.id
                     WHERE coalesce(a.user_view_schema, h.schema_name) = ?
                       AND coalesce(a.user_view_name, h.table_name) = ?
                     UNION ALL
                    SELECT a.raw_hypertable_id, level + 1 FROM source s
                      JOIN _timescaledb_catalog.continuous_agg a ON a.mat_hypertable_id = s.id)
                SELECT d.integer_now_func_schema, d.integer_now_func, d.column_type::regtype::text
                  FROM source s JOIN _timescaledb_catalog.dimension d ON d.hypertable_id = s.id
                 WHERE d.integer_now_func IS NOT NULL ORDER BY s.level LIMIT 1
                """,
                row -> new Now(
                        Identifiers.quote(row.getString(1)) + "." + Identifiers.quote(row.getString(2)),
                        row.getString(3)),
                Objects.requireNonNull(job.on()).schema(),
                job.on().name());
    }
}
