package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.DatabaseProperties.Grant;
import io.hyperkeep.manifest.DatabaseProperties.Setting;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Reads what is said of a database as a whole, in whatever snapshot its connection is in. Thread-safe: it has no state. */
public final class DiscoverProperties {
    /** Reads it of the database that the connection is in. */
    public DatabaseProperties read(Connection connection) throws SQLException {
        return read(connection, Query.one(connection, "SELECT current_database()", row -> row.getString(1)));
    }

    /** Reads it of any database of the server: every database has these catalogs. */
    public DatabaseProperties read(Connection connection, String database) throws SQLException {
        List<Setting> settings = Query.list(
                connection,
                // timescaledb.restoring is the state of a restore, no property
                """
                SELECT r.rolname, split_part(s.setting, '=', 1), substr(s.setting, strpos(s.setting, '=') + 1)
                  FROM (SELECT setrole, unnest(setconfig) AS setting FROM pg_catalog.pg_db_role_setting
                         WHERE setdatabase = (SELECT oid FROM pg_catalog.pg_database
                                               WHERE datname = ?)) s
                  LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
                 WHERE s.setting NOT LIKE 'timescaledb.restoring=%'
                 ORDER BY r.rolname NULLS FIRST, 2
                """,
                row -> new Setting(row.getString(1), row.getString(2), row.getString(3)),
                database);
        List<Grant> grants = Query.list(
                connection, """
                SELECT r.rolname, a.privilege_type, bool_or(a.is_grantable)
                  FROM pg_catalog.pg_database d, aclexplode(d.datacl) a
                  LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
                 WHERE d.datname = ? GROUP BY 1, 2 ORDER BY 1 NULLS FIRST, 2
                """, row -> new Grant(row.getString(1), row.getString(2), row.getBoolean(3)), database);
        return Query.one(
                connection,
                """
                SELECT pg_get_userbyid(d.datdba), shobj_description(d.oid, 'pg_database'), d.datconnlimit,
                       d.datacl IS NULL, nullif(t.spcname, 'pg_default')
                  FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
                 WHERE d.datname = ?
                """,
                row -> new DatabaseProperties(
                        row.getString(1),
                        row.getString(2),
                        row.getInt(3),
                        row.getString(5),
                        row.getBoolean(4) ? null : grants,
                        settings),
                database);
    }

    /**
     * Roles that own something in the database and are named nowhere else there: neither in rights, policies or settings
     * nor, if it has TimescaleDB, as those whom jobs run as.
     */
    public List<String> owners(Connection connection) throws SQLException {
        boolean jobs = Query.one(
                connection, "SELECT to_regclass('_timescaledb_config.bgw_job') IS NOT NULL", row -> row.getBoolean(1));
        return Query.list(
                connection,
                """
                WITH this AS (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
                SELECT r.rolname FROM pg_catalog.pg_roles r, this
                 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_shdepend d
                                    WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.refobjid = r.oid
                                      AND (d.dbid = this.oid OR d.dbid = 0 AND d.objid = this.oid) AND d.deptype <> 'o')
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s
                                    WHERE s.setdatabase = this.oid AND s.setrole = r.oid)
                """
                        + (jobs
                                ? " AND NOT EXISTS (SELECT FROM _timescaledb_config.bgw_job j"
                                        + " WHERE j.owner::oid = r.oid AND j.id >= 1000)"
                                : "")
                        + """
                   AND EXISTS (SELECT FROM pg_catalog.pg_shdepend d
                                WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.refobjid = r.oid
                                  AND (d.dbid = this.oid OR d.dbid = 0 AND d.objid = this.oid))
                 ORDER BY 1
                """,
                row -> row.getString(1));
    }

    /** Every role that owns something in the database, or has rights or settings there. */
    public List<String> roles(Connection connection) throws SQLException {
        return Query.list(connection, """
                WITH this AS (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
                SELECT r.rolname FROM pg_catalog.pg_roles r
                 WHERE r.oid IN (SELECT d.refobjid FROM pg_catalog.pg_shdepend d, this
                                  WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass
                                    AND (d.dbid = this.oid OR d.dbid = 0
                                         AND d.classid = 'pg_catalog.pg_database'::regclass AND d.objid = this.oid)
                                 UNION ALL SELECT s.setrole FROM pg_catalog.pg_db_role_setting s, this
                                            WHERE s.setdatabase = this.oid
                                 UNION ALL SELECT b.datdba FROM pg_catalog.pg_database b, this WHERE b.oid = this.oid)
                 ORDER BY 1
                """, row -> row.getString(1));
    }
}
