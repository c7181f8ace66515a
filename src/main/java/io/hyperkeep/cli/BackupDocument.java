package io.hyperkeep.cli;

import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.storage.BackupFolder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A backup as scripts see it. Fields may be added, never renamed. */
final class BackupDocument {
    private BackupDocument() {}

    /** From its manifest. */
    static Map<String, @Nullable Object> of(BackupFolder backup, Manifest manifest) {
        Totals totals = manifest.totals();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("backup", backup.id());
        document.put("path", backup.path().toString());
        document.put("database", manifest.source().database());
        document.put("kind", manifest.kind());
        document.put("run", manifest.run());
        document.put("plan", manifest.plan());
        document.put("started", manifest.started().toString());
        document.put("sealed", manifest.sealed().toString());
        document.put("seconds", Figures.seconds(Duration.between(manifest.started(), manifest.sealed())));
        document.put("tables", totals.tables());
        document.put("units", totals.units());
        document.put("reusedUnits", totals.reusedUnits());
        document.put("rows", totals.rows());
        document.put("bytes", totals.csvBytes());
        document.put("storedBytes", totals.bytes());
        document.put("consistent", manifest.consistent());
        document.put("warnings", warnings(manifest.warnings()));
        return document;
    }

    /** Of a backup whose manifest can not be read. */
    static Map<String, @Nullable Object> unreadable(BackupFolder backup, BackupException why) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("backup", backup.id());
        document.put("path", backup.path().toString());
        document.put("error", why.getMessage());
        return document;
    }

    static List<Map<String, String>> warnings(List<Warning> warnings) {
        return warnings.stream()
                .map(warning -> {
                    Map<String, String> document = new LinkedHashMap<>();
                    document.put("code", warning.code());
                    document.put("text", warning.text());
                    return document;
                })
                .toList();
    }
}
