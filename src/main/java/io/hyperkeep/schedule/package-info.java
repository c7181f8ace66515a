/**
 * When plans fire: Quartz, and only here.
 *
 * <ul>
 *   <li>{@link io.hyperkeep.schedule.LocalTimes} says which instants a cron expression means on the clocks of a zone,
 *   <li>{@link io.hyperkeep.schedule.Schedule} is one job of one plan: its expressions, jitter, blackout and catch-up,
 *   <li>{@code Due} decides what is due and what was missed. All three are functions of times alone.
 *   <li>{@link io.hyperkeep.schedule.Scheduling} fires: {@code FireOnTime} (Quartz) calls it when a firing begins, {@code Busy}
 *       says what is in its way, {@code LaunchFiring} runs it in its turn.
 * </ul>
 *
 * <p>Invariant: each firing is recorded once, by its plan, job and instant, before anything is done for it; decision 0021.
 *
 * <p>It must not know the configuration nor who asks.
 */
@NullMarked
package io.hyperkeep.schedule;

import org.jspecify.annotations.NullMarked;
