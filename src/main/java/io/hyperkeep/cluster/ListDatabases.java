package io.hyperkeep.cluster;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverProperties;
import io.hyperkeep.discovery.DiscoverSource;
import io.hyperkeep.discovery.ReadableNames;
import io.hyperkeep.manifest.Cluster.Tablespace;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.manifest.Warning;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads which databases a server has, and what is said of each as a whole. Thread-safe: it has no state. */
public final class ListDatabases {
    /**
     * What there is.
     *
     * @param source the server, and the database that was connected to
     * @param seen when
     * @param databases every one, by name
     * @param tablespaces every one that somebody created, by name
     * @param passwords whether the roles' passwords can be read
     */
    public record Listed(
            Source source,
            SnapshotInfo seen,
            List<Database> databases,
            List<Tablespace> tablespaces,
            boolean passwords) {}

    /**
     * A database.
     *
     * @param name its name
     * @param template whether it is one that others are made of
     * @param allowsConnections whether anybody can connect to it
     * @param properties of it as a whole
     */
    public record Database(String name, boolean template, boolean allowsConnections, DatabaseProperties properties) {}

    /** Reads them. */
    public Listed read(Connection connection) throws SQLException {
        ReadableNames.requireOfServer(connection);
        DiscoverProperties properties = new DiscoverProperties();
        List<Database> databases = new ArrayList<>();
        record Row(String name, boolean template, boolean allows) {}
        for (Row row :
                Query.list(connection, """
                SELECT d.datname, d.datistemplate, d.datallowconn FROM pg_catalog.pg_database d
                 ORDER BY d.datname COLLATE "C"
                """, row -> new Row(row.getString(1), row.getBoolean(2), row.getBoolean(3)))) {
            databases.add(
                    new Database(row.name(), row.template(), row.allows(), properties.read(connection, row.name())));
        }
        return new Listed(
                new DiscoverSource().read(connection),
                seen(connection),
                databases,
                Query.list(
                        connection,
                        // one in the server's own data has a relative path there
                        "SELECT spcname, CASE WHEN pg_tablespace_location(oid) LIKE '/%' THEN pg_tablespace_location(oid)"
                                + " ELSE '' END FROM pg_catalog.pg_tablespace"
                                + " WHERE spcname NOT IN ('pg_default', 'pg_global') ORDER BY spcname COLLATE \"C\"",
                        row -> new Tablespace(row.getString(1), row.getString(2))),
                Query.one(
                        connection,
                        "SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT')",
                        row -> row.getBoolean(1)));
    }

    private static SnapshotInfo seen(Connection connection) throws SQLException {
        return Query.one(
                connection,
                """
                SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint,
                       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                            ELSE pg_current_wal_insert_lsn() END::text, now()
                  FROM pg_current_snapshot() s
                """,
                row -> new SnapshotInfo(
                        "",
                        row.getLong(1),
                        row.getLong(2),
                        row.getString(3),
                        row.getObject(4, OffsetDateTime.class).toInstant()));
    }

    /**
     * What somebody put into {@code template1}, which every new database begins with; a backup does not have it.
     *
     * @param server any of its databases
     */
    public static Optional<Warning> ownTemplate(Connections server, String application) {
        // pg_dump's own bound: what initdb made has lower numbers (access/transam.h, FirstNormalObjectId)
        try (Connection connection = server.withDatabase("template1").open(application)) {
            List<String> own = Query.list(connection, """
                    SELECT 'extension ' || extname FROM pg_catalog.pg_extension WHERE oid >= 16384
                    UNION ALL SELECT 'schema ' || nspname FROM pg_catalog.pg_namespace WHERE oid >= 16384
                       AND nspname NOT LIKE 'pg\\_%' AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = pg_namespace.oid
                           AND d.classid = 'pg_catalog.pg_namespace'::regclass AND d.deptype = 'e')
                    UNION ALL SELECT 'relation ' || relname FROM pg_catalog.pg_class WHERE oid >= 16384 AND relkind IN ('r', 'v', 'm', 'p')
                       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = pg_class.oid
                           AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'e')
                    UNION ALL SELECT 'function ' || proname FROM pg_catalog.pg_proc WHERE oid >= 16384
                       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = pg_proc.oid
                           AND d.classid = 'pg_catalog.pg_proc'::regclass AND d.deptype = 'e')
                     LIMIT 3
                    """, row -> row.getString(1));
            return own.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Warning(
                            "template-changed",
                            "template1 has things of its own, which are not in the backup: " + String.join(", ", own)
                                    + "; databases that are made of it after a restore will lack them. Exclude template1"
                                    + " when that is right"));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at template1 of " + server.address(), e);
        }
    }
}
