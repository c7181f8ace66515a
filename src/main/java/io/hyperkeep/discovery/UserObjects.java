package io.hyperkeep.discovery;

/**
 * SQL conditions that tell the users' own objects from others, wherever they are and whatever they are called.
 *
 * <p>What belongs to an extension is what {@code pg_depend} says; what TimescaleDB makes for a hypertable or an aggregate
 * is what its catalog says. A schema's name says neither: users have tables in TimescaleDB's own schemas, and a chunk
 * that was detached stays there.
 */
final class UserObjects {
    /** Where users' objects can be; {@code n} is bound to pg_namespace. */
    static final String IN_USERS_SCHEMA = "left(n.nspname::text, 3) <> 'pg_' AND n.nspname <> 'information_schema'"
            + " AND n.oid NOT IN (" + RestoreLedgers.OIDS + ")";

    private UserObjects() {}

    /** No extension brings it. */
    static String isNoMember(String alias) {
        return "NOT EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = " + alias + ".tableoid AND x.objid = "
                + alias + ".oid AND x.deptype = 'e')";
    }

    /** A relation that TimescaleDB did not make for itself: no chunk, no companion, no part of an aggregate. */
    static String isNotInternal(ServerCapabilities server, String alias) {
        return server.hasTimescale() ? alias + ".oid NOT IN (" + InternalRelations.oids(server) + ")" : "true";
    }
}
