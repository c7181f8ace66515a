package io.hyperkeep.manifest;

/**
 * A file that is not a unit's.
 *
 * @param file path below the backup's folder, with {@code /}
 * @param bytes its length
 * @param sha256 64 lower-case hexadecimal digits
 */
public record FileEntry(String file, long bytes, String sha256) {}
