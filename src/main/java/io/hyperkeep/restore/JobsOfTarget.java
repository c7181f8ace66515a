package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.JobEntry.Procedure;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs the target can have.
 *
 * @param possible those that it can
 * @param warnings one for each of the others
 */
record JobsOfTarget(List<JobEntry> possible, List<Warning> warnings) {
    JobsOfTarget {
        possible = List.copyOf(possible);
        warnings = List.copyOf(warnings);
    }

    /**
     * Looks for the tables and procedures that each job needs, when they are created.
     *
     * @param jobs those that {@link #beforehand} found possible
     */
    static JobsOfTarget of(Connection connection, ServerCapabilities server, List<JobEntry> jobs) throws SQLException {
        return divide(jobs, new Needs(connection, server)::missing);
    }

    /** Looks at what the server has to have, the edition and the owners, before there is anything in the target. */
    static JobsOfTarget beforehand(Connection connection, ServerCapabilities server, List<JobEntry> jobs)
            throws SQLException {
        return divide(jobs, new Needs(connection, server)::missingFromServer);
    }

    @FunctionalInterface
    private interface Look {
        @Nullable
        String missing(JobEntry job) throws SQLException;
    }

    private static JobsOfTarget divide(List<JobEntry> jobs, Look look) throws SQLException {
        List<JobEntry> possible = new ArrayList<>();
        List<Warning> warnings = new ArrayList<>();
        for (JobEntry job : jobs) {
            String missing = look.missing(job);
            if (missing == null) {
                possible.add(job);
            } else {
                warnings.add(new Warning("job-not-restored", job.label() + " is not restored: " + missing));
            }
        }
        return new JobsOfTarget(possible, warnings);
    }

    private static final class Needs {
        private final Connection connection;
        private final ServerCapabilities server;
        private final Set<String> mayLogIn;
        private final Set<TableName> relations = new HashSet<>();

        Needs(Connection connection, ServerCapabilities server) throws SQLException {
            this.connection = connection;
            this.server = server;
            this.mayLogIn = Set.copyOf(Query.list(
                    connection, "SELECT rolname FROM pg_catalog.pg_roles WHERE rolcanlogin", row -> row.getString(1)));
            if (server.hasTimescale()) {
                relations.addAll(Query.list(connection, """
                        SELECT hypertable_schema, hypertable_name FROM timescaledb_information.hypertables
                         UNION ALL
                        SELECT view_schema, view_name FROM timescaledb_information.continuous_aggregates
                        """, row -> new TableName(row.getString(1), row.getString(2))));
            }
        }

        @Nullable
        String missingFromServer(JobEntry job) {
            if (job.endsServer()) {
                return "it has no configuration, and TimescaleDB ends the server when such a job is altered";
            }
            if (!server.hasTimescale()) {
                return "there is no TimescaleDB in the target";
            }
            if (!server.communityEdition()) {
                return "the target's TimescaleDB is the Apache edition, which has neither policies nor jobs";
            }
            // TimescaleDB starts a job's process as its owner logs in
            return mayLogIn.contains(job.owner())
                    ? null
                    : "its owner " + job.owner() + " may not log in, and jobs run as their owner; ALTER ROLE "
                            + Identifiers.quote(job.owner()) + " LOGIN, before the restore";
        }

        @Nullable
        String missing(JobEntry job) throws SQLException {
            if (job.on() != null && !relations.contains(job.on())) {
                return "there is no hypertable or continuous aggregate " + job.on() + " in the target";
            }
            if (!exists(job.procedure(), "integer, jsonb")) {
                return "there is no procedure " + job.procedure() + "(integer, jsonb) in the target";
            }
            return job.check() == null || exists(job.check(), "jsonb")
                    ? null
                    : "there is no function " + job.check() + "(jsonb) in the target, which checks its configuration";
        }

        private boolean exists(Procedure procedure, String arguments) throws SQLException {
            return Query.one(
                    connection,
                    "SELECT to_regprocedure(?) IS NOT NULL",
                    row -> row.getBoolean(1),
                    Identifiers.quote(procedure.schema()) + "." + Identifiers.quote(procedure.name()) + "(" + arguments
                            + ")");
        }
    }
}
