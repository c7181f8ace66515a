package io.hyperkeep.cli;

import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.retention.DecideByPlan;
import io.hyperkeep.retention.Decision;
import io.hyperkeep.retention.PruneRules;
import io.hyperkeep.retention.SealedBackup;
import io.hyperkeep.retention.SealedBackup.State;
import io.hyperkeep.storage.BackupFolder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
        List<List<String>> rows = new ArrayList<>();
        List<SealedBackup> sealed = new ArrayList<>();
        @Nullable BackupException unreadable = null;
        for (BackupFolder backup : found) {
            try {
                Manifest manifest = backup.manifest();
                documents.add(BackupDocument.of(backup, manifest));
                sealed.add(sealed(backup, manifest));
                rows.add(List.of(
                        backup.id(),
                        manifest.source().database(),
                        manifest.kind(),
                        Figures.time(manifest.started()),
                        Figures.count(manifest.totals().tables()),
                        Figures.count(manifest.totals().rows()),
                        Figures.size(manifest.totals().bytes()),
                        manifest.consistent() ? "yes" : "no",
                        Figures.count(manifest.warnings().size())));
            } catch (BackupException e) {
                // the others are listed all the same, and the command fails
                unreadable = unreadable == null ? e : unreadable;
                String database = String.valueOf(ListBackups.databaseOf(backup));
                documents.add(BackupDocument.unreadable(backup, e));
                rows.add(List.of(backup.id(), database, "?", "?", "?", "?", "?", "damaged", "?"));
            }
        }
        Map<String, Decision> decisions = decide(sealed);
        documents.forEach(backup -> explain(backup, decisions.get(String.valueOf(backup.get("backup")))));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("backups", documents);
        session.results().print(document, () -> documents.isEmpty() ? "no backups\n" : table(rows, decisions));
        return unreadable == null ? 0 : session.failures().report(unreadable);
    }

    /** As the rules see it, from the manifest alone: whether its files are there is not looked at. */
    private static SealedBackup sealed(BackupFolder backup, Manifest manifest) {
        return new SealedBackup(
                backup.id(),
                manifest.plan(),
                manifest.started(),
                manifest.consistent() ? State.GOOD : State.INCONSISTENT,
                backup.isPinned());
    }

    /** What the plan's rules say, by id; empty when there are none. */
    private Map<String, Decision> decide(List<SealedBackup> sealed) {
        if (plan == null) {
            return Map.of();
        }
        PruneRules rules = session.plans().pruneRules(plan, PlanLayer.EMPTY);
        return rules.backups().isEmpty()
                ? Map.of()
                : DecideByPlan.run(rules, sealed).stream()
                        .collect(Collectors.toMap(decision -> decision.backup().id(), decision -> decision));
    }

    private static void explain(Map<String, @Nullable Object> document, @Nullable Decision decision) {
        if (decision != null) {
            document.put("kept", decision.kept());
            document.put("keptBecause", decision.kept() ? decision.reasons() : List.of());
        }
    }

    private static String table(List<List<String>> rows, Map<String, Decision> decisions) {
        List<String> headings = new ArrayList<>(List.of(
                "BACKUP", "DATABASE", "KIND", "STARTED", "TABLES>", "ROWS>", "STORED>", "CONSISTENT", "WARNINGS>"));
        if (!decisions.isEmpty()) {
            headings.add("KEPT BECAUSE");
        }
        Columns table = new Columns(headings.toArray(String[]::new));
        for (List<String> row : rows) {
            List<String> cells = new ArrayList<>(row);
            if (!decisions.isEmpty()) {
                Decision decision = decisions.get(row.get(0));
                cells.add(decision == null ? "?" : decision.kept() ? decision.why() : "not kept: " + decision.why());
            }
            table.row(cells.toArray(String[]::new));
        }
        return table.toString();
    }
}
