package io.hyperkeep.plan;

/**
 * How data files are to be compressed.
 *
 * @param codec {@code zstd}, {@code gzip} or {@code none}
 * @param level the codec's own level: 1 to 19 for zstd, 1 to 9 for gzip, ignored for none
 */
public record Compression(String codec, int level) {
    /** pg_dump's default level too. */
    public static final Compression DEFAULT = new Compression("zstd", 3);
}
