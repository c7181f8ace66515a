package io.hyperkeep.export;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.Relation;
import io.hyperkeep.plan.Part;
import io.hyperkeep.plan.Unit;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Proves, in the snapshot that a unit was read under, that its COPYs returned every row.
 *
 * <p>Readers decide by a relation's present state where its rows are, so rows can be missing without an error. Three
 * facts exclude that: the relation still has its name and the file that the snapshot shows, and, wherever compression is involved,
 * the rows equal the sum of raw reads that no compression state influences: the chunk's own rows and its companion's
 * counts per batch.
 */
final class CountProof {
    private final boolean compressionPossible;

    CountProof(ServerCapabilities server) {
        this.compressionPossible = server.hasTimescale();
    }

    /**
     * Looks for a reason to doubt.
     *
     * @param session in the snapshot, with a lock on the unit's relations or none
     * @param read what was read, in the order of the unit's parts
     * @return why the unit can not be trusted, or empty when it is proved
     */
    Optional<String> doubt(Connection session, Unit unit, List<Relation> read) throws SQLException {
        Map<Long, Now> present = present(session, unit);
        for (int i = 0; i < unit.parts().size(); i++) {
            Part part = unit.parts().get(i);
            Now now = present.get(part.oid());
            if (now == null) {
                return Optional.of(part.relation() + " was dropped");
            }
            if (!now.named()) {
                return Optional.of(part.relation() + " was renamed");
            }
            if (now.filenode() != part.filenode()) {
                return Optional.of(part.relation() + " was truncated or rewritten");
            }
            if (part.companion() != null || now.compressed()) {
                long expected = expected(session, part);
                if (expected != read.get(i).rows()) {
                    return Optional.of(part.relation() + " returned "
                            + read.get(i).rows() + " of " + expected + " rows: it was compressed or decompressed");
                }
            }
        }
        return Optional.empty();
    }

    private record Now(long filenode, boolean compressed, boolean named) {}

    private Map<Long, Now> present(Connection session, Unit unit) throws SQLException {
        Long[] oids = unit.parts().stream().map(Part::oid).toArray(Long[]::new);
        String[] names = unit.parts().stream()
                .map(part -> Identifiers.quote(part.relation()))
                .toArray(String[]::new);
        // all of these functions read the catalog as it is now, whatever the snapshot (timescaledb 2.19 to 2.31: tried)
        String compressed = compressionPossible && unit.parts().get(0).chunk()
                ? "coalesce(_timescaledb_functions.chunk_status(part.oid::regclass), 0) & 1 = 1"
                : "false";
        Map<Long, Now> present = new HashMap<>();
        Query.list(
                session,
                "SELECT part.oid::bigint, pg_relation_filenode(part.oid)::bigint, " + compressed
                        // COPY reads by name: whatever has the name now is what was read
                        + ", coalesce(to_regclass(part.name)::oid = part.oid, false)"
                        + " FROM unnest(?::oid[], ?::text[]) AS part (oid, name)"
                        + " WHERE pg_relation_filenode(part.oid) IS NOT NULL",
                row -> present.put(row.getLong(1), new Now(row.getLong(2), row.getBoolean(3), row.getBoolean(4))),
                oids,
                names);
        return present;
    }

    private static long expected(Connection session, Part part) throws SQLException {
        String companion = part.companion() == null
                ? "0"
                : "(SELECT coalesce(sum(_ts_meta_count), 0)::bigint FROM " + Identifiers.quote(part.companion()) + ")";
        return Query.one(
                session,
                "SELECT (SELECT count(*) FROM ONLY " + Identifiers.quote(part.relation()) + ") + " + companion,
                row -> row.getLong(1));
    }
}
