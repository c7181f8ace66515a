package io.hyperkeep.config;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one place of the file, a plan or the defaults, says about what is done around a backup: null where it says nothing.
 *
 * @param before the command that comes before
 * @param after the command that comes after
 * @param timeout of each command
 * @param receivers names of the receivers that are told
 */
public record AroundBackup(
        @Nullable Given before,
        @Nullable Given after,
        @Nullable Given timeout,
        @Nullable Given receivers) {
    static final String HOOKS = "hooks";
    static final String NOTIFY = "notify";
    static final Set<String> HOOK_KEYS = Set.of("before", "after", "timeout");

    /** Nothing said. */
    public static final AroundBackup NOTHING = new AroundBackup(null, null, null, null);

    private static final Given STANDARD_TIMEOUT = Given.standard("timeout", List.of("5m"));

    static AroundBackup section(YamlSection section) {
        YamlSection hooks = section.section(HOOKS);
        if (hooks != null) {
            hooks.allowOnly(HOOK_KEYS);
        }
        return new AroundBackup(
                hooks == null ? null : hooks.list("before"),
                hooks == null ? null : hooks.list("after"),
                hooks == null ? null : hooks.text("timeout"),
                section.list(NOTIFY));
    }

    /** What is in force where this place is stronger than another one. */
    AroundBackup over(AroundBackup weaker) {
        return new AroundBackup(
                first(weaker, AroundBackup::before),
                first(weaker, AroundBackup::after),
                first(weaker, AroundBackup::timeout),
                first(weaker, AroundBackup::receivers));
    }

    private @Nullable Given first(AroundBackup weaker, Function<AroundBackup, @Nullable Given> value) {
        Given own = value.apply(this);
        return own != null ? own : value.apply(weaker);
    }

    /** How long a command may last. */
    Given timeoutInForce() {
        return timeout == null ? STANDARD_TIMEOUT : timeout;
    }
}
