/**
 * From a backup's folder to tables in a database: what to restore, hypertables and their chunks, copy in, the ledger
 * that makes a restart repeat nothing, and what has to come after the data.
 *
 * <p>It must not know Spring, nor how runs are recorded.
 */
@NullMarked
package io.hyperkeep.restore;

import org.jspecify.annotations.NullMarked;
