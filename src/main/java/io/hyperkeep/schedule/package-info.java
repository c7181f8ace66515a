/**
 * When plans fire: Quartz, and only here.
 *
 * <ul>
 *   <li>{@link io.hyperkeep.schedule.LocalTimes} says which instants a cron expression means on the clocks of a zone,
 *   <li>{@link io.hyperkeep.schedule.Schedule} is one job of one plan: its expressions, jitter, blackout and catch-up,
 *   <li>{@link io.hyperkeep.schedule.Due} decides what is due and what was missed. All three are functions of times alone.
 * </ul>
 *
 * <p>It must not know the configuration nor who asks.
 */
@NullMarked
package io.hyperkeep.schedule;

import org.jspecify.annotations.NullMarked;
