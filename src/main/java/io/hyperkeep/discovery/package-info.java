/**
 * What is in a database: its tables, hypertables and chunks, continuous aggregates, sequences, versions, and what this version can not carry.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.discovery.ServerCapabilities} learns what the server can do; nobody else asks for versions.
 *   <li>{@link io.hyperkeep.discovery.DiscoverDatabase} reads the catalogs, in whatever snapshot its connection is in.
 *   <li>{@code DiscoverObjects} reads what a schema is made of beside that, as texts to compare: rights, comments, settings,
 *       policies, views, functions, types. What versions write differently is made the same there.
 *   <li>{@link io.hyperkeep.discovery.DiscoverUncarried} names what exists but would be left out of a backup, and {@link
 *       io.hyperkeep.discovery.DiscoverUndumped} what would be left out of one of any kind.
 * </ol>
 *
 * <p>Invariants: only catalogs are read, never a user's rows; a query's cost does not grow with the data. Structure is
 * returned as the manifest's own records, so that source and target are compared with the same words.
 */
@NullMarked
package io.hyperkeep.discovery;

import org.jspecify.annotations.NullMarked;
