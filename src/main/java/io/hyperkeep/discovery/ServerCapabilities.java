package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What a server and its TimescaleDB can do, found by looking at the catalog rather than at version numbers.
 *
 * @param serverMajor PostgreSQL's major version
 * @param timescaleSchema schema of TimescaleDB's own functions, or null when the extension is not in this database
 * @param communityEdition whether compression, continuous aggregates, policies and {@code create_chunk} work
 * @param slicesNameTheirChunk whether {@code dimension_slice.chunk_id} exists (TimescaleDB 2.28 and later; before,
 *     {@code chunk_constraint} joins the two)
 * @param chunksHaveRelid whether {@code chunk.relid} replaced its schema and name (2.29 and later)
 * @param sparseIndexes whether compressed rows can have sparse indexes of one's choice, and columnstore settings be left to
 *     TimescaleDB again once they were set (2.22 and later)
 * @param refreshesInRanges whether a refresh keeps what it has still to do in {@code continuous_aggs_materialization_ranges}
 *     (2.20 and later)
 * @param skipsInvalidation whether a session may say that what it writes changes no continuous aggregate, with
 *     {@code timescaledb.skip_cagg_invalidation} (2.28 and later)
 * @param directCompress whether a hypertable can have rows compressed as they are inserted (2.29 and later)
 */
public record ServerCapabilities(
        int serverMajor,
        @Nullable String timescaleSchema,
        boolean communityEdition,
        boolean slicesNameTheirChunk,
        boolean chunksHaveRelid,
        boolean sparseIndexes,
        boolean refreshesInRanges,
        boolean skipsInvalidation,
        boolean directCompress) {
    /** Looks at the database that the connection is in. */
    public static ServerCapabilities of(Connection connection) throws SQLException {
        return Query.one(
                connection,
                """
                SELECT current_setting('server_version_num')::int / 10000,
                       (SELECT n.nspname FROM pg_catalog.pg_extension e
                          JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'timescaledb'),
                       coalesce(current_setting('timescaledb.license', true), '') = 'timescale',
                       EXISTS (SELECT FROM pg_catalog.pg_attribute
                                WHERE attrelid = to_regclass('_timescaledb_catalog.dimension_slice')
                                  AND attname = 'chunk_id' AND NOT attisdropped),
                       EXISTS (SELECT FROM pg_catalog.pg_attribute
                                WHERE attrelid = to_regclass('_timescaledb_catalog.chunk')
                                  AND attname = 'relid' AND NOT attisdropped),
                       EXISTS (SELECT FROM pg_catalog.pg_attribute
                                WHERE attrelid = to_regclass('_timescaledb_catalog.compression_settings')
                                  AND attname = 'index' AND NOT attisdropped),
                       to_regclass('_timescaledb_catalog.continuous_aggs_materialization_ranges') IS NOT NULL,
                       current_setting('timescaledb.skip_cagg_invalidation', true) IS NOT NULL,
                       EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_extension e
                                   ON e.extname = 'timescaledb' AND e.extnamespace = p.pronamespace
                                WHERE p.proname = 'add_compaction_policy')
                """,
                row -> new ServerCapabilities(
                        row.getInt(1),
                        row.getString(2),
                        row.getBoolean(3),
                        row.getBoolean(4),
                        row.getBoolean(5),
                        row.getBoolean(6),
                        row.getBoolean(7),
                        row.getBoolean(8),
                        row.getBoolean(9)));
    }

    public boolean hasTimescale() {
        return timescaleSchema != null;
    }
}
