package io.hyperkeep.runs;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads the record of runs, one statement a question. Thread-safe. */
public final class RunQueries {
    // what is done is counted from the units, so that it is true whichever process asks
    private static final String RUNS = """
            SELECT R.*, CURRENT_TIMESTAMP AS ASKED,
                   (SELECT N.RUN_ID FROM RUN N WHERE N.RESTARTS = R.RUN_ID) AS RESTARTED_AS,
                   (SELECT count(*) FROM RUN_UNIT U WHERE U.RUN_ID = R.RUN_ID) AS UNITS,
                   (SELECT count(*) FROM RUN_UNIT U WHERE U.RUN_ID = R.RUN_ID AND U.STATE = 'DONE') AS UNITS_DONE,
                   (SELECT coalesce(sum(U.ROWS_DONE), 0) FROM RUN_UNIT U WHERE U.RUN_ID = R.RUN_ID) AS ROWS_DONE,
                   (SELECT coalesce(sum(U.BYTES), 0) FROM RUN_UNIT U WHERE U.RUN_ID = R.RUN_ID) AS BYTES_DONE
              FROM RUN R""";

    private final JdbcClient jdbc;

    public RunQueries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A step of a run, as Spring Batch recorded it.
     *
     * @param step its name, a phase; units are not among these
     * @param state Spring Batch's status
     * @param started when it began, or null
     * @param ended when it ended, or null
     */
    public record Step(
            String step,
            String state,
            @Nullable Instant started,
            @Nullable Instant ended) {}

    /**
     * A unit that did not go smoothly.
     *
     * @param unit its id
     * @param table that it is of, or null
     * @param label what it is, in words
     * @param tries how often it was tried
     * @param failure why it failed, or null when the last try succeeded
     */
    public record TriedUnit(
            String unit,
            @Nullable String table,
            String label,
            int tries,
            @Nullable String failure) {}

    /**
     * Everything about one run.
     *
     * @param failedUnits those that failed
     * @param retriedUnits those that succeeded, but not at the first try
     */
    public record Detail(Run run, List<Step> steps, List<TriedUnit> failedUnits, List<TriedUnit> retriedUnits) {}

    /** The newest runs, newest first. */
    public List<Run> list(int limit) {
        return jdbc.sql(RUNS + " ORDER BY RUN_ID DESC LIMIT " + limit)
                .query((row, number) -> run(row))
                .list();
    }

    /** Those that are recorded as running, whether they live or not, oldest first. */
    public List<Run> running() {
        return jdbc.sql(RUNS + " WHERE STATE = 'RUNNING' ORDER BY RUN_ID")
                .query((row, number) -> run(row))
                .list();
    }

    /**
     * Of each plan and job the newest run that ended as it did by itself: nobody stopped it, and it was to be.
     */
    public List<Run> lastOfPlans() {
        return jdbc.sql(RUNS + """
                         WHERE R.RUN_ID IN (
                               SELECT max(RUN_ID) FROM RUN
                                WHERE PLAN_NAME IS NOT NULL AND STATE NOT IN ('RUNNING', 'STOPPED', 'SKIPPED')
                                  AND NOT (STATE = 'ABANDONED' AND FAILURE_CODE = 'interrupted')
                                GROUP BY PLAN_NAME, JOB)
                        """).query((row, number) -> run(row)).list();
    }

    /**
     * How many runs ended alike.
     *
     * @param job {@code backup} and so on
     * @param plan the plan's name, or null for runs without one
     * @param state as {@link Run#state} has it, but of an abandoned run the one that it had before
     */
    public record RunCount(String job, @Nullable String plan, String state, long runs) {}

    /** How many runs of each job and plan ended in which state. None of these numbers ever becomes less. */
    public List<RunCount> counts() {
        return jdbc.sql("""
                        SELECT JOB, PLAN_NAME, ENDED_AS, count(*) FROM (
                               SELECT JOB, PLAN_NAME,
                                      CASE WHEN STATE <> 'ABANDONED' THEN STATE
                                           WHEN FAILURE_CODE = 'interrupted' THEN 'STOPPED'
                                           ELSE 'FAILED' END AS ENDED_AS
                                 FROM RUN WHERE STATE <> 'RUNNING') R
                         GROUP BY JOB, PLAN_NAME, ENDED_AS
                        """)
                .query((row, number) ->
                        new RunCount(row.getString(1), row.getString(2), row.getString(3), row.getLong(4)))
                .list();
    }

