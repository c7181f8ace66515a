package io.hyperkeep.config;

import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.manifest.DumpFormat;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.plan.ClusterOptions;
import io.hyperkeep.plan.Compression;
import io.hyperkeep.plan.DatabaseSelection;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.plan.Reuse;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.restore.Alterations;
import io.hyperkeep.restore.ArchiveOptions;
import io.hyperkeep.restore.CompressMode;
import io.hyperkeep.restore.JobsAtEnd;
import io.hyperkeep.restore.RestoreOptions;
import io.hyperkeep.retention.Period;
import io.hyperkeep.retention.PruneRules;
import io.hyperkeep.retention.RetentionRules;
import io.hyperkeep.schedule.BlackoutWindow;
import io.hyperkeep.schedule.CatchUp;
import io.hyperkeep.schedule.LocalTimes;
import io.hyperkeep.schedule.Schedule;
import io.hyperkeep.schedule.ScheduledJob;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The values of one plan, read from its layers; what can not be is noted. Not thread-safe. */
final class PlanValues {
    /** More connections than this hurt every server that we know. */
    private static final int MOST_JOBS = 64;

    private static final int MOST_ATTEMPTS = 10;
    private static final int MOST_KEPT = 100_000;

    private final List<PlanLayer> layers;
    private final ConfigProblems problems;

    /**
     * @param layers from the strongest; the built-in values come after them
     * @param problems where problems are noted
     */
    PlanValues(List<PlanLayer> layers, ConfigProblems problems) {
        this.layers = layers;
        this.problems = problems;
    }

    /** The value in force, or null when nobody says one. */
    @Nullable
    Given value(PlanKey key) {
        if (key == PlanKey.COMPRESSION_LEVEL && depth(key) > depth(PlanKey.COMPRESSION)) {
            // a level that was said for one codec says nothing for another that a stronger place asks for
            return null;
        }
        return layers.stream()
                .map(layer -> layer.values().get(key))
                .filter(java.util.Objects::nonNull)
                .findFirst()
                .orElseGet(key::standardValue);
    }

    /** What a backup is made of; notes a kind that does not exist. */
    private BackupKind kind() {
        return BackupKind.of(read(PlanKey.KIND, text -> one(text, names(BackupKind.values()))));
    }

    private DumpFormat dumpFormat() {
        return DumpFormat.of(read(PlanKey.DUMP_FORMAT, text -> one(text, names(DumpFormat.values()))));
    }

    /** What a backup of a cluster is made of. */
    private ClusterOptions cluster() {
        return new ClusterOptions(
                databases(),
                BackupKind.of(read(PlanKey.CLUSTER_KIND, text -> one(text, List.of("database", "tables")))),
                read(PlanKey.ROLE_PASSWORDS, PlanValues::yesOrNo));
    }

    /** Which databases of a cluster. */
    DatabaseSelection databases() {
        return new DatabaseSelection(list(PlanKey.INCLUDE_DATABASE), list(PlanKey.EXCLUDE_DATABASE));
    }

    /** A database is dumped whole, and its tables are locked before the snapshot; a cluster is of whole databases. */
    private void checkWhole(BackupKind kind, ClusterOptions cluster) {
        if (kind != BackupKind.TABLES) {
            refuse(
                    List.of(PlanKey.INCLUDE, PlanKey.EXCLUDE),
                    "a backup of kind '" + kind.word()
                            + "' is of all tables; patterns are for backups of kind 'tables'");
        }
        if (kind != BackupKind.CLUSTER) {
            List<PlanKey> keys = List.of(
                    PlanKey.INCLUDE_DATABASE, PlanKey.EXCLUDE_DATABASE, PlanKey.CLUSTER_KIND, PlanKey.ROLE_PASSWORDS);
            // in a file they may be meant for other plans
            refuse(
                    keys.stream()
                            .filter(key ->
                                    java.util.Objects.requireNonNull(value(key)).origin() == Given.Origin.FLAG)
                            .toList(),
                    "this is for backups of kind 'cluster'");
        }
        Given lock = value(PlanKey.LOCK);
        BackupKind each = kind == BackupKind.CLUSTER ? cluster.kind() : kind;
        Given format = java.util.Objects.requireNonNull(value(PlanKey.DUMP_FORMAT));
        if (each != BackupKind.DATABASE && format.origin() == Given.Origin.FLAG) {
            problems.add(format, "this is for backups of kind 'database'");
        }
        if (lock != null && each == BackupKind.DATABASE && lock() == LockMode.LIGHT) {
            problems.add(lock, "a backup of kind 'database' needs strict locks: pg_dump would lose rows without them");
        }
    }

