package io.hyperkeep.web;

import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.FileNames;
import io.hyperkeep.storage.Repository;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.StoredFile;
import io.hyperkeep.verify.VerifyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the newest good backup of a plan, in its repository and nowhere else: what the record of runs says of a backup is
 * not worth anything if its folder is gone.
 *
 * <p>Manifests and lengths of files of good ones are looked at again after {@link #REMEMBERED}; which backups there are, each time.
 * Not thread-safe.
 */
final class FindGoodBackup {
    /** How long it is believed that a good backup's files are as they were. */
    static final Duration REMEMBERED = Duration.ofMinutes(5);

    private final WatchedPlan plan;
    private final InstantSource clock;
    private Map<Path, Looked> looked = new HashMap<>();

    FindGoodBackup(WatchedPlan plan, InstantSource clock) {
        this.plan = plan;
        this.clock = clock;
    }

    /**
     * What there is.
     *
     * @param newest the newest good backup, or null when there is none
     * @param damaged what is wrong with backups of the plan that are newer
     */
    record Found(@Nullable GoodBackup newest, List<String> damaged) {
        Found {
            damaged = List.copyOf(damaged);
        }
    }

    /** One backup, as it was when it was looked at; neither good nor damaged when it is not one of the plan's. */
    private record Looked(
            Instant at,
            @Nullable FileTime sealed,
            @Nullable GoodBackup good,
            @Nullable String damage) {}

    /**
     * Finds it.
     *
     * @throws BackupException when the repository can not be read
     */
    Found run() {
        if (!Repository.isIn(plan.repository())) {
            // a plan that never ran has no repository yet; a disk that is not mounted looks the same, and is as bad
            return new Found(null, List.of());
        }
        List<BackupFolder> backups = Repository.open(plan.repository())
                .database(FileNames.of(plan.database()))
                .backups();
        Map<Path, Looked> now = new HashMap<>();
        List<String> damaged = new ArrayList<>();
        GoodBackup newest = null;
        for (int i = backups.size() - 1; i >= 0 && newest == null; i--) {
            BackupFolder backup = backups.get(i);
            Looked one = look(backup);
            now.put(backup.path(), one);
            newest = one.good();
            if (one.damage() != null) {
                damaged.add("backup " + backup.id() + ": " + one.damage());
            }
        }
        looked = now;
        return new Found(newest, damaged);
    }

    private Looked look(BackupFolder backup) {
        FileTime sealed = sealed(backup);
        Looked before = looked.get(backup.path());
        // what was damaged is looked at each time: it may have been the network
        boolean remembered = before != null
                && before.damage() == null
                && sealed != null
                && sealed.equals(before.sealed())
                && before.at().plus(REMEMBERED).isAfter(clock.instant());
        return remembered ? before : lookAgain(backup, sealed);
    }

    private Looked lookAgain(BackupFolder backup, @Nullable FileTime sealed) {
        Instant now = clock.instant();
        try {
            Manifest manifest = backup.manifest();
            if (!plan.isMadeBy(manifest) || !manifest.consistent() && !plan.light()) {
                return new Looked(now, sealed, null, null);
            }
            List<Finding> wrong = wrong(backup, manifest);
            return wrong.isEmpty()
                    ? new Looked(now, sealed, GoodBackup.of(manifest), null)
                    : new Looked(
                            now,
                            sealed,
                            null,
                            wrong.get(0).on() + ": " + wrong.get(0).what());
        } catch (BackupException e) {
            return new Looked(now, sealed, null, e.getMessage());
        }
    }

    /** What is missing or cut; of a cluster, in the backup of each of its databases too. */
    private static List<Finding> wrong(BackupFolder backup, Manifest manifest) {
        List<StoredFile> files = new ArrayList<>(StoredFile.schema(backup, manifest));
        manifest.tables().stream()
                .flatMap(table -> table.units().stream())
                .map(unit -> StoredFile.data(backup, unit))
                .forEach(files::add);
        List<Finding> wrong = new ArrayList<>(VerifyFiles.lengths(files));
        if (manifest.cluster() != null) {
            for (Cluster.Database database : manifest.cluster().databases()) {
                if (database.backup() == null) {
                    wrong.add(new Finding("database " + database.name(), "was not backed up: " + database.failure()));
                } else {
                    BackupFolder part = backup.part(database.backup());
                    wrong.addAll(wrong(part, part.manifest()));
                }
            }
        }
        return wrong;
    }

    private static @Nullable FileTime sealed(BackupFolder backup) {
        try {
            return Files.getLastModifiedTime(backup.path().resolve(BackupFolder.MANIFEST));
        } catch (IOException e) {
            // it is being pruned, or can not be read, which looking at it tells
            return null;
        }
    }
}
