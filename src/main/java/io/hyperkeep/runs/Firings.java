package io.hyperkeep.runs;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The record of firings: each exactly once, by its name. Who inserts it first has it to fire, so that of several daemons
 * one does, whatever else they agree on. Thread-safe.
 */
public final class Firings {
    private static final String OURS = " PLAN_NAME = ? AND JOB = ? AND SCHEDULED = ? ";

    private final JdbcClient jdbc;
    private final Clock clock;
    private final RunProcess process = RunProcess.current();

    public Firings(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * Up to when it is known what became of a schedule's firings. A schedule that is new, or has other words now, begins
     * at this moment.
     *
     * @param words what it is made of
     */
    public Instant accounted(String plan, String job, String words) {
        Optional<Instant> known = jdbc.sql("SELECT WORDS, ACCOUNTED FROM SCHEDULE WHERE PLAN_NAME = ? AND JOB = ?")
                .params(plan, job)
                .query((row, i) -> row.getString(1).equals(words) ? instant(row, 2) : Instant.MIN)
                .optional();
        if (known.isPresent() && !known.get().equals(Instant.MIN)) {
            return known.get();
        }
        Instant now = clock.instant();
        int changed = jdbc.sql("UPDATE SCHEDULE SET WORDS = ?, ACCOUNTED = ? WHERE PLAN_NAME = ? AND JOB = ?")
                .params(words, time(now), plan, job)
                .update();
        if (changed == 0) {
            try {
                jdbc.sql("INSERT INTO SCHEDULE (PLAN_NAME, JOB, WORDS, ACCOUNTED) VALUES (?, ?, ?, ?)")
                        .params(plan, job, words, time(now))
                        .update();
            } catch (DuplicateKeyException e) {
                // another daemon came to it in the same moment
                return accounted(plan, job, words);
            }
        }
        return now;
    }

    /**
     * Up to when it is known what became of the firings of each schedule that was fired.
     *
     * @return by the schedule's key, {@code nightly/backup}
     */
    public Map<String, Instant> accounted() {
        Map<String, Instant> accounted = new HashMap<>();
        jdbc.sql("SELECT PLAN_NAME || '/' || JOB, ACCOUNTED FROM SCHEDULE").query(row -> {
            accounted.put(row.getString(1), instant(row, 2));
        });
        return accounted;
    }

    /** From now on it is known what became of a schedule's firings up to this one. */
    public void accountedUntil(String plan, String job, Instant firing) {
        jdbc.sql("UPDATE SCHEDULE SET ACCOUNTED = ? WHERE PLAN_NAME = ? AND JOB = ? AND ACCOUNTED < ?")
                .params(time(firing), plan, job, time(firing))
                .update();
    }

    /** Records a firing; false when it is recorded already, so that it is somebody else's or was. */
    public boolean record(Firing firing) {
        try {
            jdbc.sql("""
                            INSERT INTO FIRING (PLAN_NAME, JOB, SCHEDULED, DATABASE_NAME, STATE, REASON, RECORDED,
                                                HOST, MACHINE, PID, PROCESS_START, HEARTBEAT)
                            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, CURRENT_TIMESTAMP)
                            """)
                    .params(
                            firing.plan(),
                            firing.job(),
                            time(firing.scheduled()),
                            firing.database(),
                            firing.state(),
                            firing.reason(),
                            time(clock.instant()),
                            process.host(),
                            process.machine(),
                            process.pid(),
                            process.started())
                    .update();
            return true;
        } catch (DuplicateKeyException e) {
            return false;
        }
    }

    /** The firing's run is recorded. */
    public void began(Firing firing, long run) {
        jdbc.sql("UPDATE FIRING SET STATE = 'RUN', RUN_ID = ? WHERE" + OURS)
                .params(run, firing.plan(), firing.job(), time(firing.scheduled()))
                .update();
    }

    /** What else became of it. */
    public void ended(Firing firing, String state, String reason) {
        jdbc.sql("UPDATE FIRING SET STATE = ?, REASON = ? WHERE" + OURS)
                .params(state, reason, firing.plan(), firing.job(), time(firing.scheduled()))
                .update();
    }

    /** No run could be started for it; nothing changes once there is one. */
    public void couldNotRun(Firing firing, String state, String reason) {
        jdbc.sql("UPDATE FIRING SET STATE = ?, REASON = ? WHERE STATE = 'WAITING' AND" + OURS)
                .params(state, reason, firing.plan(), firing.job(), time(firing.scheduled()))
                .update();
    }

    /** Says that this process lives, and what waits in it will be fired. */
    public void beat() {
        jdbc.sql("""
                        UPDATE FIRING SET HEARTBEAT = CURRENT_TIMESTAMP
                         WHERE STATE = 'WAITING' AND HOST = ? AND PID = ? AND PROCESS_START IS NOT DISTINCT FROM ?
                        """).params(process.host(), process.pid(), process.started()).update();
    }

    /** Takes those over that wait in a process that died; each by one process only. */
    public List<Firing> takeOrphans() {
        return jdbc
                .sql("SELECT F.*, CURRENT_TIMESTAMP AS ASKED FROM FIRING F WHERE STATE = 'WAITING' ORDER BY SCHEDULED")
                .query((row, i) -> new Waiting(
                        firing(row),
                        new RunProcess(
                                row.getString("HOST"),
                                row.getString("MACHINE"),
                                row.getLong("PID"),
                                number(row, "PROCESS_START")),
                        instant(row, "HEARTBEAT"),
                        instant(row, "ASKED")))
                .list()
                .stream()
                .filter(waiting -> !waiting.process().equals(process))
                .filter(waiting -> RunLife.of(waiting.process(), Duration.between(waiting.heartbeat(), waiting.asked()))
                        != RunLife.ALIVE)
                .filter(this::take)
                .map(Waiting::firing)
                .toList();
    }

    private record Waiting(Firing firing, RunProcess process, Instant heartbeat, Instant asked) {}

    private boolean take(Waiting orphan) {
        return jdbc.sql("""
                        UPDATE FIRING SET HOST = ?, MACHINE = ?, PID = ?, PROCESS_START = ?, HEARTBEAT = CURRENT_TIMESTAMP
                         WHERE STATE = 'WAITING' AND HOST = ? AND PID = ? AND HEARTBEAT = ? AND
                        """ + OURS)
                        .params(
                                process.host(),
                                process.machine(),
                                process.pid(),
                                process.started(),
                                orphan.process().host(),
                                orphan.process().pid(),
                                time(orphan.heartbeat()),
                                orphan.firing().plan(),
                                orphan.firing().job(),
                                time(orphan.firing().scheduled()))
                        .update()
                == 1;
    }

    /**
     * The firings whose runs were interrupted: their process died, or was asked to end, before they came to theirs. Only
     * the newest run of a plan's job is worth going on with, and nobody wants to go on with one that a person stopped.
     */
    public List<Firing> interrupted() {
        return jdbc.sql("""
                        SELECT F.* FROM FIRING F JOIN RUN R ON R.RUN_ID = F.RUN_ID
                         WHERE F.STATE = 'RUN' AND R.FAILURE_CODE = 'interrupted'
                           AND (R.STATE = 'FAILED' OR R.STATE = 'STOPPED' AND NOT R.STOP_REQUESTED)
                           AND NOT EXISTS (SELECT 1 FROM RUN N WHERE N.RESTARTS = R.RUN_ID)
                           AND NOT EXISTS (SELECT 1 FROM RUN N
                                            WHERE N.PLAN_NAME = R.PLAN_NAME AND N.JOB = R.JOB AND N.RUN_ID > R.RUN_ID
                                              AND N.STATE <> 'SKIPPED')
                         ORDER BY F.SCHEDULED
                        """).query((row, i) -> firing(row)).list();
    }

    /** Those that started no run, or not yet, newest first. */
    public List<Firing> withoutRun(int limit) {
        return jdbc.sql("SELECT * FROM FIRING WHERE RUN_ID IS NULL ORDER BY SCHEDULED DESC LIMIT " + limit)
                .query((row, i) -> firing(row))
                .list();
    }

    /** When the firings of runs were due, of the runs from this number on that a schedule started. */
    public Map<Long, Instant> scheduledFrom(long run) {
        Map<Long, Instant> scheduled = new HashMap<>();
        jdbc.sql("SELECT RUN_ID, SCHEDULED FROM FIRING WHERE RUN_ID >= ?")
                .param(run)
                .query(row -> {
                    scheduled.put(row.getLong(1), instant(row, 2));
                });
        return scheduled;
    }

    /** The newest firing of a schedule. */
    public Optional<Firing> last(String plan, String job) {
        return jdbc.sql("SELECT * FROM FIRING WHERE PLAN_NAME = ? AND JOB = ? ORDER BY SCHEDULED DESC LIMIT 1")
                .params(plan, job)
                .query((row, i) -> firing(row))
                .optional();
    }

    private static Firing firing(ResultSet row) throws SQLException {
        return new Firing(
                row.getString("PLAN_NAME"),
                row.getString("JOB"),
                instant(row, "SCHEDULED"),
                row.getString("DATABASE_NAME"),
                row.getString("STATE"),
                number(row, "RUN_ID"),
                row.getString("REASON"));
    }

    private static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime time(Instant instant) {
        return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
    }
}