    private void refuse(List<PlanKey> keys, String why) {
        for (PlanKey key : keys) {
            Given value = java.util.Objects.requireNonNull(value(key));
            if (!value.texts().isEmpty()) {
                problems.add(value, why);
            }
        }
    }

    /** How data files are compressed. */
    Compression compression() {
        String codec = read(PlanKey.COMPRESSION, text -> one(text, List.of("zstd", "gzip", "none")));
        int standard =
                switch (codec) {
                    case "zstd" -> Compression.DEFAULT.level();
                    case "gzip" -> 6;
                    default -> 0;
                };
        if (value(PlanKey.COMPRESSION_LEVEL) == null || codec.equals("none")) {
            return new Compression(codec, standard);
        }
        Integer level =
                read(PlanKey.COMPRESSION_LEVEL, text -> Quantity.number(text, 1, codec.equals("zstd") ? 19 : 9));
        return new Compression(codec, level == null ? standard : level);
    }

    /** Which tables. */
    TableSelection selection() {
        return new TableSelection(list(PlanKey.INCLUDE), list(PlanKey.EXCLUDE));
    }

    /** Number of connections. */
    int jobs() {
        return read(PlanKey.JOBS, text -> Quantity.number(text, 1, MOST_JOBS));
    }

    /** How often to try in all. */
    int maxAttempts() {
        return read(PlanKey.MAX_ATTEMPTS, text -> Quantity.number(text, 1, MOST_ATTEMPTS));
    }

    /** How a restore is to come out. */
    RestoreOptions restoreOptions() {
        String compress = read(PlanKey.COMPRESS, text -> one(text, List.of("as-source", "none")));
        return new RestoreOptions(
                compress.equals("none") ? CompressMode.NONE : CompressMode.AS_SOURCE,
                JobsAtEnd.AS_IN_SOURCE,
                read(PlanKey.STRICT, PlanValues::yesOrNo),
                Alterations.NONE,
                false,
                ArchiveOptions.NONE,
                read(PlanKey.NO_TABLESPACES, PlanValues::yesOrNo));
    }

    /** How tables are kept still. */
    LockMode lock() {
        return LockMode.valueOf(upper(read(PlanKey.LOCK, text -> one(text, names(LockMode.values())))));
    }

    /** The plan; null when its database or repository is. */
    @Nullable
    BackupPlan plan(@Nullable String name, @Nullable DatabaseSettings database, @Nullable Path repository) {
        BackupKind kind = kind();
        ClusterOptions cluster = cluster();
        checkWhole(kind, cluster);
        DumpFormat dumpFormat = dumpFormat();
        TableSelection selection = selection();
        int jobs = jobs();
        LockMode lock = lock();
        Duration timeout = read(
                PlanKey.LOCK_TIMEOUT,
                text -> Quantity.duration(text, Duration.ofMillis(1), Duration.ofDays(1), "1ms to 1d"));
        Compression compression = compression();
        Long unit = read(PlanKey.UNIT_SIZE, Quantity::size);
        Long slice = read(PlanKey.SLICE_SIZE, Quantity::size);
        Reuse reuse = reuse();
        int maxAttempts = maxAttempts();
        PruneRules rules = pruneRules(name);
        boolean pruned = read(PlanKey.PRUNE_AFTER_BACKUP, PlanValues::yesOrNo);
        freshness();
        restoreOptions();
        if (database == null || repository == null) {
            return null;
        }
        return new BackupPlan(
                name,
                database,
                repository,
                kind,
                selection,
                jobs,
                lock,
                timeout,
                compression,
                unit,
                slice,
                reuse,
                maxAttempts,
                // what was made without a plan nobody has said rules for
                name != null && pruned && !rules.backups().isEmpty() ? rules : null,
                dumpFormat,
                cluster);
    }

    /**
     * Which backups stay; may be that no rule is given.
     *
     * @param plan null for rules of no plan
     */
    PruneRules pruneRules(@Nullable String plan) {
        Map<Period, Integer> periods = new EnumMap<>(Period.class);
        periods.put(Period.HOURLY, count(PlanKey.KEEP_HOURLY, 0));
        periods.put(Period.DAILY, count(PlanKey.KEEP_DAILY, 0));
        periods.put(Period.WEEKLY, count(PlanKey.KEEP_WEEKLY, 0));
        periods.put(Period.MONTHLY, count(PlanKey.KEEP_MONTHLY, 0));
        periods.put(Period.YEARLY, count(PlanKey.KEEP_YEARLY, 0));
        RetentionRules rules = new RetentionRules(
                count(PlanKey.KEEP_LAST, 0),
                value(PlanKey.KEEP_WITHIN) == null ? null : hours(PlanKey.KEEP_WITHIN),
                periods,
                count(PlanKey.KEEP_MINIMUM, 1),
                read(PlanKey.ZONE, PlanValues::zone));
        return new PruneRules(plan, rules, hours(PlanKey.KEEP_LEFTOVERS));
    }

