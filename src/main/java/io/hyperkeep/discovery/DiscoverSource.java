package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.Source;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Reads what identifies a database and what a restore must recreate around its tables. */
public final class DiscoverSource {
    /** Reads it, in whatever snapshot the connection is in. */
    public Source read(Connection connection) throws SQLException {
        List<Source.Extension> extensions = Query.list(
                connection, """
                SELECT e.extname, e.extversion, n.nspname
                  FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
                 WHERE e.extname <> 'plpgsql' ORDER BY e.extname
                """, row -> new Source.Extension(row.getString(1), row.getString(2), row.getString(3)));
        String edition = Query.one(
                connection,
                "SELECT coalesce(current_setting('timescaledb.license', true), '')",
                row -> row.getString(1));
        Source.Timescale timescale = extensions.stream()
                .filter(extension -> extension.name().equals("timescaledb"))
                .map(extension -> new Source.Timescale(extension.version(), extension.schema(), edition))
                .findFirst()
                .orElse(null);
        // the timeline is the WAL's: pg_control_checkpoint() has the old one until the first checkpoint after a
        // promotion.
        // to_jsonb: datlocale is daticulocale up to PostgreSQL 16
        return Query.one(
                connection,
                """
                SELECT (pg_control_system()).system_identifier,
                       CASE WHEN pg_is_in_recovery()
                            THEN greatest((pg_control_checkpoint()).timeline_id,
                                          (pg_control_recovery()).min_recovery_end_timeline)
                            ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int END,
                       d.datname, d.oid::bigint, pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,
                       d.datlocprovider, coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'),
                       nullif(t.spcname, 'pg_default'), current_setting('server_version')
                  FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
                 WHERE d.datname = current_database()
                """,
                row -> new Source(
                        Long.toUnsignedString(row.getLong(1)),
                        row.getInt(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7),
                        row.getString(8),
                        row.getString(9),
                        row.getString(10),
                        // distributions append their own text: "17.11 (Debian 17.11-1)"
                        row.getString(11).split(" ")[0],
                        timescale,
                        extensions));
    }
}
