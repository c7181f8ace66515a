package io.hyperkeep.cli;

import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.storage.BackupFolder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code backups}: which backups there are, from their manifests alone. */
@Command(name = "backups", description = "List the sealed backups of a plan or a repository, newest first.")
final class BackupsCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(arity = "0..1", paramLabel = "PLAN", description = "A configured plan.")
    @Nullable
    String plan;

    @Mixin
    LocationOptions location = new LocationOptions();

    BackupsCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        ListBackups list = new ListBackups(session);
        List<BackupFolder> found = new ArrayList<>(plan != null ? list.ofPlan(plan) : list.ofRepositories(location));
        java.util.Collections.reverse(found);
        List<Map<String, @Nullable Object>> documents = new ArrayList<>();
        Columns table = new Columns(
                "BACKUP", "DATABASE", "KIND", "STARTED", "TABLES>", "ROWS>", "STORED>", "CONSISTENT", "WARNINGS>");
        @Nullable BackupException unreadable = null;
        for (BackupFolder backup : found) {
            try {
                Manifest manifest = backup.manifest();
                documents.add(BackupDocument.of(backup, manifest));
                table.row(
                        backup.id(),
                        manifest.source().database(),
                        manifest.kind(),
                        Figures.time(manifest.started()),
                        Figures.count(manifest.totals().tables()),
                        Figures.count(manifest.totals().rows()),
                        Figures.size(manifest.totals().bytes()),
                        manifest.consistent() ? "yes" : "no",
                        Figures.count(manifest.warnings().size()));
            } catch (BackupException e) {
                // the others are listed all the same, and the command fails
                unreadable = unreadable == null ? e : unreadable;
                String database = String.valueOf(ListBackups.databaseOf(backup));
                documents.add(BackupDocument.unreadable(backup, e));
                table.row(backup.id(), database, "?", "?", "?", "?", "?", "damaged", "?");
            }
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("backups", documents);
        session.results().print(document, () -> documents.isEmpty() ? "no backups\n" : table.toString());
        return unreadable == null ? 0 : session.failures().report(unreadable);
    }
}
