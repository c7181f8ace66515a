package io.hyperkeep.runs;

import io.hyperkeep.manifest.TableName;
import java.nio.file.Path;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes what we know of a run beside Spring Batch's own tables. Thread-safe. */
public final class RunRecords {
    private final JdbcClient jdbc;
    private final Clock clock;
    // what an older version recorded may lack what was added since
    private final JsonMapper json = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();
    private final RunProcess process = RunProcess.current();

    public RunRecords(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * A run that begins.
     *
     * @param run its number
     * @param job {@code backup}, {@code restore}, {@code drill}, {@code prune} or {@code verify}
     * @param database what it works on
     * @param plan the plan's name, or null
     * @param repository the repository's folder of a backup or a prune, or null
     * @param restarts the run that this one restarts, or null
     * @param request everything that it was asked to do, without secrets, as a record
     */
    public record Begin(
            long run,
            String job,
            String database,
            @Nullable String plan,
            @Nullable Path repository,
            @Nullable Long restarts,
            Object request) {}

    /**
     * A unit that the run is going to do.
     *
     * @param id at most 20 characters; sorted as they are to be shown
     * @param table that it is of, or null: a prune does one database after the other, a verification one backup
     * @param label what it is, in words
     * @param bytes how much there is to do, or 0
     */
    public record PlannedUnit(String id, @Nullable TableName table, String label, long bytes) {}

    /** Why a run or unit failed. */
    public record Failure(
            String code, String text, @Nullable String hint) {}

    /** Records that a run has begun, in this process. */
    public void begin(Begin begin) {
        jdbc.sql("""
                        INSERT INTO RUN (RUN_ID, JOB, DATABASE_NAME, PLAN_NAME, REPOSITORY, RESTARTS, REQUEST, STATE,
                                         STARTED, WARNINGS, HOST, MACHINE, PID, PROCESS_START, HEARTBEAT)
                        VALUES (?, ?, ?, ?, ?, ?, ?, 'RUNNING', ?, 0, ?, ?, ?, ?, CURRENT_TIMESTAMP)
                        """)
                .params(
                        begin.run(),
                        begin.job(),
                        begin.database(),
                        begin.plan(),
                        begin.repository() == null ? null : begin.repository().toString(),
                        begin.restarts(),
                        json.writeValueAsString(begin.request()),
                        now(),
                        process.host(),
                        process.machine(),
                        process.pid(),
                        process.started())
                .update();
    }

    /** Records that a run does a part of another one. */
    public void partOf(long run, long whole) {
        jdbc.sql("UPDATE RUN SET PART_OF = ? WHERE RUN_ID = ?")
                .params(whole, run)
                .update();
    }

    /**
     * What a run was asked to do, as it was given to {@link #begin}.
     *
     * @param type of the record that it was
     */
    public <T> T request(long run, Class<T> type) {
        return json.readValue(
                jdbc.sql("SELECT REQUEST FROM RUN WHERE RUN_ID = ?")
                        .param(run)
                        .query(String.class)
                        .single(),
                type);
    }

    /** Records the folder that will be the backup once it is sealed. */
    public void drafted(long run, Path draft) {
        jdbc.sql("UPDATE RUN SET DRAFT = ? WHERE RUN_ID = ?")
                .params(draft.toString(), run)
                .update();
    }

    /** The folder that would have been the run's backup, if the run came so far. */
    public Optional<Path> draft(long run) {
        return jdbc.sql("SELECT DRAFT FROM RUN WHERE RUN_ID = ? AND DRAFT IS NOT NULL")
                .param(run)
                .query(String.class)
                .optional()
                .map(Path::of);
    }

    /** Records the units, before the first of them is begun. */
    public void planned(long run, List<PlannedUnit> units) {
        for (PlannedUnit unit : units) {
            jdbc.sql("""
                            INSERT INTO RUN_UNIT (RUN_ID, UNIT_ID, SCHEMA_NAME, TABLE_NAME, LABEL, STATE, PLANNED_BYTES)
                            VALUES (?, ?, ?, ?, ?, 'PLANNED', ?)
                            """)
                    .params(
                            run,
                            unit.id(),
                            unit.table() == null ? null : unit.table().schema(),
                            unit.table() == null ? null : unit.table().name(),
                            unit.label(),
                            unit.bytes())
                    .update();
        }
    }

    /** Records that a unit has begun. */
    public void unitStarted(long run, String unit) {
        jdbc.sql("UPDATE RUN_UNIT SET STATE = 'RUNNING', STARTED = ?, TRIES = 1 WHERE RUN_ID = ? AND UNIT_ID = ?")
                .params(now(), run, unit)
                .update();
    }

    /**
     * Records that a unit is done, and with what result.
     *
     * @param tries how many it took
     * @param bytes stored or read; of a prune, deleted
     * @param result a record, kept as JSON
     */
    public void unitDone(long run, String unit, int tries, long rows, long bytes, Object result) {
        jdbc.sql("""
                        UPDATE RUN_UNIT SET STATE = 'DONE', ENDED = ?, TRIES = ?, ROWS_DONE = ?, BYTES = ?, RESULT = ?
                         WHERE RUN_ID = ? AND UNIT_ID = ?
                        """)
                .params(now(), tries, rows, bytes, json.writeValueAsString(result), run, unit)
                .update();
    }

    /**
     * Records that a unit failed, and why.
     *
     * @param tries how many times
     */
    public void unitFailed(long run, String unit, int tries, String failure) {
        jdbc.sql("""
                        UPDATE RUN_UNIT SET STATE = 'FAILED', ENDED = ?, TRIES = ?, FAILURE = ?
                         WHERE RUN_ID = ? AND UNIT_ID = ?
                        """).params(now(), tries, failure, run, unit).update();
    }

    /** Results of the units that are done, in the order of their ids. */
    public <T> List<T> results(long run, Class<T> type) {
        return jdbc
                .sql("SELECT RESULT FROM RUN_UNIT WHERE RUN_ID = ? AND STATE = 'DONE' ORDER BY UNIT_ID")
                .param(run)
                .query(String.class)
                .list()
                .stream()
                .map(text -> json.readValue(text, type))
                .toList();
    }

    /**
     * What a run learns when its heart beats.
     *
     * @param running whether the record still says that it runs; not so when somebody took it for dead
     * @param stopRequested whether somebody asked it to stop
     */
    public record Beat(boolean running, boolean stopRequested) {}

    /** Says that the run lives, and in which phase it is. */
    public Beat beat(long run, String phase) {
        int running = jdbc.sql("""
                        UPDATE RUN SET HEARTBEAT = CURRENT_TIMESTAMP, BEATS = BEATS + 1, PHASE = ?
                         WHERE RUN_ID = ? AND STATE = 'RUNNING'
                        """).params(phase, run).update();
        boolean stopRequested = jdbc.sql("SELECT STOP_REQUESTED FROM RUN WHERE RUN_ID = ?")
                .param(run)
                .query(Boolean.class)
                .single();
        return new Beat(running == 1, stopRequested);
    }

    /** Moves heartbeats that the metadata database's clock has not come to yet to the present: it was set back. */
    public void beatsOfTheFuture() {
        jdbc.sql(
                        "UPDATE RUN SET HEARTBEAT = CURRENT_TIMESTAMP WHERE STATE = 'RUNNING' AND HEARTBEAT > CURRENT_TIMESTAMP")
                .update();
    }

    /** Asks a run to stop, in whatever process it lives; nothing happens unless it runs. */
    public void requestStop(long run) {
        jdbc.sql("UPDATE RUN SET STOP_REQUESTED = TRUE WHERE RUN_ID = ? AND STATE = 'RUNNING'")
                .param(run)
                .update();
    }

    /**
     * Records how a run ended. It is the run's own process that knows, also when somebody took it for dead meanwhile;
     * only what was abandoned stays so.
     */
    public void end(long run, String state, @Nullable String backup, int warnings, @Nullable Failure failure) {
        jdbc.sql("""
                        UPDATE RUN SET STATE = ?, ENDED = ?, BACKUP = ?, WARNINGS = ?, FAILURE_CODE = ?, FAILURE = ?, HINT = ?
                         WHERE RUN_ID = ? AND STATE IN ('RUNNING', 'FAILED')
                        """)
                .params(
                        state,
                        now(),
                        backup,
                        warnings,
                        failure == null ? null : failure.code(),
                        failure == null ? null : failure.text(),
                        failure == null ? null : failure.hint(),
                        run)
                .update();
    }

    /** Records how many warnings a run has, of what came after its end too. */
    public void warned(long run, int warnings) {
        jdbc.sql("UPDATE RUN SET WARNINGS = ? WHERE RUN_ID = ?")
                .params(warnings, run)
                .update();
    }

    /**
     * Records that a run failed because its process died; it ended with its last sign of life.
     *
     * @param beats as many as it had when it was seen last
     * @return false when it has ended by itself meanwhile, or gave a further sign of life
     */
    public boolean recovered(long run, long beats, Failure failure) {
        return jdbc.sql("""
                        UPDATE RUN SET STATE = 'FAILED', ENDED = HEARTBEAT, FAILURE_CODE = ?, FAILURE = ?, HINT = ?
                         WHERE RUN_ID = ? AND STATE = 'RUNNING' AND BEATS = ?
                        """)
                        .params(failure.code(), failure.text(), failure.hint(), run, beats)
                        .update()
                == 1;
    }

    /** Records of a run that failed because another one was in its way that it was skipped; who that was is kept. */
    public void skipped(long run) {
        jdbc.sql("UPDATE RUN SET STATE = 'SKIPPED' WHERE RUN_ID = ? AND STATE = 'FAILED'")
                .param(run)
                .update();
    }

    /** Records that nobody is going to restart a run; why it failed is kept. */
    public void abandoned(long run) {
        jdbc.sql("UPDATE RUN SET STATE = 'ABANDONED' WHERE RUN_ID = ? AND STATE IN ('FAILED', 'STOPPED', 'SKIPPED')")
                .param(run)
                .update();
    }

    private OffsetDateTime now() {
        return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
    }
}
