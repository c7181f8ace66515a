package io.hyperkeep.runs;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Remembers which plans are known to have no good backup that is new enough, for every process that shares the record of
 * runs: it is told once when that begins, by one of them, also if they restart. Thread-safe.
 */
public final class StalePlans {
    private final JdbcClient jdbc;

    public StalePlans(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Notes that a plan is stale; false when that was known already. */
    public boolean begins(String plan, Instant now) {
        try {
            return jdbc.sql("INSERT INTO STALE_PLAN (PLAN_NAME, SINCE) SELECT ?, ? WHERE NOT EXISTS"
                                    + " (SELECT 1 FROM STALE_PLAN WHERE PLAN_NAME = ?)")
                            .params(plan, OffsetDateTime.ofInstant(now, ZoneOffset.UTC), plan)
                            .update()
                    == 1;
        } catch (DuplicateKeyException e) {
            // another process noted it in this very moment
            return false;
        }
    }

    /** Notes that a plan is not stale, or not any more. */
    public void ends(String plan) {
        jdbc.sql("DELETE FROM STALE_PLAN WHERE PLAN_NAME = ?").param(plan).update();
    }
}
