package io.hyperkeep.manifest;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How pg_dump writes a whole database's archive. */
public enum DumpFormat {
    /** A folder with a file for each table's rows, written by several sessions. */
    DIRECTORY("dump"),
    /** One file, written by one session: {@code pg_dump -Fc}. */
    CUSTOM("dump/database.dump");

    private final String archive;

    DumpFormat(String archive) {
        this.archive = archive;
    }

    /** What pg_restore is given: a path below the backup's folder. */
    public String archive() {
        return archive;
    }

    /** Its name in commands, configuration and manifests, which is pg_dump's. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The format of that name.
     *
     * @throws IllegalArgumentException when there is none
     */
    @JsonCreator
    public static DumpFormat of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
