package io.hyperkeep.schema;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.JobEntry.Procedure;
import io.hyperkeep.manifest.JobEntry.Schedule;
import io.hyperkeep.manifest.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Statements that make a policy or a user-defined job what it was. Thread-safe: it has no state.
 *
 * <p>A policy is added by its own function, because only those tie it to its table, with no more than that function
 * needs; {@code alter_job} then says the rest, with the whole configuration. Both belong into one transaction of the
 * job's owner: TimescaleDB's scheduler then never sees the job otherwise than it is at the commit.
 */
public final class JobDdl {
    /** Policies that have a function of their own, which ties them to their table. */
    private static final Set<String> KNOWN = Set.of(
            "policy_retention",
            "policy_compression",
            "policy_refresh_continuous_aggregate",
            "policy_reorder",
            "policy_compaction");

    private static final Set<String> INTEGERS = Set.of("smallint", "integer", "bigint");

    private JobDdl() {}

    /**
     * Creates the job; a query that answers with its number.
     *
     * @param job as the manifest says, its names being those of the target
     * @param dimensionType the type of the first dimension of what the job belongs to, or null for none: a limit that is
     *     a number has to be of that type
     * @param timescaleSchema schema of TimescaleDB's functions in the target
     */
    public static String create(JobEntry job, @Nullable String dimensionType, String timescaleSchema) {
        Call call = job.on() == null || !job.isPolicy() ? addJob(job) : addPolicy(job, job.on(), dimensionType);
        return "SELECT " + call.sql(timescaleSchema);
    }

    /**
     * Ties a user-defined job to the hypertable or aggregate that it was tied to, which no function does that adds one; a
     * query of one row, or null when there is nothing to do.
     *
     * @param id its number in the target, or what stands for it
     */
    public static @Nullable String attach(JobEntry job, String id) {
        return job.on() == null || job.isPolicy() && !isAdded(job)
                ? null
                : "SELECT FROM _timescaledb_functions.alter_job_set_hypertable_id(" + id + ", " + relation(job.on())
                        + ")";
    }

    /** Whether it is a policy of a version that this one does not know, which is added as a user's job is. */
    private static boolean isAdded(JobEntry job) {
        return !KNOWN.contains(job.procedure().name());
    }

    /**
     * Makes a job that {@link #create} just made all that it was; a query of one row.
     *
     * @param id its number in the target, or what stands for it
     * @param scheduled whether it is to be on
     */
    public static String complete(JobEntry job, String id, String timescaleSchema, boolean scheduled) {
        Call call = new Call("alter_job")
                .with("job_id", id)
                .with("schedule_interval", interval(job.schedule().interval()))
                .with("max_runtime", interval(job.limits().maxRuntime()))
                .with("max_retries", Integer.toString(job.limits().maxRetries()))
                .with("retry_period", interval(job.limits().retryPeriod()))
                .with("scheduled", Boolean.toString(scheduled))
                .with("fixed_schedule", Boolean.toString(job.schedule().fixed()))
                .with("config", config(job));
        if (job.schedule().initialStart() != null) {
            call.with("initial_start", time(job.schedule().initialStart()));
        }
        if (job.name() != null) {
            call.with("job_name", Identifiers.literal(job.name()));
        }
        return "SELECT FROM " + call.with("timezone", timezone(job.schedule())).sql(timescaleSchema);
    }

    /**
     * Switches a job on; a query of one row.
     *
     * @param id its number in the target
     * @param nextStart when it is to run next
     */
    public static String switchOn(JobEntry job, long id, String nextStart, String timescaleSchema) {
        // alter_job takes a time zone that is not given for none
        return "SELECT FROM "
                + new Call("alter_job")
                        .with("job_id", Long.toString(id))
                        .with("scheduled", "true")
                        .with("next_start", time(nextStart))
                        .with("timezone", timezone(job.schedule()))
                        .sql(timescaleSchema);
    }

    private static Call addJob(JobEntry job) {
        Call call = new Call("add_job")
                .with("proc", routine(job.procedure(), "integer, jsonb"))
                .with("schedule_interval", interval(job.schedule().interval()))
                .with("config", config(job))
                .with("scheduled", "false")
                .with("fixed_schedule", Boolean.toString(job.schedule().fixed()));
        if (job.check() != null) {
            call.with("check_config", routine(job.check(), "jsonb"));
        }
        return started(call, job.schedule());
    }

