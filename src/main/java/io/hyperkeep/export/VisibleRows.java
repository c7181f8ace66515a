package io.hyperkeep.export;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.plan.Part;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * What a snapshot shows of a part, counted raw, in one scan of each of its physical relations.
 *
 * @param rows visible rows; of compressed ones, as many as each batch holds
 * @param newer visible row versions that were made since the given transaction
 * @param passed transactions that began since the given one, up to the scan
 */
record VisibleRows(long rows, long newer, long passed) {
    /**
     * Counts.
     *
     * <p>A row version has only the low 32 bits of its transaction's id, and a frozen one may have those of any past
     * epoch. {@code age()} is the distance from now, modulo 2^32: a version since {@code xmin} has an age from 0 to that
     * of {@code xmin} itself, as long as that is positive, which {@link #passed} shows to the caller. A frozen one whose
     * bits happen to fall in there counts as newer too. {@code age()} takes one moment for the whole transaction as now
     * (PostgreSQL 17, xid.c and transam.c), so both ages have the same origin.
     *
     * @param session in the snapshot
     * @param xmin 64-bit id of the first transaction that counts as new
     */
    static VisibleRows count(Connection session, Part part, long xmin) throws SQLException {
        VisibleRows own = scan(session, Identifiers.quote(part.relation()), "count(*)", blocks(part), xmin);
        if (part.companion() == null) {
            return own;
        }
        // no batch holds fewer than one row: as long as none is new, equal sums mean that none is gone
        VisibleRows compressed = scan(
                session, Identifiers.quote(part.companion()), "coalesce(sum(_ts_meta_count), 0)::bigint", "", xmin);
        return new VisibleRows(own.rows + compressed.rows, own.newer + compressed.newer, own.passed);
    }

    private static VisibleRows scan(Connection session, String relation, String rows, String where, long xmin)
            throws SQLException {
        // old rows, by far the most, fail the first comparison already
        String sql =
                "WITH bound AS (SELECT age('" + (xmin & 0xFFFFFFFFL) + "'::pg_catalog.xid) AS passed) SELECT " + rows
                        + ", count(*) FILTER (WHERE age(xmin) <= (SELECT passed FROM bound) AND age(xmin) >= 0),"
                        + " (SELECT passed FROM bound) FROM ONLY " + relation + where;
        return Query.one(session, sql, row -> new VisibleRows(row.getLong(1), row.getLong(2), row.getLong(3)));
    }

    /** The condition for a slice's blocks, as its COPY has it; empty for a whole relation. */
    static String blocks(Part part) {
        return part.isSlice()
                ? " WHERE ctid >= '(" + part.firstBlock() + ",0)'::pg_catalog.tid"
                        + (part.endBlock() == null ? "" : " AND ctid < '(" + part.endBlock() + ",0)'::pg_catalog.tid")
                : "";
    }
}
