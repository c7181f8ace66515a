package io.hyperkeep.cli;

import io.hyperkeep.config.Configuration;
import io.hyperkeep.config.ConfiguredRepository;
import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.FileKind;
import io.hyperkeep.storage.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the backups that a list is about. */
final class ListBackups {
    private final Session session;

    ListBackups(Session session) {
        this.session = session;
    }

    /** Those of a plan, oldest first. */
    List<BackupFolder> ofPlan(String name) {
        BackupPlan plan = session.plans().named(name, PlanLayer.EMPTY, DatabaseAccess.NONE);
        // a plan that never ran has no repository yet, and no backup
        return FileKind.isFolder(plan.repository())
                ? FindBackup.ofDatabase(
                        Repository.open(plan.repository()).backups(),
                        plan.database().name())
                : List.of();
    }

    /** Those of one repository, or of every configured one, oldest first; of one database if it is said. */
    List<BackupFolder> ofRepositories(LocationOptions location) {
        Path one = session.plans().repository(location.repository);
        List<BackupFolder> backups =
                one != null ? Repository.open(one).backups() : ofConfigured(session.configuration());
        String database = new FindBackup(session).database(location);
        return database == null ? backups : FindBackup.ofDatabase(backups, database);
    }

    private List<BackupFolder> ofConfigured(Configuration configuration) {
        TreeSet<Path> folders = new TreeSet<>();
        configuration.repositories().values().stream()
                .map(ConfiguredRepository::folder)
                .forEach(folders::add);
        configuration
                .plans()
                .keySet()
                .forEach(plan -> folders.add(session.plans().repositoryOf(plan)));
        if (folders.isEmpty()) {
            throw new BackupException(
                    Problem.USAGE, "a repository is missing: none is configured", "give --repository DIR.");
        }
        return folders.stream()
                .filter(FileKind::isFolder)
                .flatMap(folder -> Repository.open(folder).backups().stream())
                .toList();
    }

    /** The folder's name under which a database's backups are. */
    static @Nullable String databaseOf(BackupFolder backup) {
        Path name = backup.databaseFolder().getFileName();
        return name == null ? null : name.toString();
    }
}
