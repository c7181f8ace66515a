package io.hyperkeep.config;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Everything that can be said about a backup, under one name as a key, a flag and an environment variable. */
public enum PlanKey {
    /** The source: a configured name or a URI. */
    DATABASE(null),
    /** Where backups are kept: a configured name or a folder. */
    REPOSITORY(null),
    KIND("tables"),
    /** How pg_dump writes the archive of a whole database. */
    DUMP_FORMAT("directory"),
    INCLUDE(""),
    EXCLUDE(""),
    /** Which databases of a cluster. */
    INCLUDE_DATABASE(""),
    EXCLUDE_DATABASE(""),
    /** What the backup of each database of a cluster is made of. */
    CLUSTER_KIND("database"),
    /** Whether a backup of a cluster keeps the roles' passwords. */
    ROLE_PASSWORDS("true"),
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
    MAX_ATTEMPTS("2"),
    /** What a restore makes of chunks that were compressed. */
    COMPRESS("as-source"),
    /** Whether a restore refuses a target that can not carry everything. */
    STRICT("false"),
    /** Whether a restore uses no tablespaces. */
    NO_TABLESPACES("false"),
    /** How old the newest good backup may become. */
    FRESHNESS("schedule"),
    /** The time zone in which a plan's days begin, and whose clocks its schedules mean. */
    ZONE("UTC"),
    /** When a plan is backed up: Quartz cron expressions. */
    SCHEDULE(""),
    VERIFY_SCHEDULE(""),
    DRILL_SCHEDULE(""),
    PRUNE_SCHEDULE(""),
    /** Where scheduled drills restore: a configured name or a URI. */
    DRILL_SERVER(null),
    /** What becomes of firings that were missed. */
    CATCH_UP("once"),
    /** By how much a firing is delayed, at most. */
    JITTER("0s"),
    /** Windows of the week in which nothing begins. */
    BLACKOUT(""),
    /** How long a scheduled run may last. */
    TIMEOUT(null),
    /** Whether a plan's backup is followed by a prune of the plan's backups, if there are rules. */
    PRUNE_AFTER_BACKUP("true"),
    KEEP_LAST("0"),
    KEEP_WITHIN(null),
    KEEP_HOURLY("0"),
    KEEP_DAILY("0"),
    KEEP_WEEKLY("0"),
    KEEP_MONTHLY("0"),
    KEEP_YEARLY("0"),
    KEEP_MINIMUM("1"),
    KEEP_LEFTOVERS("1d");

    private static final Set<PlanKey> PATTERNS = EnumSet.of(INCLUDE, EXCLUDE, INCLUDE_DATABASE, EXCLUDE_DATABASE);

    /** The section that the keys of retention are in. */
    static final String RETENTION = "retention";

    /** The keys of {@code defaults} and of a plan. */
    static final Set<String> KEYS = Stream.concat(
                    Arrays.stream(values()).filter(key -> !key.isOfRetention()).map(PlanKey::key),
                    Stream.of(RETENTION, AroundBackup.HOOKS, AroundBackup.NOTIFY))
            .collect(Collectors.toUnmodifiableSet());

    /** The keys of the section {@code retention} there. */
    static final Set<String> RETENTION_KEYS = Arrays.stream(values())
            .filter(PlanKey::isOfRetention)
            .map(PlanKey::key)
            .collect(Collectors.toUnmodifiableSet());

    private final @Nullable String standard;

    PlanKey(@Nullable String standard) {
        this.standard = standard;
    }

    /** Its name in the configuration file: {@code lock-timeout}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether it is in the section {@code retention}. */
    boolean isOfRetention() {
        return name().startsWith("KEEP_");
    }

    /** Its name with its section: {@code retention.keep-last}. */
    String path() {
        return isOfRetention() ? RETENTION + "." + key() : key();
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

    /** A value that can be read, to go on with when the one that was given can not. */
    String readable() {
        return standard != null ? standard : this == KEEP_WITHIN || this == TIMEOUT ? "1d" : "1";
    }

    /** Whether it takes several values. */
    boolean list() {
        return switch (this) {
            case BLACKOUT, SCHEDULE, VERIFY_SCHEDULE, DRILL_SCHEDULE, PRUNE_SCHEDULE -> true;
            default -> PATTERNS.contains(this);
        };
    }

    /** Several values in one text of the environment: patterns between commas, which expressions and windows have in them. */
    List<String> split(String text) {
        return PATTERNS.contains(this)
                ? PlanLayer.list(text)
                : List.of(text.strip().split("\\s*;\\s*"));
    }

    /** The built-in value, or null when there is none. */
    @Nullable
    Given standardValue() {
        return standard == null
                ? null
                : Given.standard(key(), list() && standard.isEmpty() ? List.of() : List.of(standard));
    }
}
