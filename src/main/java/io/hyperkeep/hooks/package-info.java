/**
 * The commands that an operator has run before and after the backups of a plan.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.hooks.RunHooks} runs them as {@link io.hyperkeep.hooks.HookSettings} say,
 *   <li>{@link io.hyperkeep.hooks.HookVariables} tells them what the backup is about, by environment variables.
 * </ol>
 *
 * <p>Invariants: a hook that does not end is ended, with all that it has started; no password is in what it is told; the
 * one that comes after a backup never changes how that ended.
 *
 * <p>It must not know who started the backup.
 */
@NullMarked
package io.hyperkeep.hooks;

import org.jspecify.annotations.NullMarked;