    /** How old the newest good backup may become. */
    Freshness freshness() {
        return read(PlanKey.FRESHNESS, Freshness::read);
    }

    /** When its jobs fire; those that are not scheduled are left out. */
    List<Schedule> schedules(String plan) {
        ZoneId zone = read(PlanKey.ZONE, PlanValues::zone);
        CatchUp catchUp = CatchUp.valueOf(upper(read(PlanKey.CATCH_UP, text -> one(text, names(CatchUp.values())))));
        Duration jitter =
                read(PlanKey.JITTER, text -> Quantity.duration(text, Duration.ZERO, Duration.ofDays(1), "0s to 1d"));
        List<BlackoutWindow> blackout = each(PlanKey.BLACKOUT, BlackoutWindow::parse);
        return Stream.of(ScheduledJob.values())
                .map(job -> new Schedule(
                        plan,
                        job,
                        each(keyOf(job), text -> LocalTimes.parse(text, zone)),
                        zone,
                        catchUp,
                        jitter,
                        blackout))
                .filter(schedule -> !schedule.times().isEmpty())
                .toList();
    }

    /** How long a scheduled run may last, or null when it may for ever. */
    @Nullable
    Duration timeout() {
        return value(PlanKey.TIMEOUT) == null
                ? null
                : read(
                        PlanKey.TIMEOUT,
                        text -> Quantity.duration(text, Duration.ofSeconds(1), Duration.ofDays(30), "1s to 30d"));
    }

    /** The key that says when a job fires. */
    static PlanKey keyOf(ScheduledJob job) {
        return switch (job) {
            case BACKUP -> PlanKey.SCHEDULE;
            case VERIFY -> PlanKey.VERIFY_SCHEDULE;
            case DRILL -> PlanKey.DRILL_SCHEDULE;
            case PRUNE -> PlanKey.PRUNE_SCHEDULE;
        };
    }

    /** Reads each value of a list; a bad one is noted and left out. */
    private <T> List<T> each(PlanKey key, Function<String, T> reader) {
        Given value = java.util.Objects.requireNonNull(value(key));
        List<T> read = new java.util.ArrayList<>();
        for (String text : value.texts()) {
            try {
                read.add(reader.apply(text));
            } catch (IllegalArgumentException e) {
                problems.add(value, String.valueOf(e.getMessage()));
            }
        }
        return read;
    }

    private int count(PlanKey key, int least) {
        return read(key, text -> Quantity.number(text, least, MOST_KEPT));
    }

    private Duration hours(PlanKey key) {
        return read(key, text -> Quantity.duration(text, Duration.ofHours(1), Duration.ofDays(36_500), "1h to 36500d"));
    }

    private static ZoneId zone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("'" + text + "' is not a time zone such as UTC or Europe/Berlin", e);
        }
    }

    private Reuse reuse() {
        boolean full = read(PlanKey.FULL, PlanValues::yesOrNo);
        boolean verified = read(PlanKey.VERIFY_REUSED, PlanValues::yesOrNo);
        return full ? Reuse.NONE : verified ? Reuse.VERIFIED : Reuse.UNCHANGED;
    }

    static boolean yesOrNo(String text) {
        return one(text, List.of("true", "false")).equals("true");
    }

    private List<String> list(PlanKey key) {
        Given value = value(key);
        return value == null ? List.of() : value.texts();
    }

    /** Reads the value in force; a bad one is noted and the built-in one read instead, so that checking goes on. */
    private <T> T read(PlanKey key, Function<String, T> reader) {
        Given value = java.util.Objects.requireNonNull(value(key));
        try {
            return reader.apply(value.text());
        } catch (IllegalArgumentException e) {
            problems.add(value, String.valueOf(e.getMessage()));
            return reader.apply(key.readable());
        }
    }

    private int depth(PlanKey key) {
        for (int i = 0; i < layers.size(); i++) {
            if (layers.get(i).values().containsKey(key)) {
                return i;
            }
        }
        return layers.size();
    }

    /** One of the words that are allowed. */
    static String one(String text, List<String> allowed) {
        if (!allowed.contains(text)) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not one of " + String.join(", ", allowed) + ClosestName.question(text, allowed));
        }
        return text;
    }

    private static List<String> names(Enum<?>[] values) {
        return Stream.of(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.toList());
    }

    private static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }
}
