package io.hyperkeep.cli;

import io.hyperkeep.config.Configuration;
import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.database.DatabaseAddress;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.FileNames;
import io.hyperkeep.storage.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the backup that a BACKUP argument means, without opening its manifest. */
final class FindBackup {
    private static final String LATEST = "latest";
    private static final int LISTED = 5;

    private final Session session;

    FindBackup(Session session) {
        this.session = session;
    }

    /**
     * Finds a backup.
     *
     * @param text a path, {@code PLAN/latest}, {@code PLAN/<id>}, or an id or {@code latest} of a repository
     * @param location where to look when the text is an id or {@code latest}
     * @throws BackupException NOT_FOUND, with what there is; USAGE when it is not clear which one is meant
     */
    BackupFolder find(String text, LocationOptions location) {
        Path path = session.surroundings().paths().resolve(text);
        boolean written =
                text.startsWith("/") || text.startsWith("./") || text.startsWith("../") || text.startsWith("~");
        if (written || new BackupFolder(path).isSealed()) {
            return atPath(path);
        }
        int slash = text.indexOf('/');
        if (slash < 0) {
            return inRepository(text, location);
        }
        String plan = text.substring(0, slash);
        Configuration configuration = session.configuration();
        if (!configuration.plans().containsKey(plan)) {
            throw new BackupException(
                    Problem.NOT_FOUND,
                    "there is no backup '" + text + "': no folder is called so, and no plan '" + plan
                            + "' is configured",
                    configuration.plans().isEmpty()
                            ? "give the path of a backup's folder, or --repository DIR and an id or latest."
                            : "configured plans: "
                                    + String.join(", ", configuration.plans().keySet()) + ".");
        }
        BackupPlan found = session.plans().named(plan, PlanLayer.EMPTY, DatabaseAccess.NONE);
        return pick(
                text.substring(slash + 1),
                ofDatabase(
                        Repository.open(found.repository()).backups(),
                        found.database().name()),
                "plan '" + plan + "'",
                null);
    }

    /** The plan that a BACKUP argument names, or null. */
    static @Nullable String planOf(String text, Configuration configuration) {
        int slash = text.indexOf('/');
        String before = slash < 0 ? "" : text.substring(0, slash);
        return configuration.plans().containsKey(before) ? before : null;
    }

    private static BackupFolder atPath(Path path) {
        BackupFolder folder = new BackupFolder(path);
        if (!folder.isSealed()) {
            throw new BackupException(
                    Problem.NOT_FOUND,
                    "there is no backup in " + path + ": it has no " + BackupFolder.MANIFEST,
                    "a backup's folder is <repository>/<database>/backups/<id>; `hyperkeep backups --repository DIR` lists them.");
        }
        return folder;
    }

    private BackupFolder inRepository(String text, LocationOptions location) {
        Path repository = session.plans().repository(location.repository);
        if (repository == null) {
            boolean plan = session.configuration().plans().containsKey(text);
            throw new BackupException(
                    Problem.NOT_FOUND,
                    "there is no backup '" + text + "': " + (plan ? "this is a plan" : "no repository was given"),
                    plan
                            ? "`" + text + "/latest` is the latest backup of this plan."
                            : "give --repository DIR too, or PLAN/" + text + ", or the path of the backup's folder.");
        }
        List<BackupFolder> backups = Repository.open(repository).backups();
        String database = database(location);
        if (database != null) {
            backups = ofDatabase(backups, database);
        }
        return pick(text, backups, "repository " + repository, database);
    }

    /** The flag, else the environment; a URI means the database that it leads to. */
    @Nullable
    String database(LocationOptions location) {
        String name = location.database != null
                ? location.database
                : session.surroundings().environment().getOrDefault("HYPERKEEP_DATABASE", "");
        if (name.isEmpty() || name.indexOf("://") < 0) {
            return name.isEmpty() ? null : name;
        }
        return DatabaseAddress.parse(
                        name,
                        session.surroundings().environment(),
                        session.surroundings().paths().userHome())
                .database();
    }

    static List<BackupFolder> ofDatabase(List<BackupFolder> backups, String database) {
        String folder = FileNames.of(database);
        return backups.stream()
                .filter(backup ->
                        backup.databaseFolder().getFileName().toString().equals(folder))
                .toList();
    }

    private static BackupFolder pick(
            String wanted, List<BackupFolder> backups, String where, @Nullable String database) {
        String place = where + (database == null ? "" : ", database '" + database + "'");
        List<BackupFolder> matching = backups.stream()
                .filter(backup -> wanted.equals(LATEST) || backup.id().equals(wanted))
                .toList();
        if (matching.isEmpty()) {
            throw new BackupException(
                    Problem.NOT_FOUND,
                    wanted.equals(LATEST)
                            ? "there is no backup yet in " + place
                            : "there is no backup '" + wanted + "' in " + place,
                    backups.isEmpty()
                            ? "`hyperkeep runs` shows what ran and how it ended."
                            : "the newest are " + newest(backups) + ".");
        }
        List<String> databases = matching.stream()
                .map(backup -> backup.databaseFolder().getFileName().toString())
                .distinct()
                .toList();
        if (databases.size() > 1) {
            throw new BackupException(
                    Problem.USAGE,
                    "'" + wanted + "' is not clear: " + place + " holds backups of " + String.join(", ", databases),
                    "choose one with --database NAME.");
        }
        return matching.get(matching.size() - 1);
    }

    private static String newest(List<BackupFolder> backups) {
        return backups.stream()
                .skip(Math.max(0, backups.size() - LISTED))
                .map(backup -> backup.databaseFolder().getFileName() + " " + backup.id())
                .collect(Collectors.joining(", "));
    }
}
