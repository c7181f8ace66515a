package io.hyperkeep.config;

import io.hyperkeep.hooks.HookSettings;
import io.hyperkeep.notify.ReceiverSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is done around backups: hooks, and who is told.
 *
 * @param receivers who can be told, by name, in the file's order
 * @param defaults what holds for plans that do not say otherwise, and for backups without a plan
 * @param plans by name
 */
public record AroundBackups(
        Map<String, ReceiverSettings> receivers, AroundBackup defaults, Map<String, AroundBackup> plans) {
    /** Nothing. */
    public static final AroundBackups NOTHING = new AroundBackups(Map.of(), AroundBackup.NOTHING, Map.of());

    private static final Duration LONGEST_HOOK = Duration.ofDays(1);

    public AroundBackups {
        receivers = Collections.unmodifiableMap(new LinkedHashMap<>(receivers));
        plans = Map.copyOf(plans);
    }

    /** The hooks of a plan, or by null those of backups without one. */
    public HookSettings hooks(@Nullable String plan) {
        AroundBackup around = of(plan);
        return new HookSettings(
                command(around.before()),
                command(around.after()),
                Quantity.duration(around.timeoutInForce().text()));
    }

    /** Who is told of a plan's backups, or by null of those without one. */
    public List<ReceiverSettings> receivers(@Nullable String plan) {
        Given names = of(plan).receivers();
        return names == null
                ? List.of()
                : names.texts().stream()
                        .distinct()
                        .map(receivers::get)
                        .filter(Objects::nonNull)
                        .toList();
    }

    private AroundBackup of(@Nullable String plan) {
        AroundBackup own = plan == null ? null : plans.get(plan);
        return own == null ? defaults : own.over(defaults);
    }

    /** One text is for a shell, as in cron; a list is run as it is, and an empty one takes the defaults' command away. */
    private static @Nullable List<String> command(@Nullable Given given) {
        if (given == null || given.texts().isEmpty()) {
            return null;
        }
        return given.list() ? given.texts() : List.of("/bin/sh", "-c", given.text());
    }

    void check(ConfigProblems problems) {
        check(defaults, problems);
        plans.values().forEach(plan -> check(plan, problems));
    }

    private void check(AroundBackup around, ConfigProblems problems) {
        if (around.timeout() != null) {
            try {
                Quantity.duration(around.timeout().text(), Duration.ofSeconds(1), LONGEST_HOOK, "1s to 1d");
            } catch (IllegalArgumentException e) {
                problems.add(around.timeout(), String.valueOf(e.getMessage()));
            }
        }
        if (around.receivers() != null) {
            for (String name : around.receivers().texts()) {
                if (!receivers.containsKey(name)) {
                    problems.add(
                            around.receivers(),
                            "there is no receiver '" + name + "' below notify"
                                    + ClosestName.question(name, receivers.keySet()));
                }
            }
        }
    }

    /** What is in force of a plan, or by null of backups without one; of commands the program only. */
    List<EffectiveValue> effective(@Nullable String plan) {
        AroundBackup around = of(plan);
        String path = plan == null ? "defaults." : "plans." + plan + ".";
        List<EffectiveValue> values = new ArrayList<>();
        command(values, path + "hooks.before", around.before());
        command(values, path + "hooks.after", around.after());
        values.add(EffectiveValue.of(path + "hooks.timeout", around.timeoutInForce()));
        if (around.receivers() != null) {
            values.add(EffectiveValue.of(path + "notify", around.receivers()));
        }
        return values;
    }

    private static void command(List<EffectiveValue> values, String key, @Nullable Given command) {
        if (command != null && !command.texts().isEmpty()) {
            values.add(EffectiveValue.ofCommand(key, command));
        }
    }
}
