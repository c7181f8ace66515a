/**
 * The daemon over HTTP: {@link io.hyperkeep.web.DaemonConfiguration} puts the engine, the schedules and what the management
 * port answers into one Spring context.
 *
 * <p>Nothing here starts with a command of the command line: {@code serve} names this configuration and no other does. It
 * must not know the command line.
 */
@NullMarked
package io.hyperkeep.web;

import org.jspecify.annotations.NullMarked;