    /** The newest backups of a plan, or of backups without one, of this database in this repository, newest first. */
    public List<Run> backups(@Nullable String plan, String database, Path repository, int limit) {
        return jdbc.sql(RUNS + """
                         WHERE JOB = 'backup' AND DATABASE_NAME = ? AND REPOSITORY = ?
                           AND (PLAN_NAME = ? OR PLAN_NAME IS NULL AND CAST(? AS VARCHAR) IS NULL)
                         ORDER BY RUN_ID DESC LIMIT ?
                        """)
                .params(database, repository.toString(), plan, plan, limit)
                .query((row, number) -> run(row))
                .list();
    }

    /**
     * The newest run of a job of a plan before a run that came to an end; those that were skipped do not count.
     *
     * @param job {@code backup}, {@code prune}, {@code verify} or {@code drill}
     */
    public Optional<Run> endedBefore(long run, String job, String plan) {
        return jdbc.sql(RUNS + """
                         WHERE JOB = ? AND PLAN_NAME = ? AND R.RUN_ID < ? AND STATE NOT IN ('RUNNING', 'SKIPPED')
                         ORDER BY RUN_ID DESC LIMIT 1
                        """)
                .params(job, plan, run)
                .query((row, number) -> run(row))
                .optional();
    }

    /**
     * The newest backup before a run, of the same plan, or of backups without one, of this database in this repository, that
     * came to an end; those that were skipped do not count.
     */
    public Optional<Run> backupBefore(long run, @Nullable String plan, String database, Path repository) {
        return jdbc.sql(RUNS + """
                         WHERE JOB = 'backup' AND DATABASE_NAME = ? AND REPOSITORY = ?
                           AND (PLAN_NAME = ? OR PLAN_NAME IS NULL AND CAST(? AS VARCHAR) IS NULL)
                           AND R.RUN_ID < ? AND STATE NOT IN ('RUNNING', 'SKIPPED')
                         ORDER BY RUN_ID DESC LIMIT 1
                        """)
                .params(database, repository.toString(), plan, plan, run)
                .query((row, number) -> run(row))
                .optional();
    }

    /** The drill that restored, or was to restore, into a database of this name: one that no other has. */
    public Optional<Run> drillIn(String database) {
        return jdbc.sql(RUNS + " WHERE JOB = 'drill' AND REQUEST LIKE ? ORDER BY RUN_ID DESC LIMIT 1")
                .param("%\"" + database + "\"%")
                .query((row, number) -> run(row))
                .optional();
    }

    /** The run that this one did a part of, or empty. */
    public Optional<Long> partOf(long number) {
        return jdbc.sql("SELECT PART_OF FROM RUN WHERE RUN_ID = ? AND PART_OF IS NOT NULL")
                .param(number)
                .query(Long.class)
                .optional();
    }

    /** The newest run that did one database's part of any of these runs. */
    public Optional<Run> lastPart(List<Long> wholes, String database) {
        return wholes.isEmpty()
                ? Optional.empty()
                : jdbc.sql(
                                RUNS
                                        + " WHERE PART_OF IN (:wholes) AND DATABASE_NAME = :database ORDER BY RUN_ID DESC LIMIT 1")
                        .param("wholes", wholes)
                        .param("database", database)
                        .query((row, number) -> run(row))
                        .optional();
    }

    /** One run whole, or empty when there is none of that number. */
    public Optional<Detail> show(long number) {
        return find(number)
                .map(run -> new Detail(
                        run,
                        steps(number),
                        units(number, "STATE = 'FAILED'"),
                        units(number, "STATE = 'DONE' AND TRIES > 1")));
    }

    /** One run, or empty when there is none of that number. */
    public Optional<Run> find(long number) {
        return jdbc.sql(RUNS + " WHERE RUN_ID = ?")
                .param(number)
                .query((row, i) -> run(row))
                .optional();
    }

