/**
 * The command line: one class a command, each of which asks something, calls one class of the flow or the engine, and
 * prints one result.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.cli.CommandTree} parses the arguments; help, version and usage errors end here,
 *   <li>{@link io.hyperkeep.cli.Session} gives a command the configuration, and starts the engine for those that need it,
 *   <li>{@link io.hyperkeep.cli.Results} prints the result on standard output, as text or as one JSON document,
 *   <li>{@link io.hyperkeep.cli.ReportFailure} turns whatever went wrong into a message, a hint and an exit code.
 * </ol>
 *
 * <p>Invariants: results are on standard output, everything else on standard error; a stack trace is printed only with
 * {@code --verbose}; exit code 0 means done, whole. Spring is started by {@link io.hyperkeep.cli.StartEngine} alone.
 */
@NullMarked
package io.hyperkeep.cli;

import org.jspecify.annotations.NullMarked;
