/**
 * How we reach PostgreSQL: addresses and passwords, connections with pinned session settings, quoting, locks, and the
 * client programs (pg_dump, psql) as processes.
 *
 * <p>Invariants: every session is pinned as {@code pg_dump} pins its own, so that values have one text form whatever
 * the server's or role's settings; no SQL identifier or literal is put into a statement but by
 * {@link io.hyperkeep.database.Identifiers}; a password is never part of an argument, a message or a log line.
 *
 * <p>It must not know what a backup is.
 */
@NullMarked
package io.hyperkeep.database;

import org.jspecify.annotations.NullMarked;
