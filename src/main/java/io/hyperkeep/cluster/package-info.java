/**
 * Clusters: what the databases of a server share, and a backup of each of them.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.cluster.ListDatabases} and {@link io.hyperkeep.cluster.ChooseDatabases} say which databases.
 *   <li>{@link io.hyperkeep.cluster.DumpGlobals} runs pg_dumpall over roles and tablespaces.
 *   <li>{@link io.hyperkeep.cluster.SealCluster} writes the manifest over what was sealed of the databases, last.
 * </ol>
 *
 * <p>And back: {@link io.hyperkeep.cluster.ClusterTarget} refuses a server that can not take it,
 * {@link io.hyperkeep.cluster.RestoreGlobals} makes roles and tablespaces, and {@link io.hyperkeep.cluster.CompareGlobals}
 * compares them.
 *
 * <p>Invariants: a database's own backup or restore is made by others, and is whole by itself; what a target's server has
 * already is never changed; passwords are in {@code globals.sql} and in no message.
 *
 * <p>It must not know Spring, the engine or the doors, nor how rows are read.
 */
@NullMarked
package io.hyperkeep.cluster;

import org.jspecify.annotations.NullMarked;
