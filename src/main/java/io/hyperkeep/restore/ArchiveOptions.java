package io.hyperkeep.restore;

import org.jspecify.annotations.Nullable;

/**
 * How the archive of a whole database is to come out; a backup of tables has no such choice.
 *
 * @param noOwner whether everything becomes the restoring role's, whoever owned it
 * @param updateTo the version that TimescaleDB is updated to at the end: empty for the server's default, null to stay with
 *     the archive's
 */
public record ArchiveOptions(boolean noOwner, @Nullable String updateTo) {
    /** As it was. */
    public static final ArchiveOptions NONE = new ArchiveOptions(false, null);
}
