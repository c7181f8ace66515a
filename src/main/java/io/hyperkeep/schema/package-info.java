/**
 * Everything that is in a database beside rows: dumped, cut into entries, chosen from, and run in another database.
 *
 * <p>The dump, in the snapshot that the rows are read in:
 *
 * <ol>
 *   <li>{@code pg_dump -Fc --schema-only --snapshot} writes an archive of the whole database, without TimescaleDB's own
 *       schemas and without chunks in schemas of the users. Unselected tables are in it: without them, pg_dump would
 *       not tell what depends on them.
 *   <li>{@code pg_restore --verbose} prints it as text, where each entry has a header with its number, its object's
 *       catalog and oid, and the numbers of the entries that it needs: {@link io.hyperkeep.schema.SplitArchive} cuts
 *       there, and fails unless it finds every entry of {@code pg_restore -l} exactly once.
 *   <li>The catalog says, by oid and not by name, which table each entry belongs to, and what TimescaleDB made by
 *       itself; that, and all that needs its internal tables, is dropped and told. A continuous aggregate, to pg_dump a
 *       view of such a table, stays as an entry without a statement, so that what needs it is known.
 *   <li>{@link io.hyperkeep.schema.SelectEntries} keeps what the selected tables need.
 *   <li>The entries' texts are written to {@code pre-data.sql} and {@code post-data.sql}, each readable by itself, with
 *       its place in the file recorded; {@link io.hyperkeep.schema.HypertableDdl} writes {@code hypertables.sql} and {@link
 *       io.hyperkeep.schema.AggregateDdl} {@code aggregates.sql}, which run between the two, and what needs an aggregate
 *       goes to {@code late.sql}, which runs after these.
 * </ol>
 *
 * <p>The restore runs chosen entries by psql, each in its own transaction, and stops at the first error.
 *
 * <p>Invariants: a selected table is in the dump or the dump fails; whatever else is left out is a warning that names
 * it; files run verbatim with {@code psql -X -v ON_ERROR_STOP=1 -f}.
 *
 * <p>It must not know units, runs or jobs.
 */
@NullMarked
package io.hyperkeep.schema;

import org.jspecify.annotations.NullMarked;
