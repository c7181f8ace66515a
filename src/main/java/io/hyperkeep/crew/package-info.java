/**
 * Work on many things at once with a bounded number of threads.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.crew.Crew} starts as many {@link io.hyperkeep.crew.Hand}s as were asked for, each with what
 *       it needs for itself: a connection, a buffer.
 *   <li>The items are worked off in their given order, the next one by whichever hand is free.
 *   <li>The first failure, or an interrupt of the caller, cancels every hand, waits until all have ended, and is thrown.
 * </ol>
 *
 * <p>Invariants: when {@code Crew.work} has returned, no thread of it runs and every hand is closed; an item is given
 * to one hand only.
 */
@NullMarked
package io.hyperkeep.crew;

import org.jspecify.annotations.NullMarked;
