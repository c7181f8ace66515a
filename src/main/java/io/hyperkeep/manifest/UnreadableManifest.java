package io.hyperkeep.manifest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@code manifest.json} that this version can not read. */
public final class UnreadableManifest extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean newer;

    /**
     * @param why what is wrong with it
     * @param cause what the parser said, or null
     */
    public UnreadableManifest(String why, @Nullable Throwable cause) {
        this(why, cause, false);
    }

    private UnreadableManifest(String why, @Nullable Throwable cause, boolean newer) {
        super(why, cause);
        this.newer = newer;
    }

    UnreadableManifest(int newerFormat) {
        this("it is of format " + newerFormat + ", this version reads up to " + Manifest.FORMAT_VERSION, null, true);
    }

    /** A value that is not one of those that this version knows; a newer one may know it. */
    static UnreadableManifest unknownValue(String path, String value, List<String> known) {
        return new UnreadableManifest(
                path + " is '" + ManifestShape.shortened(value) + "', this version knows "
                        + String.join(
                                ", ",
                                known.stream().map(word -> "'" + word + "'").toList()),
                null,
                true);
    }

    /** Whether a newer version of hyperkeep wrote it, or may have. */
    public boolean writtenByNewerVersion() {
        return newer;
    }
}
