package io.hyperkeep.cli;

import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.storage.BackupFolder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code show}: one backup, from its manifest alone. */
@Command(name = "show", description = "Show one backup: where it is from, its tables, its warnings.")
final class ShowCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "BACKUP",
            description = "Path of a backup's folder, PLAN/latest, PLAN/ID, or with --repository an ID or latest.")
    String backup = "";

    @Mixin
    LocationOptions location = new LocationOptions();

    ShowCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        BackupFolder folder = new FindBackup(session).find(backup, location);
        Manifest manifest = folder.manifest();
        session.results().print(document(folder, manifest), () -> text(folder, manifest));
        return 0;
    }

    private static Map<String, @Nullable Object> document(BackupFolder folder, Manifest manifest) {
        Map<String, @Nullable Object> document = BackupDocument.of(folder, manifest);
        document.put("formatVersion", manifest.formatVersion());
        document.put("tool", manifest.tool());
        document.put("source", manifest.source());
        document.put("snapshot", manifest.snapshot());
        document.put("codec", manifest.data().codec());
        document.put(
                "contents", manifest.tables().stream().map(ShowCommand::table).toList());
        document.put("jobs", manifest.jobs());
        if (manifest.cluster() != null) {
            document.put("cluster", manifest.cluster());
        }
        return document;
    }

    private static Map<String, Object> table(TableEntry table) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("table", table.name().toString());
        document.put("kind", kind(table));
        document.put("chunks", chunks(table));
        document.put("compressedChunks", compressed(table));
        document.put("units", table.units().size());
        document.put("rows", table.rows());
        document.put("storedBytes", stored(table));
        return document;
    }

    private static String text(BackupFolder folder, Manifest manifest) {
        Source source = manifest.source();
        Source.Timescale timescale = source.timescale();
        StringBuilder text = new StringBuilder();
        line(text, "Backup", folder.id() + " (" + manifest.kind() + ")");
        line(text, "Folder", folder.path().toString());
        line(
                text,
                "Source",
                source.database() + ", PostgreSQL " + source.serverVersion()
                        + (timescale == null
                                ? ""
                                : ", TimescaleDB " + timescale.version() + " (" + timescale.edition() + ")"));
        Duration took = Duration.between(manifest.started(), manifest.sealed());
        line(text, "Taken", Figures.time(manifest.started()) + ", in " + Figures.duration(took));
        line(
                text,
                "Consistent",
                manifest.cluster() != null
                        ? (manifest.consistent() ? "yes" : "no") + ", each database by itself"
                        : manifest.consistent()
                                ? "yes, as of "
                                        + Figures.time(manifest.snapshot().taken())
                                : "no: not every unit was read under one snapshot");
        line(
                text,
                "Size",
                Figures.size(manifest.totals().bytes()) + " stored, "
                        + Figures.size(manifest.totals().csvBytes()) + " as CSV, "
                        + Figures.count(manifest.totals().units(), "unit"));
        line(text, "Written by", manifest.tool() + ", run " + manifest.run());
        manifest.warnings().forEach(warning -> line(text, "Warning", warning.text()));
        Columns tables = new Columns("TABLE", "KIND", "CHUNKS>", "COMPRESSED>", "UNITS>", "ROWS>", "STORED>");
        manifest.tables()
                .forEach(table -> tables.row(
                        table.name().toString(),
                        kind(table),
                        Figures.count(chunks(table)),
                        Figures.count(compressed(table)),
                        Figures.count(table.units().size()),
                        Figures.count(table.rows()),
                        Figures.size(stored(table))));
        if (manifest.cluster() != null) {
            text.append(System.lineSeparator()).append(databases(manifest.cluster()));
            return text.toString();
        }
        text.append(System.lineSeparator()).append(tables);
        if (!manifest.jobs().isEmpty()) {
            text.append(System.lineSeparator()).append(JobColumns.of(manifest.jobs()));
        }
        return text.toString();
    }

    private static Columns databases(Cluster cluster) {
        Columns databases = new Columns("DATABASE", "KIND", "AS OF", "TABLES>", "ROWS>", "STORED>", "BACKUP");
        for (Cluster.Database database : cluster.databases()) {
            Totals totals = database.totals();
            databases.row(
                    database.name(),
                    database.kind(),
                    database.snapshot() == null
                            ? "missing"
                            : Figures.time(database.snapshot().taken()),
                    totals == null ? "" : Figures.count(totals.tables()),
                    totals == null ? "" : Figures.count(totals.rows()),
                    totals == null ? "" : Figures.size(totals.bytes()),
                    database.backup() == null ? String.valueOf(database.failure()) : database.backup());
        }
        return databases;
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "%-11s %s%n", name, value));
    }

    private static String kind(TableEntry table) {
        return table.kind().name().toLowerCase(Locale.ROOT);
    }

    private static int chunks(TableEntry table) {
        return table.hypertable() == null ? 0 : table.hypertable().chunks().size();
    }

    private static int compressed(TableEntry table) {
        return table.hypertable() == null ? 0 : table.hypertable().compressedChunks();
    }

    private static long stored(TableEntry table) {
        return table.units().stream().mapToLong(UnitEntry::bytes).sum();
    }
}
