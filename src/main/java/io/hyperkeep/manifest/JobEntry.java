package io.hyperkeep.manifest;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A policy, or a user-defined job, of TimescaleDB's scheduler. Texts are PostgreSQL's own, as a session in UTC prints
 * them.
 *
 * @param id its number in the source; a restored job has another one
 * @param procedure what it calls
 * @param check what its configuration is checked with, or null
 * @param on the hypertable or, by its view's name, the continuous aggregate that a policy belongs to; null for a
 *     user-defined job
 * @param name the name that somebody gave it, or null for TimescaleDB's own
 * @param owner the role that it runs as
 * @param scheduled whether it was on
 * @param schedule when it runs
 * @param limits how long and how often it may try
 * @param config its configuration, the text of a {@code jsonb}, or null
 * @param relations what the configuration of one of TimescaleDB's own procedures has beside that, under
 *     {@link #HYPERTABLE}, {@link #MATERIALIZATION} or {@link #INDEX}: names here, of an aggregate its view's, instead of
 *     numbers there that mean nothing elsewhere
 */
public record JobEntry(
        long id,
        Procedure procedure,
        @Nullable Procedure check,
        @Nullable TableName on,
        @Nullable String name,
        String owner,
        boolean scheduled,
        Schedule schedule,
        Limits limits,
        @Nullable String config,
        Map<String, TableName> relations) {
    /** The key of a number of a hypertable. */
    public static final String HYPERTABLE = "hypertable_id";

    /** The key of the number of what holds an aggregate's rows. */
    public static final String MATERIALIZATION = "mat_hypertable_id";

    /** The key of an index's name, without its schema. */
    public static final String INDEX = "index_name";

    public JobEntry {
        relations = Map.copyOf(relations);
    }

    /**
     * A procedure or function.
     *
     * @param schema its schema
     * @param name its name, without arguments
     * @param extension the extension that it comes with, or null for a user's: the schema dump has that
     */
    public record Procedure(
            String schema, String name, @Nullable String extension) {
        /**
         * Whether it comes with an extension, or with these entries of a schema.
         *
         * @param arguments its arguments' types, as {@code pg_dump} writes them in an entry's name
         */
        boolean comesWith(Collection<SchemaEntry> entries, String arguments) {
            // pg_dump's table of contents has a space for each line feed of a name
            String tag = (name + "(" + arguments + ")").replace('\n', ' ').replace('\r', ' ');
            return extension != null
                    || entries.stream()
                            .filter(entry -> entry.type().equals("PROCEDURE")
                                    || entry.type().equals("FUNCTION"))
                            .anyMatch(entry -> schema.equals(entry.schema()) && tag.equals(entry.name()));
        }

        @Override
        public String toString() {
            return schema + "." + name;
        }
    }

    /**
     * When a job runs.
     *
     * @param interval from one start to the next, or, unless it is fixed, from one end to the next start
     * @param fixed whether starts are aligned with {@code initialStart}
     * @param initialStart when it was to run first, or null
     * @param timezone the time zone of a fixed schedule, or null for UTC
     * @param nextStart when the source would have run it next, {@code infinity} for never, or null when that was not
     *     known
     */
    public record Schedule(
            String interval,
            boolean fixed,
            @Nullable String initialStart,
            @Nullable String timezone,
            @Nullable String nextStart) {}

    /**
     * How long and how often a job may try.
     *
     * @param maxRuntime when it is ended, {@code 00:00:00} for never
     * @param maxRetries after failures in a row, -1 for without end
     * @param retryPeriod between a failure and the next try
     */
    public record Limits(String maxRuntime, int maxRetries, String retryPeriod) {}

    /** Whether the procedure that it calls comes with an extension, or with these entries of a schema. */
    public boolean callsOneOf(Collection<SchemaEntry> entries) {
        return procedure.comesWith(entries, "integer, jsonb");
    }

    /** Whether what checks its configuration, if anything does, comes with an extension or with these entries. */
    public boolean isCheckedByOneOf(Collection<SchemaEntry> entries) {
        return check == null || check.comesWith(entries, "jsonb");
    }

    /** Whether it is one of TimescaleDB's own procedures, whose configuration names tables by number. */
    @JsonIgnore
    public boolean isPolicy() {
        return Objects.equals(procedure.extension(), "timescaledb");
    }

    /**
     * Whether {@code alter_job} of it, whatever it is to change, would end the server's processes: it reads the
     * configuration of whatever is called as a refresh policy is, without looking whether there is one.
     */
    @JsonIgnore
    public boolean endsServer() {
        return config == null && procedure.name().equals("policy_refresh_continuous_aggregate");
    }

    /** For messages: {@code job 1003 (policy_retention on app.metrics)}. */
    @JsonIgnore
    public String label() {
        return "job " + id + " (" + (on == null ? procedure : procedure.name() + " on " + on) + ")";
    }
}
