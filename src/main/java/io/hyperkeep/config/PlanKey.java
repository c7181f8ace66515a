package io.hyperkeep.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Everything that can be said about a backup, under one name as a key, a flag and an environment variable. */
public enum PlanKey {
    /** The source: a configured name or a URI. */
    DATABASE(null),
    /** Where backups are kept: a configured name or a folder. */
    REPOSITORY(null),
    KIND("tables"),
    INCLUDE(""),
    EXCLUDE(""),
    JOBS("2"),
    LOCK("strict"),
    LOCK_TIMEOUT("60s"),
    COMPRESSION("zstd"),
    /** Without one, the codec's own. */
    COMPRESSION_LEVEL(null),
    UNIT_SIZE("16MiB"),
    SLICE_SIZE("256MiB"),
    FULL("false"),
    VERIFY_REUSED("false"),
    MAX_ATTEMPTS("2");

    /** The keys of {@code defaults} and of a plan. */
    static final Set<String> KEYS = Arrays.stream(values()).map(PlanKey::key).collect(Collectors.toUnmodifiableSet());

    private final @Nullable String standard;

    PlanKey(@Nullable String standard) {
        this.standard = standard;
    }

    /** Its name in the configuration file: {@code lock-timeout}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Its name on the command line: {@code --lock-timeout}. */
    public String flag() {
        return "--" + key();
    }

    /** Its name in the environment: {@code HYPERKEEP_LOCK_TIMEOUT}. */
    public String variable() {
        return "HYPERKEEP_" + name();
    }

    /** The built-in value as one would write it, or null when there is none. */
    public @Nullable String standard() {
        return standard;
    }

    /** Whether it takes several values. */
    boolean list() {
        return this == INCLUDE || this == EXCLUDE;
    }

    /** The built-in value, or null when there is none. */
    @Nullable
    Given standardValue() {
        return standard == null
                ? null
                : Given.standard(key(), list() && standard.isEmpty() ? List.of() : List.of(standard));
    }
}
