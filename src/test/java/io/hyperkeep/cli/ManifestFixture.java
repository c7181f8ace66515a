package io.hyperkeep.cli;

import io.hyperkeep.manifest.DataFormat;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.ManifestJson;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.SchemaFiles;
import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.manifest.Warning;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Repositories with sealed backups of one table. */
final class ManifestFixture {
    private static final Instant STARTED = Instant.parse("2026-11-22T02:15:00Z");

    private ManifestFixture() {}

    /** Puts a sealed backup into a repository and returns its folder. */
    static Path seal(Path repository, String database, String id, boolean consistent, Warning... warnings) {
        Path folder = repository.resolve(database).resolve("backups").resolve(id);
        try {
            Files.createDirectories(folder);
            Files.writeString(repository.resolve("hyperkeep.json"), "{\"formatVersion\":1,\"repositoryId\":\"r\"}");
            try (OutputStream out = Files.newOutputStream(folder.resolve("manifest.json"))) {
                new ManifestJson().write(manifest(database, id, consistent, warnings), out);
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Manifest manifest(String database, String id, boolean consistent, Warning... warnings) {
        return new Manifest(
                1,
                id,
                "tables",
                "hyperkeep 0.1.0",
                7,
                null,
                STARTED,
                STARTED.plusSeconds(125),
                new Source(
                        "7",
                        1,
                        database,
                        16384,
                        "UTF8",
                        "C",
                        "C",
                        "c",
                        null,
                        null,
                        "17.11",
                        new Source.Timescale("2.31.0", "public", "timescale"),
                        List.of()),
                new SnapshotInfo("1", 1, 1, "0/1", STARTED.plusSeconds(2)),
                consistent,
                new DataFormat("zstd", "FORMAT csv, HEADER"),
                new SchemaFiles(List.of(), new SchemaFiles.Preambles(0, 0), List.of()),
                null,
                List.of(new TableEntry(
                        new TableName("public", "metrics"),
                        TableEntry.Kind.PLAIN,
                        "olga",
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        null,
                        List.of(),
                        1_234_567,
                        RowDigest.NONE)),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(warnings),
                new Totals(1, 4, 1, 1_234_567, 5L << 20, 3L << 19, 1L << 20, Map.of()),
                null,
                null,
                null);
    }
}
