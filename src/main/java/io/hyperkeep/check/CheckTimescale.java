package io.hyperkeep.check;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Looks at the extension: its version, its edition, and whether a restore was left unfinished. */
final class CheckTimescale {
    /** The versions between which the catalog was read in tests, as major * 1000 + minor. */
    static final int OLDEST_TESTED = 2_019;

    static final int NEWEST_TESTED = 2_031;

    List<Finding> run(Connection connection, ServerCapabilities server) throws SQLException {
        if (!server.hasTimescale()) {
            return List.of(
                    Finding.ok("timescaledb", "not in this database: its tables are backed up as plain PostgreSQL's"));
        }
        List<Finding> findings = new ArrayList<>();
        String version = Query.one(
                connection,
                "SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'timescaledb'",
                row -> row.getString(1));
        findings.add(version(version, server.communityEdition() ? "Community" : "Apache"));
        if (!server.communityEdition()) {
            findings.addAll(lostCommunity(connection));
        }
        findings.addAll(restoring(connection, String.valueOf(server.timescaleSchema())));
        return findings;
    }

    static Finding version(String version, String edition) {
        String what = "TimescaleDB " + version + ", " + edition + " edition";
        String[] parts = version.split("[^0-9]+");
        int number = parts.length < 2 ? 0 : Integer.parseInt(parts[0]) * 1000 + Integer.parseInt(parts[1]);
        String hint = "its catalog was read in tests from 2.19 to 2.31: try a restore of a first backup before you rely"
                + " on it.";
        if (number > NEWEST_TESTED) {
            return Finding.warning("timescaledb", what + ": newer than this version knows", hint);
        }
        return number < OLDEST_TESTED
                ? Finding.warning("timescaledb", what + ": older than what is tested", hint)
                : Finding.ok("timescaledb", what);
    }

    /** Without its second library, a server of the Community edition calls itself Apache and reads no compressed rows. */
    private static List<Finding> lostCommunity(Connection connection) throws SQLException {
        record Traces(long compressed, long aggregates, long jobs) {}
        Traces traces = Query.one(connection, """
                SELECT (SELECT count(*) FROM _timescaledb_catalog.compression_settings
                         WHERE compress_relid IS NOT NULL),
                       (SELECT count(*) FROM _timescaledb_catalog.continuous_agg),
                       (SELECT count(*) FROM _timescaledb_config.bgw_job WHERE id >= 1000)
                """, row -> new Traces(row.getLong(1), row.getLong(2), row.getLong(3)));
        String hint =
                "is timescaledb.license set to apache, or the library timescaledb-tsl of this very version missing on"
                        + " the server? Install the Community edition's package.";
        if (traces.compressed() > 0) {
            return List.of(Finding.error(
                    "license",
                    Problem.UNSUITABLE,
                    "the server runs as the Apache edition, which can not read the " + traces.compressed()
                            + " compressed chunks of this database",
                    hint));
        }
        return traces.aggregates() + traces.jobs() == 0
                ? List.of()
                : List.of(Finding.warning(
                        "license",
                        "the server runs as the Apache edition, but the database has " + traces.aggregates()
                                + " continuous aggregates and " + traces.jobs()
                                + " jobs, which need the Community edition",
                        hint));
    }

    private static List<Finding> restoring(Connection connection, String schema) throws SQLException {
        boolean on = Query.one(
                connection,
                "SELECT coalesce(current_setting('timescaledb.restoring', true), 'off') = 'on'",
                row -> row.getBoolean(1));
        return on
                ? List.of(Finding.error(
                        "restoring",
                        Problem.UNSUITABLE,
                        "timescaledb.restoring is on: a restore into this database was not finished, and its hypertables"
                                + " show no rows of their own and run no jobs",
                        "-- when no restore is running, as a superuser in this database:\nSELECT "
                                + Identifiers.quote(schema) + ".timescaledb_post_restore();"))
                : List.of();
    }
}
