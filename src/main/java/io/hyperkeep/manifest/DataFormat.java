package io.hyperkeep.manifest;

/**
 * How every data file of the backup is written.
 *
 * @param codec {@code zstd}, {@code gzip} or {@code none}
 * @param copy the options that the COPY had, and that a COPY of the file must have
 */
public record DataFormat(String codec, String copy) {}