    private static Call addPolicy(JobEntry job, TableName on, @Nullable String dimensionType) {
        String number = dimensionType != null && INTEGERS.contains(dimensionType) ? dimensionType : "bigint";
        JsonNode config = JsonMapper.shared().readTree(job.config() == null ? "{}" : job.config());
        String relation = relation(on);
        return switch (job.procedure().name()) {
            case "policy_retention" ->
                started(
                        new Call("add_retention_policy")
                                .with("relation", relation)
                                .with(config, "drop_after", number)
                                .with(config, "drop_created_before", number),
                        job.schedule());
            case "policy_compression" ->
                started(
                        new Call("add_compression_policy")
                                .with("hypertable", relation)
                                .with(config, "compress_after", number)
                                .with(config, "compress_created_before", number),
                        job.schedule());
            case "policy_refresh_continuous_aggregate" ->
                started(
                        new Call("add_continuous_aggregate_policy")
                                .with("continuous_aggregate", relation)
                                .with("start_offset", value(config.get("start_offset"), number))
                                .with("end_offset", value(config.get("end_offset"), number))
                                .with(
                                        "schedule_interval",
                                        interval(job.schedule().interval())),
                        job.schedule());
            case "policy_reorder" ->
                started(
                        new Call("add_reorder_policy")
                                .with("hypertable", relation)
                                .with("index_name", indexName(job)),
                        job.schedule());
            case "policy_compaction" ->
                started(new Call("add_compaction_policy").with("hypertable", relation), job.schedule());
            // of a version that this one does not know: its table has to be told by the configuration alone
            default -> addJob(job);
        };
    }

    private static String indexName(JobEntry job) {
        TableName index = job.relations().get(JobEntry.INDEX);
        return index == null ? "NULL" : Identifiers.literal(index.name());
    }

    /** How a policy's function is told that its schedule is fixed: by a start, and else it is not. */
    private static Call started(Call call, Schedule schedule) {
        return schedule.initialStart() == null
                ? call
                : call.with("initial_start", time(schedule.initialStart())).with("timezone", timezone(schedule));
    }

    /** The configuration with the numbers that tables and aggregates have in the target. */
    private static String config(JobEntry job) {
        if (job.config() == null) {
            return "NULL";
        }
        StringBuilder config = new StringBuilder(Identifiers.literal(job.config())).append("::pg_catalog.jsonb");
        new TreeMap<>(job.relations()).forEach((key, relation) -> config.append(" || pg_catalog.jsonb_build_object(")
                .append(Identifiers.literal(key))
                .append(", ")
                .append(key.equals(JobEntry.INDEX) ? Identifiers.literal(relation.name()) : number(relation))
                .append(')'));
        return config.toString();
    }

    /** The number of a hypertable, or of what holds the rows of an aggregate, in the database where this is asked. */
    private static String number(TableName name) {
        return "(SELECT h.id FROM _timescaledb_catalog.hypertable h"
                + " LEFT JOIN _timescaledb_catalog.continuous_agg a ON a.mat_hypertable_id = h.id"
                + " WHERE coalesce(a.user_view_schema, h.schema_name) = " + Identifiers.literal(name.schema())
                + " AND coalesce(a.user_view_name, h.table_name) = " + Identifiers.literal(name.name()) + ")";
    }

    /** A limit of time: an interval, or a number for a table whose time is one. */
    private static String value(@Nullable JsonNode value, String number) {
        if (value == null || value.isNull()) {
            return "NULL";
        }
        if (!value.isValueNode()) {
            return Identifiers.literal(value.toString()) + "::pg_catalog.interval"; // which the server refuses by name
        }
        return value.isNumber() ? Identifiers.literal(value.asString()) + "::" + number : interval(value.asString());
    }

    private static String interval(String text) {
        return Identifiers.literal(text) + "::pg_catalog.interval";
    }

    private static String time(String text) {
        return Identifiers.literal(text) + "::pg_catalog.timestamptz";
    }

    private static String timezone(Schedule schedule) {
        return schedule.timezone() == null ? "NULL" : Identifiers.literal(schedule.timezone());
    }

    private static String relation(TableName name) {
        return Identifiers.literal(Identifiers.quote(name)) + "::pg_catalog.regclass";
    }

    /** With its arguments it is found even if there are others of its name. */
    private static String routine(Procedure procedure, String arguments) {
        return Identifiers.literal(Identifiers.quote(procedure.schema()) + "." + Identifiers.quote(procedure.name())
                        + "(" + arguments + ")")
                + "::pg_catalog.regprocedure::pg_catalog.regproc";
    }

    /** A call with named arguments. For one thread. */
    private static final class Call {
        private final String function;
        private final List<String> arguments = new ArrayList<>();

        Call(String function) {
            this.function = function;
        }

        Call with(String argument, String value) {
            arguments.add(argument + " => " + value);
            return this;
        }

        Call with(JsonNode config, String key, String number) {
            return config.path(key).isMissingNode() ? this : with(key, value(config.get(key), number));
        }

        String sql(String schema) {
            return Identifiers.quote(schema) + "." + function + "(" + String.join(", ", arguments) + ")";
        }
    }
}
