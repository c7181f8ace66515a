/**
 * The record of runs: what ran, how far it is, how it ended. A read model over Spring Batch's tables and our own.
 *
 * <p>It must not start or stop anything.
 */
@NullMarked
package io.hyperkeep.runs;

import org.jspecify.annotations.NullMarked;
