package io.hyperkeep.jobs;

import io.hyperkeep.manifest.Totals;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.restore.DrillRequest;
import io.hyperkeep.runs.RunProcess;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.DatabaseFolder;
import io.hyperkeep.storage.PendingFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes what is kept of a drill beside the backups of its database. Thread-safe. */
final class KeepEvidence {
    private final RunQueries runs;
    private final String tool;
    private final JsonMapper json =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** @param tool name and version of this program */
    KeepEvidence(RunQueries runs, String tool) {
        this.runs = runs;
        this.tool = tool;
    }

    /**
     * Writes it.
     *
     * @param outcome how the drill ended
     * @return the file
     * @throws IOException when the repository refuses, or the backup is in none
     */
    Path write(DrillRequest request, RunOutcome outcome, Instant began, Instant ended) throws IOException {
        BackupFolder backup = new BackupFolder(request.restore().backup());
        DatabaseFolder folder = backup.inRepository()
                .orElseThrow(() -> new IOException(backup.path() + " is a copy and not in a repository"));
        String name = backup.id() + "-" + outcome.run() + "-"
                + request.restore().target().address().database().replaceFirst(".*_", "") + ".json";
        try (PendingFile file = folder.store().begin(folder.drillsPath(), name)) {
            String text = json.writeValueAsString(evidence(request, outcome, backup, began, ended));
            file.stream().write((text + "\n").getBytes(StandardCharsets.UTF_8));
            file.commit(name);
        }
        return folder.root().resolve(folder.drillsPath()).resolve(name);
    }

    private DrillEvidence evidence(
            DrillRequest request, RunOutcome outcome, BackupFolder backup, Instant began, Instant ended) {
        Totals totals = outcome.totals();
        BackupException failure = outcome.failure();
        return new DrillEvidence(
                DrillEvidence.FORMAT_VERSION,
                outcome.state().toLowerCase(java.util.Locale.ROOT),
                backup.id(),
                backup.path().toString(),
                request.source(),
                request.plan(),
                outcome.run(),
                System.getProperty("user.name"),
                RunProcess.current().host(),
                tool,
                request.server().address().host() + ":"
                        + request.server().address().port(),
                request.restore().target().address().database(),
                began.toString(),
                ended.toString(),
                DrillEvidence.seconds(began, ended),
                phases(outcome.run()),
                totals == null ? null : totals.tables(),
                totals == null ? null : totals.rows(),
                outcome.warnings(),
                failure == null
                        ? null
                        : new DrillEvidence.Failure(failure.problem().code(), failure.getMessage(), failure.hint()));
    }

    private List<DrillEvidence.Phase> phases(long run) {
        return runs.show(run).map(RunQueries.Detail::steps).orElse(List.of()).stream()
                .map(step -> new DrillEvidence.Phase(
                        step.step(),
                        step.started() == null || step.ended() == null
                                ? null
                                : DrillEvidence.seconds(step.started(), step.ended())))
                .toList();
    }
}
