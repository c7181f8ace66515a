package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverJobs;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.JobEntry.Schedule;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.schema.JobDdl;
import io.hyperkeep.verify.CompareJobs;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Switches restored jobs on, when everything was compared. Repeatable: one that is on is left alone. For one thread.
 *
 * <p>No job starts in the moment in which it is switched on: one whose next start, in the source, has passed meanwhile
 * starts at its next regular time. A retention policy that would then drop chunks that were just restored stays off,
 * unless it was asked for. The reasons are in decision 0012.
 */
final class SwitchJobsOn {
    private static final String HINT = "switch it on with SELECT alter_job(";

    private final Connection connection;
    private final ServerCapabilities server;
    private final JobsAtEnd which;
    private final SearchPaths searchPaths;
    private final List<Warning> warnings = new ArrayList<>();

    /**
     * @param connection in a transaction, which the caller commits
     * @param which those to switch on
     * @param searchPaths what their owners' sessions find names with
     */
    SwitchJobsOn(Connection connection, JobsAtEnd which, SearchPaths searchPaths) throws SQLException {
        this.connection = connection;
        this.server = ServerCapabilities.of(connection);
        this.which = which;
        this.searchPaths = searchPaths;
    }

    /**
     * Switches them on.
     *
     * @param jobs the restored ones, as they have to be
     */
    RestoredJobs run(List<JobEntry> jobs) throws SQLException {
        List<JobEntry> there = server.communityEdition() ? DiscoverJobs.read(connection, name -> true) : List.of();
        for (CompareJobs.Pair pair : toBeOn(jobs)) {
            JobEntry found = pair.found();
            // altering one of an aggregate's policies reads the configurations of all
            JobEntry harmful = there.stream()
                    .filter(JobEntry::endsServer)
                    .filter(job -> job.id() == found.id()
                            || job.on() != null && job.on().equals(found.on()) && isRefresh(found))
                    .findFirst()
                    .orElse(null);
            if (harmful == null) {
                switchOn(pair.expected(), found.id());
            } else {
                warnings.add(new Warning(
                        "job-off",
                        pair.expected().label() + " is restored as job " + found.id() + " but stays off: job "
                                + harmful.id() + " has no configuration, and TimescaleDB ends the server when "
                                + (harmful.id() == found.id() ? "it is" : "one of the same aggregate is")
                                + " altered; SELECT delete_job(" + harmful.id() + ") removes it"));
            }
        }
        return counted(jobs);
    }

    private static boolean isRefresh(JobEntry job) {
        return job.procedure().name().equals("policy_refresh_continuous_aggregate");
    }

    /** Looks at them, after whoever switched them on. */
    RestoredJobs look(List<JobEntry> jobs) throws SQLException {
        for (CompareJobs.Pair pair : toBeOn(jobs)) {
            stays(pair.expected(), pair.found().id(), "the run that restored it said why");
        }
        return counted(jobs);
    }

    /** Names retention policies that the target had before, and that will drop what came into their tables. */
    void nameDropping(Set<TableName> tables) throws SQLException {
        if (!server.communityEdition()) {
            return;
        }
        RetentionAtOnce retention = new RetentionAtOnce(connection, Objects.requireNonNull(server.timescaleSchema()));
        for (JobEntry job : DiscoverJobs.read(connection, tables::contains)) {
            if (job.scheduled() && job.on() != null) {
                long chunks = retention.chunks(job);
                if (chunks > 0) {
                    warnings.add(new Warning(
                            "job-on",
                            job.label() + " was in the target before and is on: it drops " + chunks + " chunks of "
                                    + job.on() + " at its next run; SELECT alter_job(" + job.id()
                                    + ", scheduled => false) switches it off"));
                }
            }
        }
    }

    /** Those that are to be on and are not. */
    private List<CompareJobs.Pair> toBeOn(List<JobEntry> jobs) throws SQLException {
        return which == JobsAtEnd.OFF
                ? List.of()
                : restored(jobs).stream()
                        .filter(pair ->
                                pair.expected().scheduled() && !pair.found().scheduled())
                        .toList();
    }

