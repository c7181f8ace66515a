package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.schema.JobDdl;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Creates policies and user-defined jobs, off: {@link SwitchJobsOn} comes when everything was compared. Repeatable: the
 * ledger says which there are.
 *
 * <p>Each is created and switched off by one transaction. TimescaleDB's scheduler is another session, which sees rows
 * that are committed and no others: what it sees first is a job that is off.
 */
public final class CreateJobs {
    private final Connections connections;
    private final String application;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public CreateJobs(Connections connections, String application) {
        this.connections = connections;
        this.application = application + "/create-jobs";
    }

    /**
     * What became of the jobs.
     *
     * @param jobs those that are in the target now, off
     * @param warnings what is not restored, and why
     */
    public record Created(List<JobEntry> jobs, List<Warning> warnings) {
        public Created {
            jobs = List.copyOf(jobs);
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Creates those that the target can have.
     *
     * @throws BackupException when the server can not be asked; a job that it refuses is a warning, as a check of a
     *     user's own may refuse what it took in the source
     */
    public Created run(RestorePlan plan) {
        if (plan.jobs().isEmpty()) {
            return new Created(List.of(), List.of());
        }
        List<JobEntry> there = new ArrayList<>();
        Ledger ledger = Ledger.of(plan);
        try (Connection connection = connections.open(application)) {
            ServerCapabilities server = ServerCapabilities.of(connection);
            // what the server can not have was told before the target was touched
            JobsOfTarget jobs = JobsOfTarget.of(
                    connection,
                    server,
                    JobsOfTarget.beforehand(connection, server, plan.jobs()).possible());
            List<Warning> warnings = new ArrayList<>(jobs.warnings());
            Set<String> done = ledger.done(connection);
            SearchPaths searchPaths = SearchPaths.read(connection, plan);
            connection.setAutoCommit(false);
            for (JobEntry job : jobs.possible()) {
                try {
                    if (!done.contains(item(job))) {
                        create(
                                connection,
                                ledger,
                                job,
                                dimensionType(plan, job.on()),
                                searchPaths.of(job.owner()),
                                Objects.requireNonNull(server.timescaleSchema()));
                    }
                    there.add(job);
                    if (namesNumbers(job)) {
                        warnings.add(new Warning(
                                "job-configuration",
                                "the configuration of " + job.label()
                                        + " holds the number of a hypertable of the source, and"
                                        + " was restored as it is: " + job.config()));
                    }
                } catch (SQLException e) {
                    connection.rollback();
                    BackupException failure = ServerErrors.translate(job.label() + " is not restored", e);
                    if (!ServerErrors.isRefusal(e)) {
                        throw failure;
                    }
                    warnings.add(new Warning("job-not-restored", failure.getMessage()));
                }
            }
            return new Created(there, warnings);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot create jobs in " + connections.address(), e);
        }
    }

    /** What numbers mean in a user's own configuration only the user knows. */
    private static boolean namesNumbers(JobEntry job) {
        return !job.isPolicy()
                && job.config() != null
                && Stream.of(JobEntry.HYPERTABLE, JobEntry.MATERIALIZATION).anyMatch(key -> JsonMapper.shared()
                        .readTree(job.config())
                        .path(key)
                        .isIntegralNumber());
    }

    private static String item(JobEntry job) {
        return "job " + job.id();
    }

    /** Of a table that the plan does not create, the target has it already: a limit of it is taken as it comes. */
    private static @Nullable String dimensionType(RestorePlan plan, @Nullable TableName on) {
        return plan.hypertables().stream()
                .filter(table -> table.name().equals(on))
                .map(table ->
                        Objects.requireNonNull(table.hypertable()).dimensions().get(0))
                .map(Dimension::columnType)
                .findFirst()
                .orElse(null);
    }

    private static void create(
            Connection connection,
            Ledger ledger,
            JobEntry job,
            @Nullable String dimensionType,
            String searchPath,
            String timescale)
            throws SQLException {
        ledger.enter(connection, item(job), 0, null, false);
        // whoever adds a job owns it; to the end of the transaction
        Query.execute(connection, "SET LOCAL ROLE " + Identifiers.quote(job.owner()));
        // functions that say what "now" is, and those that check a configuration, are run as in the owner's sessions
        SearchPaths.set(connection, searchPath);
        long id = Query.one(connection, JobDdl.create(job, dimensionType, timescale), row -> row.getLong(1));
        Query.execute(connection, JobDdl.complete(job, Long.toString(id), timescale, false));
        String attach = JobDdl.attach(job, Long.toString(id));
        if (attach != null) {
            Query.execute(connection, attach);
        }
        SearchPaths.set(connection, "");
        connection.commit();
    }
}
