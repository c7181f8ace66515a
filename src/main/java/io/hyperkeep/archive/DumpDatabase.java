package io.hyperkeep.archive;

import io.hyperkeep.database.CancelSessions;
import io.hyperkeep.database.ClientMessages;
import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.RestoreLedgers;
import io.hyperkeep.manifest.DumpFormat;
import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.Compression;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Runs pg_dump over a whole database. Not thread-safe; use one for each dump. */
public final class DumpDatabase {
    /** A dump has no time to be ready by; what it waits for has timeouts of its own. */
    private static final Duration TIMEOUT = Duration.ofDays(30);

    /** From this version on pg_dump knows other compressions than gzip's. */
    private static final int KNOWS_METHODS = 16;

    /** From this version on pg_dump can write the planner's statistics, and a server can take them. */
    static final int KNOWS_STATISTICS = 18;

    /**
     * One text for every value, which pg_dump itself pins for dates, intervals and floating point numbers only: rows are
     * compared as text, and an amount of money is another one where the target's locale is.
     */
    private static final List<String> ONE_TEXT = List.of("TimeZone=UTC", "bytea_output=hex", "lc_monetary=C");

    private static final String NOT_BUILT_WITH_ZSTD = "does not support compression with zstd";

    private final ClientTool pgDump;
    private final Connections source;
    private final String application;
    private final Duration lockTimeout;

    /**
     * @param application what {@code pg_stat_activity} shows of pg_dump's sessions
     * @param lockTimeout how long it waits for a lock, at most; those that matter are had before
     */
    public DumpDatabase(ClientTool pgDump, Connections source, String application, Duration lockTimeout) {
        this.pgDump = pgDump;
        this.source = source;
        this.application = application;
        this.lockTimeout = lockTimeout;
    }

    /**
     * A dump that was written; pg_dump has forced its files to disk.
     *
     * @param tool version of pg_dump
     * @param format of the archive
     * @param compression as pg_dump was told
     * @param warnings what pg_dump warned of
     * @param harmless how many of its warnings are known not to matter
     */
    public record Dumped(String tool, DumpFormat format, String compression, List<Warning> warnings, int harmless) {
        public Dumped {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Dumps.
     *
     * @param snapshot whose session stays open meanwhile, with locks on every table
     * @param format of the archive; in custom format one session reads all rows
     * @param jobs number of sessions that read rows
     * @param throughRoots whether rows of partitions are to be restored through their tables, which find the partitions
     * @param backup the backup's folder; where the archive is to be in it, there must be nothing, and may be half an
     *     archive after a failure
     * @throws BackupException CLIENT_TOOL when pg_dump fails; INTERRUPTED
     */
    public Dumped run(
            SnapshotInfo snapshot,
            DumpFormat format,
            int jobs,
            Compression compression,
            boolean throughRoots,
            Path backup) {
        Archive archive = new Archive(format, jobs, throughRoots, backup.resolve(format.archive()));
        if (!compression.codec().equals("zstd")) {
            return run(snapshot, archive, method(compression));
        }
        Compression gzip = new Compression("gzip", 6);
        if (pgDump.major() < KNOWS_METHODS) {
            return run(snapshot, archive, method(gzip));
        }
        try {
            return run(snapshot, archive, method(compression));
        } catch (BackupException e) {
            if (!String.valueOf(e.getMessage()).contains(NOT_BUILT_WITH_ZSTD)) {
                throw e;
            }
            return run(snapshot, archive, method(gzip));
        }
    }

    private String method(Compression compression) {
        return switch (compression.codec()) {
            case "none" -> "0";
            case "gzip" -> pgDump.major() < KNOWS_METHODS ? "" + compression.level() : "gzip:" + compression.level();
            default -> "zstd:" + compression.level();
        };
    }

    private List<String> ledgers() {
        try (Connection connection = source.open(application)) {
            return RestoreLedgers.schemas(connection);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the schemas of " + source.address(), e);
        }
    }

    private record Archive(DumpFormat format, int jobs, boolean throughRoots, Path path) {}

    private Dumped run(SnapshotInfo snapshot, Archive archive, String method) {
        ClientProcess process = ClientProcess.connected(pgDump, source, application)
                .settings(ONE_TEXT)
                .settings(source.withoutLoginTriggers())
                .arguments("--format=" + archive.format().word(), "--compress=" + method)
                .arguments("--snapshot=" + snapshot.id(), "--lock-wait-timeout=" + lockTimeout.toMillis())
                .arguments("--file=" + archive.path())
                .timeout(TIMEOUT);
        for (String ledger : ledgers()) {
            process.arguments("--exclude-schema=" + Identifiers.quote(ledger));
        }
        Path folder = archive.path();
        if (archive.format() == DumpFormat.DIRECTORY) {
            process.arguments("--jobs=" + archive.jobs());
        } else {
            folder = createPrivate(archive.path().getParent());
        }
        if (archive.throughRoots()) {
            process.arguments("--load-via-partition-root");
        }
        if (pgDump.major() >= KNOWS_STATISTICS) {
            process.arguments("--statistics");
        }
        ClientMessages messages = run(process).messages();
        makePrivate(folder);
        return new Dumped(
                pgDump.version(),
                archive.format(),
                method,
                messages.warnings().stream()
                        .map(text -> new Warning("pg-dump", "pg_dump: " + text))
                        .toList(),
                messages.circularForeignKeys());
    }

    /** Its sessions outlive pg_dump while they wait or read: after a failure they are cancelled. */
    private ClientProcess.Ended run(ClientProcess process) {
        boolean done = false;
        try {
            ClientProcess.Ended ended = process.run();
            done = true;
            return ended;
        } finally {
            if (!done) {
                new CancelSessions(source, application).named(application);
            }
        }
    }

    /** pg_dump makes a folder of its own only for an archive that is one. */
    private static Path createPrivate(Path folder) {
        try {
            return Files.isDirectory(folder)
                    ? folder
                    : Files.createDirectory(
                            folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw StorageErrors.writing(folder.toString(), e);
        }
    }

    private static void makePrivate(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            }
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new BackupException(
                    Problem.STORAGE, "cannot keep the files in " + folder + " private: " + e.getMessage(), null, e);
        }
    }
}
