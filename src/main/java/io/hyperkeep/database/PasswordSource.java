package io.hyperkeep.database;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a password comes from; never the password itself, so that it can be stored and shown.
 *
 * <p>At most one of the two is given. With neither, libpq's own sources are used, in libpq's order: PGPASSWORD, then
 * the password file that PGPASSFILE names, {@code ~/.pgpass} by default.
 *
 * @param file a file whose first line is the password, or null
 * @param command a program and its arguments that print the password on their first line, or null
 */
public record PasswordSource(@Nullable Path file, @Nullable List<String> command) {
    /** libpq's own sources. */
    public static final PasswordSource LIBPQ = new PasswordSource(null, null);
}
