package io.hyperkeep.storage;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** How data files are compressed: formats that the machine's own programs read too. Thread-safe. */
public enum Codec {
    /** Read by {@code zstd -dc}. */
    ZSTD(".zst") {
        @Override
        public OutputStream compress(OutputStream out, int level) throws IOException {
            // the frame's checksum lets the zstd program notice a damaged file by itself
            return new ZstdOutputStreamNoFinalizer(out, level).setChecksum(true);
        }

        @Override
        public InputStream decompress(InputStream in) throws IOException {
            return new ZstdInputStreamNoFinalizer(in);
        }
    },
    /** Read by {@code gzip -dc}. */
    GZIP(".gz") {
        @Override
        public OutputStream compress(OutputStream out, int level) throws IOException {
            return new LeveledGzip(out, level);
        }

        @Override
        public InputStream decompress(InputStream in) throws IOException {
            return new GZIPInputStream(in, BUFFER);
        }
    },
    /** As it is. */
    NONE("") {
        @Override
        public OutputStream compress(OutputStream out, int level) {
            return out;
        }

        @Override
        public InputStream decompress(InputStream in) {
            return in;
        }
    };

    private static final int BUFFER = 1 << 16;

    private final String suffix;

    Codec(String suffix) {
        this.suffix = suffix;
    }

    /** What a file's name ends with, dot included; empty for {@link #NONE}. */
    public String suffix() {
        return suffix;
    }

    /** The name that the manifest carries. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The codec of that id.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static Codec of(String id) {
        return Arrays.stream(values())
                .filter(codec -> codec.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown codec '" + id + "'"));
    }

    /**
     * A stream that compresses into another and closes it. Feed it large pieces: each write may be a native call.
     *
     * @param level the codec's own
     */
    public abstract OutputStream compress(OutputStream out, int level) throws IOException;

    /** A stream that decompresses another and closes it; a cut or altered input is an {@link IOException}. */
    public abstract InputStream decompress(InputStream in) throws IOException;

    private static final class LeveledGzip extends GZIPOutputStream {
        LeveledGzip(OutputStream out, int level) throws IOException {
            super(out, BUFFER);
            def.setLevel(Math.min(level, Deflater.BEST_COMPRESSION));
        }
    }
}
