/**
 * The daemon over HTTP: {@link io.hyperkeep.web.DaemonConfiguration} puts the engine, the schedules and what the management
 * port answers into one Spring context.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.web.WatchPlans} knows how every plan is doing, by the sealed manifests in its repository and by
 *       the record of runs; nothing that hangs keeps it longer than seconds,
 *   <li>{@link io.hyperkeep.web.PlanHealth} and {@link io.hyperkeep.web.MetadataHealth} say so as health,
 *   <li>{@link io.hyperkeep.web.PlanMetrics} as figures for Prometheus,
 *   <li>{@link io.hyperkeep.web.TellStale} has people told, once, when a plan has no good backup that is new enough.
 * </ol>
 *
 * <p>Invariants: what is answered does not depend on how long this process runs; no answer holds a secret; the number of
 * figures grows with plans and jobs, not with tables, units or runs.
 *
 * <p>Nothing here starts with a command of the command line: {@code serve} names this configuration and no other does. It
 * must not know the command line.
 */
@NullMarked
package io.hyperkeep.web;

import org.jspecify.annotations.NullMarked;
