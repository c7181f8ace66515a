package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.JobEntry.Limits;
import io.hyperkeep.manifest.JobEntry.Procedure;
import io.hyperkeep.manifest.JobEntry.Schedule;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads policies and user-defined jobs from TimescaleDB's catalog, in whatever snapshot the connection is in.
 *
 * <p>{@code _timescaledb_config.bgw_job} is read rather than {@code timescaledb_information.jobs}, which has no time
 * zone. Jobs below 1000 are TimescaleDB's own housekeeping, which every database has.
 */
public final class DiscoverJobs {
    private static final String JOBS = """
            WITH relation AS (
                SELECT h.id, coalesce(a.user_view_schema, h.schema_name) AS schema,
                       coalesce(a.user_view_name, h.table_name) AS name
                  FROM _timescaledb_catalog.hypertable h
                  LEFT JOIN _timescaledb_catalog.continuous_agg a ON a.mat_hypertable_id = h.id),
            routine AS (
                SELECT n.nspname AS schema, p.proname AS name, max(e.extname) AS extension
                  FROM pg_catalog.pg_proc p
                  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                  JOIN pg_catalog.pg_depend d
                    ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
                  JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
                 GROUP BY n.nspname, p.proname)
            SELECT j.id, j.proc_schema, j.proc_name, called.extension, j.check_schema, j.check_name, checked.extension,
                   r.schema, r.name, j.application_name, pg_get_userbyid(j.owner::oid), j.scheduled,
                   j.schedule_interval::text, j.fixed_schedule, j.initial_start::text, j.timezone, s.next_start::text,
                   j.max_runtime::text, j.max_retries, j.retry_period::text,
                   CASE WHEN h.id IS NULL AND m.id IS NULL THEN j.config
                        ELSE j.config - array_remove(ARRAY[CASE WHEN h.id IS NOT NULL THEN 'hypertable_id' END,
                                                           CASE WHEN m.id IS NOT NULL THEN 'mat_hypertable_id' END,
                                                           CASE WHEN h.id IS NOT NULL THEN 'index_name' END], NULL)
                        END::text,
                   h.schema, h.name, m.schema, m.name, h.schema, j.config->>'index_name'
              FROM _timescaledb_config.bgw_job j
              LEFT JOIN relation r ON r.id = j.hypertable_id
              LEFT JOIN routine called ON (called.schema, called.name) = (j.proc_schema, j.proc_name)
              LEFT JOIN routine checked ON (checked.schema, checked.name) = (j.check_schema, j.check_name)
              LEFT JOIN relation h
                ON called.extension = 'timescaledb' AND to_jsonb(h.id) = j.config->'hypertable_id'
              LEFT JOIN relation m
                ON called.extension = 'timescaledb' AND to_jsonb(m.id) = j.config->'mat_hypertable_id'
              LEFT JOIN _timescaledb_internal.bgw_job_stat s ON s.job_id = j.id
             WHERE j.id >= 1000
             ORDER BY j.id
            """;

    private DiscoverJobs() {}

    /**
     * The policies of selected tables and aggregates, and every user-defined job, in the order of their numbers.
     *
     * @param connection in a database that has TimescaleDB, in a session in UTC
     */
    public static List<JobEntry> read(Connection connection, Predicate<TableName> selected) throws SQLException {
        return Query.list(connection, JOBS, DiscoverJobs::job).stream()
                .filter(job -> job.on() == null || selected.test(job.on()))
                .toList();
    }

    /**
     * Jobs that no restore can bring back as they are, in both kinds of backup.
     *
     * @param connection in a database that has TimescaleDB, in a session in UTC
     */
    public static List<Warning> notRestorable(Connection connection, Predicate<TableName> selected)
            throws SQLException {
        return read(connection, selected).stream()
                .filter(JobEntry::endsServer)
                .map(job -> new Warning(
                        "job-not-restorable",
                        job.label()
                                + " has no configuration, and TimescaleDB ends the server when such a job is altered:"
                                + " a restore does not bring it back as it is. SELECT delete_job(" + job.id()
                                + ") removes it; add_continuous_aggregate_policy adds a right one"))
                .toList();
    }

    private static JobEntry job(ResultSet row) throws SQLException {
        long id = row.getLong(1);
        Procedure procedure = new Procedure(row.getString(2), row.getString(3), row.getString(4));
        Map<String, TableName> relations = new HashMap<>();
        if (row.getString(23) != null) {
            relations.put(JobEntry.HYPERTABLE, new TableName(row.getString(22), row.getString(23)));
        }
        if (row.getString(25) != null) {
            relations.put(JobEntry.MATERIALIZATION, new TableName(row.getString(24), row.getString(25)));
        }
        // an index is in the schema of its table
        if (row.getString(26) != null && row.getString(27) != null) {
            relations.put(JobEntry.INDEX, new TableName(row.getString(26), row.getString(27)));
        }
        return new JobEntry(
                id,
                procedure,
                row.getString(6) == null ? null : new Procedure(row.getString(5), row.getString(6), row.getString(7)),
                row.getString(9) == null ? null : new TableName(row.getString(8), row.getString(9)),
                givenName(row.getString(10), id),
                row.getString(11),
                row.getBoolean(12),
                new Schedule(
                        row.getString(13), row.getBoolean(14), row.getString(15), row.getString(16), row.getString(17)),
                new Limits(row.getString(18), row.getInt(19), row.getString(20)),
                row.getString(21),
                relations);
    }

    /** TimescaleDB calls its own jobs otherwise in each version, and adds the number to whatever name a job has. */
    private static @Nullable String givenName(String applicationName, long id) {
        String suffix = " [" + id + "]";
        String name = applicationName.endsWith(suffix)
                ? applicationName.substring(0, applicationName.length() - suffix.length())
                : applicationName;
        return name.equals("User-Defined Action") || name.endsWith(" Policy") ? null : name;
    }
}
