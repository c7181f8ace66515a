package io.hyperkeep.crash;

import io.hyperkeep.fixtures.Server;
import io.hyperkeep.scenario.ServerSays;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** How far a restore came, as its target tells. */
final class Target {
    private Target() {}

    /** Number of items that are done; -1 when there is no ledger, or nobody to ask. */
    static int done(Statement statement) {
        // a ledger that comes or goes in between, or a server that is struck, is one that is not there
        try (ResultSet row = statement.executeQuery("SELECT count(*) FROM hyperkeep.ledger")) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            return -1;
        }
    }

    static boolean isBegun(Server server, String uri) {
        return ServerSays.one(server, uri, "SELECT to_regclass('hyperkeep.ledger') IS NOT NULL")
                .equals("t");
    }

    /** Whether it looks restored to everybody: nothing of the restore is left, and no setting of it. */
    static boolean isRestored(Server server, String uri) {
        return ServerSays.one(server, uri, """
                SELECT to_regclass('public.moves') IS NOT NULL AND to_regnamespace('hyperkeep') IS NULL
                       AND NOT EXISTS (SELECT FROM pg_db_role_setting, unnest(setconfig) s WHERE s ~ '^timescaledb.restoring'
                                          AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
                """).equals("t");
    }

    static String phase(Server server, String uri) {
        return ServerSays.one(server, uri, """
                SELECT CASE WHEN to_regclass('hyperkeep.ledger') IS NULL AND to_regclass('public.moves') IS NULL THEN 'start'
                            WHEN to_regclass('hyperkeep.ledger') IS NULL THEN 'restored'
                            WHEN to_regclass('public.moves') IS NULL THEN 'restore-schema'
                            WHEN to_regclass('public.moves_transfer') IS NULL THEN 'import'
                            ELSE 'finalize' END""");
    }
}
