package io.hyperkeep.plan;

/**
 * How data files are to be compressed.
 *
 * @param codec {@code zstd}, {@code gzip} or {@code none}
 * @param level the codec's own level: 1 to 19 for zstd, 1 to 9 for gzip, ignored for none
 */
public record Compression(String codec, int level) {
    /** Level 1: of time series as CSV it makes smaller files than level 3, at two thirds of the time; see decision 0008. */
    public static final Compression DEFAULT = new Compression("zstd", 1);
}
