package io.hyperkeep.manifest;

import org.jspecify.annotations.Nullable;

/** A {@code manifest.json} that this version can not read. */
public final class UnreadableManifest extends Exception {
    private static final long serialVersionUID = 1L;

    private final int newerFormat;

    /**
     * @param why what is wrong with it
     * @param cause what the parser said, or null
     */
    public UnreadableManifest(String why, @Nullable Throwable cause) {
        super(why, cause);
        this.newerFormat = 0;
    }

    UnreadableManifest(int newerFormat) {
        super("it is of format " + newerFormat + ", this version reads up to " + Manifest.FORMAT_VERSION);
        this.newerFormat = newerFormat;
    }

    /** Whether a newer version of hyperkeep wrote it. */
    public boolean writtenByNewerVersion() {
        return newerFormat > 0;
    }
}