    private RestoredJobs counted(List<JobEntry> jobs) throws SQLException {
        List<CompareJobs.Pair> restored = restored(jobs);
        long on = restored.stream().filter(pair -> pair.found().scheduled()).count();
        return new RestoredJobs(restored.size(), (int) on, warnings);
    }

    private List<CompareJobs.Pair> restored(List<JobEntry> jobs) throws SQLException {
        if (jobs.isEmpty() || !server.communityEdition()) {
            return List.of();
        }
        return CompareJobs.pair(jobs, DiscoverJobs.read(connection, name -> true)).pairs().stream()
                .filter(CompareJobs.Pair::isSame)
                .toList();
    }

    private void switchOn(JobEntry job, long id) throws SQLException {
        String timescale = Objects.requireNonNull(server.timescaleSchema());
        Query.execute(connection, "SAVEPOINT job");
        try {
            // as TimescaleDB's own processes run it: what says "now" is the users' code
            Query.execute(connection, "SET LOCAL ROLE " + Identifiers.quote(job.owner()));
            String nextStart = nextStart(job.schedule());
            SearchPaths.set(connection, searchPaths.of(job.owner()));
            if (which == JobsAtEnd.AS_IN_SOURCE) {
                long chunks = new RetentionAtOnce(connection, timescale).chunks(job);
                if (chunks > 0) {
                    stays(job, id, "it would at once drop " + chunks + " of the restored chunks of " + job.on());
                    Query.execute(connection, "ROLLBACK TO SAVEPOINT job", "RELEASE SAVEPOINT job");
                    return;
                }
            }
            Query.execute(connection, JobDdl.switchOn(job, id, nextStart, timescale), "RESET ROLE");
            SearchPaths.set(connection, "");
        } catch (SQLException e) {
            if (!ServerErrors.isRefusal(e)) {
                throw e;
            }
            Query.execute(connection, "ROLLBACK TO SAVEPOINT job");
            stays(job, id, ServerErrors.translate("the server says", e).getMessage());
        }
        Query.execute(connection, "RELEASE SAVEPOINT job");
    }

    private void stays(JobEntry job, long id, String why) {
        String timezone = job.schedule().timezone();
        warnings.add(new Warning(
                "job-off",
                job.label() + " is restored as job " + id + " but stays off: " + why + "; " + HINT + id
                        + ", scheduled => true"
                        + (timezone == null ? "" : ", timezone => " + Identifiers.literal(timezone)) + ")"
                        + (which == JobsAtEnd.AS_IN_SOURCE ? ", or restore with --jobs-on" : "")));
    }

    /**
     * The source's next start while that is in the future, {@code infinity} too; else the next time of a fixed
     * schedule, or one interval from now.
     */
    private String nextStart(Schedule schedule) throws SQLException {
        return Query.one(
                connection,
                """
                WITH job AS (
                    SELECT ?::timestamptz AS next_start, ?::interval AS every, ?::boolean AS fixed,
                           ?::timestamptz AS start, coalesce(?, 'UTC') AS zone),
                fixed AS (
                    SELECT start AT TIME ZONE zone AS first, every, zone,
                           floor(extract(epoch FROM now() - start) / extract(epoch FROM every))::bigint AS steps,
                           -- a month counts as thirty days above, which is at most four too many of a hundred
                           extract(year FROM every) * 12 + extract(month FROM every) > 0 AS months
                      FROM job WHERE job.fixed AND isfinite(start) AND extract(epoch FROM every) > 0)
                SELECT CASE WHEN next_start > now() THEN next_start
                            ELSE coalesce((SELECT min(slot) FROM fixed,
                                                  generate_series(CASE WHEN months THEN steps * 9 / 10 ELSE steps END - 2,
                                                                  steps + 2) AS step,
                                                  LATERAL (SELECT (first + greatest(step, 0) * every) AT TIME ZONE zone AS slot) s
                                            WHERE slot > now()),
                                          now() + every) END::text
                  FROM job
                """,
                row -> row.getString(1),
                schedule.nextStart(),
                schedule.interval(),
                schedule.fixed(),
                schedule.initialStart(),
                schedule.timezone());
    }
}
