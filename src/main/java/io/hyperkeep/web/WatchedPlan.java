package io.hyperkeep.web;

import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Selection;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.plan.LockMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A plan whose backups are watched.
 *
 * @param name the plan's name
 * @param database name of the database, which its folder in the repository has too
 * @param repository the repository's folder
 * @param kind what its backups are made of
 * @param selection which tables
 * @param light whether a backup counts as good whose tables are not all of one instant
 * @param freshness how old its newest good backup may become, or null when any age is right
 */
public record WatchedPlan(
        String name,
        String database,
        Path repository,
        BackupKind kind,
        Selection selection,
        boolean light,
        @Nullable Duration freshness) {
    private static final Selection EVERYTHING = new Selection(java.util.List.of(), java.util.List.of());

    /** A plan as it is run, and how old its newest good backup may become. */
    public static WatchedPlan of(BackupPlan plan, @Nullable Duration freshness) {
        return new WatchedPlan(
                Objects.requireNonNull(plan.name(), "only plans with a name are watched"),
                plan.database().name(),
                plan.repository(),
                plan.kind(),
                new Selection(plan.selection().include(), plan.selection().exclude()),
                plan.lock() == LockMode.LIGHT,
                freshness);
    }

    /** The kind as commands and manifests write it. */
    String kindName() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Whether a backup of the same database is one of this plan. One that was made without a plan is, if it holds at least
     * as much; another plan's is not, whatever it holds: when it goes is up to that plan.
     */
    boolean isMadeBy(Manifest manifest) {
        Selection selected = manifest.selection() == null ? EVERYTHING : manifest.selection();
        boolean mine = manifest.plan() == null || manifest.plan().equals(name);
        return mine
                && manifest.kind().equals(kindName())
                && (selected.equals(selection) || selected.equals(EVERYTHING));
    }
}
