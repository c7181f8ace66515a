/**
 * What a backup is to do, decided before it is done: which tables, cut into which units, in which order.
 *
 * <p>Pure functions from an inventory and a plan to units: no connection, no file, no clock.
 */
@NullMarked
package io.hyperkeep.plan;

import org.jspecify.annotations.NullMarked;
