package io.hyperkeep.plan;

/**
 * How data files are compressed.
 *
 * @param codec the format
 * @param level the codec's own level: 1 to 19 for zstd, 1 to 9 for gzip, ignored for none
 */
public record Compression(Codec codec, int level) {
    /** pg_dump's default level too. */
    public static final Compression DEFAULT = new Compression(Codec.ZSTD, 3);

    /** A format that the machine's own programs can read. */
    public enum Codec {
        ZSTD,
        GZIP,
        NONE
    }
}
