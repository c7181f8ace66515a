/**
 * What would stop or harm a backup, found before it starts.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.check.CheckDatabase} logs in and reads the catalogs into a {@code Subject},
 *   <li>one class for each area looks at it: server, TimescaleDB, programs, privileges, locks, connections, repository,
 *       activity; each reports what it saw, whether good or bad.
 * </ol>
 *
 * <p>Invariants: nothing of the database is changed and no user's row is read; only catalogs are used, so that a role
 * without any privilege gets a complete answer; a check that fails is a finding itself, and the others go on. What the
 * backup needs is asked of the packages that do it, so that both judge alike.
 */
@NullMarked
package io.hyperkeep.check;

import org.jspecify.annotations.NullMarked;
