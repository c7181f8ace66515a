package io.hyperkeep.check;

import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.ReadableNames;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at the server itself: its version, role in replication, clock, encoding and timeouts. */
final class CheckServer {
    static final int OLDEST = 15;
    static final int OLDEST_TESTED = 17;
    static final int NEWEST_TESTED = 18;

    private static final Duration MOST_SKEW = Duration.ofSeconds(60);

    private final InstantSource clock;

    CheckServer(InstantSource clock) {
        this.clock = clock;
    }

    List<Finding> run(Connection connection, int major) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        findings.add(version(
                major, Query.one(connection, "SELECT current_setting('server_version')", row -> row.getString(1))));
        addIfAny(findings, standby(connection));
        findings.add(clock(connection));
        findings.add(encoding(connection));
        addIfAny(findings, names(connection));
        addIfAny(findings, timeouts(connection));
        return findings;
    }

    private static void addIfAny(List<Finding> findings, @Nullable Finding finding) {
        if (finding != null) {
            findings.add(finding);
        }
    }

    static Finding version(int major, String version) {
        String what = "PostgreSQL " + version.split(" ")[0];
        if (major < OLDEST) {
            return Finding.error(
                    "server",
                    Problem.UNSUITABLE,
                    what + " is too old",
                    "hyperkeep works with PostgreSQL " + OLDEST + " and later.");
        }
        String tested = "hyperkeep is tested with PostgreSQL " + OLDEST_TESTED + " and " + NEWEST_TESTED
                + ": try a restore of a first backup before you rely on it.";
        if (major < OLDEST_TESTED) {
            return Finding.warning("server", what + " should work, but is not tested", tested);
        }
        return major > NEWEST_TESTED
                ? Finding.warning("server", what + " is newer than this version knows", tested)
                : Finding.ok("server", what);
    }

    /** The manual's list of what a hot standby allows has LOCK up to ROW EXCLUSIVE; snapshots are exported there too. */
    private static @Nullable Finding standby(Connection connection) throws SQLException {
        return Query.one(
                connection,
                """
                SELECT pg_is_in_recovery(), current_setting('max_standby_streaming_delay'),
                       current_setting('hot_standby_feedback')
                """,
                row -> row.getBoolean(1)
                        ? Finding.warning(
                                "standby",
                                "this is a standby: when the primary drops, truncates, compresses or vacuums what the backup"
                                        + " reads, the server cancels the backup after max_standby_streaming_delay, which is "
                                        + row.getString(2) + " (hot_standby_feedback is " + row.getString(3) + ")",
                                "let the standby wait longer than a backup takes, or for ever (-1), and turn"
                                        + " hot_standby_feedback on. A backup of the primary at the same time is not kept off.")
                        : null);
    }

    private Finding clock(Connection connection) throws SQLException {
        Instant before = clock.instant();
        Instant theirs = Query.one(connection, "SELECT clock_timestamp()", row -> row.getObject(1, OffsetDateTime.class)
                .toInstant());
        Duration trip = Duration.between(before, clock.instant());
        Duration skew = Duration.between(before.plus(trip.dividedBy(2)), theirs);
        return skew.abs().compareTo(MOST_SKEW) > 0
                ? Finding.warning(
                        "clock",
                        "the server's clock is " + skew.abs().toSeconds() + " s "
                                + (skew.isNegative() ? "behind" : "ahead of") + " this machine's",
                        "backups are named and kept by this machine's clock: let NTP set both.")
                : Finding.ok("clock", "the server's clock and this machine's agree");
    }

    private static Finding encoding(Connection connection) throws SQLException {
        return Query.one(connection, """
                SELECT pg_encoding_to_char(encoding), datcollate, datctype
                  FROM pg_catalog.pg_database WHERE datname = current_database()
                """, row -> {
            String encoding = row.getString(1);
            String what =
                    "encoding " + encoding + ", collation " + row.getString(2) + ", character type " + row.getString(3);
            return encoding.equals("SQL_ASCII")
                    ? Finding.warning(
                            "encoding",
                            what,
                            "the server does not know what characters its bytes mean: a text that is not UTF-8 makes the"
                                    + " backup fail. Backups hold UTF-8.")
                    : Finding.ok("encoding", what);
        });
    }

    private static @Nullable Finding names(Connection connection) throws SQLException {
        try {
            ReadableNames.require(connection);
            return null;
        } catch (BackupException e) {
            return Finding.error("names", e);
        }
    }

    private static @Nullable Finding timeouts(Connection connection) throws SQLException {
        // reset_val: what the session began with, before ours were pinned
        List<String> set = Query.list(connection, """
                SELECT format('%s = %s%s', name, reset_val, unit) FROM pg_catalog.pg_settings
                 WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout',
                                'idle_in_transaction_session_timeout') AND reset_val <> '0'
                 ORDER BY name
                """, row -> row.getString(1));
        return set.isEmpty()
                ? null
                : Finding.ok(
                        "timeouts",
                        String.join(", ", set) + ": set for this server, database or role, and harmless,"
                                + " as a backup's sessions have their own");
    }
}
