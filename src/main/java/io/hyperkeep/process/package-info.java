/**
 * Programs that others wrote, run to their end: PostgreSQL's clients, commands that print passwords, hooks.
 *
 * <p>Invariant: no program outlives the call that ran it, unless it went into the background and ended well.
 *
 * <p>It must not know what a program is run for.
 */
@NullMarked
package io.hyperkeep.process;

import org.jspecify.annotations.NullMarked;
