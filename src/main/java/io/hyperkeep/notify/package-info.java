/**
 * Tells people, and the services that watch for them, how the backups of plans go.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.notify.NotifyReceivers} decides, by the end of a run and by the record of the runs before it,
 *       what there is to tell: a {@link io.hyperkeep.notify.Notice} of some {@link io.hyperkeep.notify.Event}s,
 *   <li>{@link io.hyperkeep.notify.Deliver} gives it to every receiver that wants to hear of such events, to all at once,
 *       each within its own timeout,
 *   <li>by {@link io.hyperkeep.notify.Webhook}, {@link io.hyperkeep.notify.Mail} or {@link io.hyperkeep.notify.Ping}.
 * </ol>
 *
 * <p>Invariants: a receiver that is dead, hangs or refuses fails no backup and delays none by more than its timeout; what
 * could not be delivered is a warning in the log, by the receiver's name; a URL may hold a token, so none is ever in a
 * message: not in a log line, not in an exception.
 *
 * <p>It must not know the command line, and it must not start or stop anything.
 */
@NullMarked
package io.hyperkeep.notify;

import org.jspecify.annotations.NullMarked;