    /**
     * One run.
     *
     * @throws BackupException NOT_FOUND when there is none of that number
     */
    public Run require(long number) {
        return find(number)
                .orElseThrow(() -> new BackupException(
                        Problem.NOT_FOUND, "there is no run " + number, "`hyperkeep runs list` lists the newest."));
    }

    /** The value of a parameter of a run's Spring Batch job. */
    public String parameter(long number, String name) {
        return jdbc.sql("""
                        SELECT PARAMETER_VALUE FROM BATCH_JOB_EXECUTION_PARAMS
                         WHERE JOB_EXECUTION_ID = ? AND PARAMETER_NAME = ?
                        """).params(number, name).query(String.class).single();
    }

    /** The runs of the same Spring Batch job instance that came before this one, newest first. */
    public List<Long> earlierRuns(long number) {
        return jdbc.sql("""
                        SELECT R.RUN_ID FROM RUN R JOIN BATCH_JOB_EXECUTION E ON E.JOB_EXECUTION_ID = R.RUN_ID
                         WHERE R.RUN_ID < ? AND E.JOB_INSTANCE_ID =
                               (SELECT JOB_INSTANCE_ID FROM BATCH_JOB_EXECUTION WHERE JOB_EXECUTION_ID = ?)
                         ORDER BY R.RUN_ID DESC
                        """).params(number, number).query(Long.class).list();
    }

    private List<Step> steps(long number) {
        // partitions have a colon in their names: thousands of them would hide the phases
        return jdbc.sql("""
                        SELECT STEP_NAME, STATUS, START_TIME, END_TIME FROM BATCH_STEP_EXECUTION
                         WHERE JOB_EXECUTION_ID = ? AND STEP_NAME NOT LIKE '%:%' ORDER BY STEP_EXECUTION_ID
                        """)
                .param(number)
                .query((row, i) -> new Step(row.getString(1), row.getString(2), timestamp(row, 3), timestamp(row, 4)))
                .list();
    }

    private List<TriedUnit> units(long number, String condition) {
        return jdbc.sql("""
                        SELECT UNIT_ID, SCHEMA_NAME || '.' || TABLE_NAME, LABEL, TRIES, FAILURE FROM RUN_UNIT
                         WHERE RUN_ID = ? AND %s ORDER BY UNIT_ID
                        """.formatted(condition))
                .param(number)
                .query((row, i) -> new TriedUnit(
                        row.getString(1), row.getString(2), row.getString(3), row.getInt(4), row.getString(5)))
                .list();
    }

    private Run run(ResultSet row) throws SQLException {
        String state = row.getString("STATE");
        RunProcess process = new RunProcess(
                row.getString("HOST"), row.getString("MACHINE"), row.getLong("PID"), number(row, "PROCESS_START"));
        Duration silence = Duration.between(
                row.getObject("HEARTBEAT", OffsetDateTime.class), row.getObject("ASKED", OffsetDateTime.class));
        Run.Life life = new Run.Life(process, silence, row.getLong("BEATS"));
        if (state.equals("RUNNING") && life.verdict() != RunLife.ALIVE) {
            state = "DEAD";
        }
        Instant started = instant(row, "STARTED");
        return new Run(
                row.getLong("RUN_ID"),
                row.getString("JOB"),
                row.getString("DATABASE_NAME"),
                row.getString("PLAN_NAME"),
                state,
                started == null ? Instant.EPOCH : started,
                instant(row, "ENDED"),
                row.getString("PHASE"),
                row.getInt("UNITS"),
                row.getInt("UNITS_DONE"),
                row.getLong("ROWS_DONE"),
                row.getLong("BYTES_DONE"),
                row.getString("BACKUP"),
                row.getInt("WARNINGS"),
                row.getString("FAILURE"),
                row.getString("HINT"),
                number(row, "RESTARTS"),
                number(row, "RESTARTED_AS"),
                life);
    }

    private static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    /** Spring Batch stores the JVM's local time without a zone, and ours is UTC. */
    private static @Nullable Instant timestamp(ResultSet row, int column) throws SQLException {
        LocalDateTime value = row.getObject(column, LocalDateTime.class);
        return value == null ? null : value.toInstant(ZoneOffset.UTC);
    }
}
