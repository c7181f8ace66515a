/**
 * Secrets, and where they come from: a private file, a command, or the environment.
 *
 * <p>Invariant: no secret is in a message, a log line or the text of an object.
 */
@NullMarked
package io.hyperkeep.secret;

import org.jspecify.annotations.NullMarked;
