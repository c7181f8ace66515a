package io.hyperkeep.runs;

import io.hyperkeep.manifest.TableName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Writes what we know of a run beside Spring Batch's own tables. Thread-safe. */
public final class RunRecords {
    private final JdbcClient jdbc;
    private final Clock clock;
    private final JsonMapper json = JsonMapper.builder().build();

    public RunRecords(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * A run that begins.
     *
     * @param run its number
     * @param job {@code backup} or {@code restore}
     * @param database what it works on
     * @param plan the plan's name, or null
     * @param request everything that it was asked to do, without secrets, as a record
     */
    public record Begin(
            long run, String job, String database, @Nullable String plan, Object request) {}

    /** A unit that the run is going to do. */
    public record PlannedUnit(String id, TableName table, String label, long bytes) {}

    /** Why a run or unit failed. */
    public record Failure(
            String code, String text, @Nullable String hint) {}

    /** Records that a run has begun. */
    public void begin(Begin begin) {
        jdbc.sql("""
                        INSERT INTO RUN (RUN_ID, JOB, DATABASE_NAME, PLAN_NAME, REQUEST, STATE, STARTED,
                                         WARNINGS, HOST, PID, HEARTBEAT)
                        VALUES (?, ?, ?, ?, ?, 'RUNNING', ?, 0, ?, ?, ?)
                        """)
                .params(
                        begin.run(),
                        begin.job(),
                        begin.database(),
                        begin.plan(),
                        json.writeValueAsString(begin.request()),
                        now(),
                        host(),
                        ProcessHandle.current().pid(),
                        now())
                .update();
    }

    /** Records the units, before the first of them is begun. */
    public void planned(long run, List<PlannedUnit> units) {
        for (PlannedUnit unit : units) {
            jdbc.sql("""
                            INSERT INTO RUN_UNIT (RUN_ID, UNIT_ID, SCHEMA_NAME, TABLE_NAME, LABEL, STATE, PLANNED_BYTES)
                            VALUES (?, ?, ?, ?, ?, 'PLANNED', ?)
                            """)
                    .params(run, unit.id(), unit.table().schema(), unit.table().name(), unit.label(), unit.bytes())
                    .update();
        }
    }

    /** Records that a unit has begun. */
    public void unitStarted(long run, String unit) {
        jdbc.sql("UPDATE RUN_UNIT SET STATE = 'RUNNING', STARTED = ? WHERE RUN_ID = ? AND UNIT_ID = ?")
                .params(now(), run, unit)
                .update();
    }

    /**
     * Records that a unit is done, and with what result.
     *
     * @param bytes stored or read
     * @param result a record, kept as JSON
     */
    public void unitDone(long run, String unit, long rows, long bytes, Object result) {
        jdbc.sql("""
                        UPDATE RUN_UNIT SET STATE = 'DONE', ENDED = ?, ROWS_DONE = ?, BYTES = ?, RESULT = ?
                         WHERE RUN_ID = ? AND UNIT_ID = ?
                        """)
                .params(now(), rows, bytes, json.writeValueAsString(result), run, unit)
                .update();
    }

    /** Records that a unit failed, and why. */
    public void unitFailed(long run, String unit, String failure) {
        jdbc.sql("UPDATE RUN_UNIT SET STATE = 'FAILED', ENDED = ?, FAILURE = ? WHERE RUN_ID = ? AND UNIT_ID = ?")
                .params(now(), failure, run, unit)
                .update();
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

    /** Says that the run lives, and in which phase it is. */
    public void heartbeat(long run, String phase) {
        jdbc.sql("UPDATE RUN SET HEARTBEAT = ?, PHASE = ? WHERE RUN_ID = ?")
                .params(now(), phase, run)
                .update();
    }

    /** Records how a run ended. */
    public void end(long run, String state, @Nullable String backup, int warnings, @Nullable Failure failure) {
        jdbc.sql("""
                        UPDATE RUN SET STATE = ?, ENDED = ?, BACKUP = ?, WARNINGS = ?, FAILURE_CODE = ?, FAILURE = ?, HINT = ?
                         WHERE RUN_ID = ?
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

    private OffsetDateTime now() {
        return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // a machine that does not know its own name still runs backups
            return "localhost";
        }
    }
}
