/**
 * The configuration: one YAML file, environment variables and flags, read into immutable records without Spring.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.config.ConfigLocation} finds the file,
 *   <li>{@link io.hyperkeep.config.LoadConfiguration} reads it and checks everything in it,
 *   <li>{@link io.hyperkeep.config.ResolvePlan} and {@link io.hyperkeep.config.ResolveDatabase} lay flags over the
 *       environment over the file over the defaults when a command needs a plan or a database.
 * </ol>
 *
 * <p>Invariants: a key that is not known, or a value that can not be, is an error and never corrected silently; all
 * problems are told at once; no password is ever read into these records, and what may hold a token is a {@link io.hyperkeep.secret.Secret} there;
 * every value knows where it came from.
 *
 * <p>It must not use Spring, whose start costs more than most commands do.
 */
@NullMarked
package io.hyperkeep.config;

import org.jspecify.annotations.NullMarked;
