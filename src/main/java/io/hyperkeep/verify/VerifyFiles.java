package io.hyperkeep.verify;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.crew.Hand;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.Codec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Checks every file of a backup, without a database. Thread-safe. */
public final class VerifyFiles {
    private final BackupFolder backup;
    private final RunProgress progress;
    private final FilesRead read;

    public VerifyFiles(BackupFolder backup, RunProgress progress) {
        this(backup, progress, new FilesRead());
    }

    /** @param read of other backups: a file that was read for one of them is not read again */
    public VerifyFiles(BackupFolder backup, RunProgress progress, FilesRead read) {
        this.backup = backup;
        this.progress = progress;
        this.read = read;
    }

    /**
     * Reads every file to its end: length, SHA-256, and of data files rows and digest too.
     *
     * @param jobs number of threads
     * @return all that is wrong, by file; empty when the backup is whole
     * @throws io.hyperkeep.problem.BackupException when the manifest can not be read; INTERRUPTED
     */
    public List<Finding> run(int jobs) {
        Manifest manifest = backup.manifest();
        Codec codec = Codec.of(manifest.data().codec());
        List<StoredFile> files = new ArrayList<>(StoredFile.schema(backup, manifest));
        for (TableEntry table : manifest.tables()) {
            table.units().forEach(unit -> files.add(StoredFile.data(backup, unit)));
        }
        List<Finding> findings = check(files, jobs, "verify", (reader, file) -> read.wrong(reader, file, codec));
        findings.addAll(PsqlCommands.run(files, findings));
        findings.addAll(sums(manifest));
        if (manifest.cluster() != null) {
            manifest.cluster().databases().forEach(database -> findings.addAll(part(database, jobs)));
        }
        return List.copyOf(findings);
    }

    /** A database of a cluster, which is a backup of its own. */
    private List<Finding> part(Cluster.Database database, int jobs) {
        if (database.backup() == null) {
            return List.of();
        }
        try {
            return new VerifyFiles(backup.part(database.backup()), progress, read)
                    .run(jobs).stream()
                            .map(finding -> new Finding(database.backup() + "/" + finding.on(), finding.what()))
                            .toList();
        } catch (BackupException e) {
            if (e.problem() != Problem.DAMAGED && e.problem() != Problem.NOT_FOUND) {
                throw e;
            }
            return List.of(new Finding(
                    database.backup() + "/" + BackupFolder.MANIFEST,
                    e.problem() == Problem.NOT_FOUND ? "is missing" : String.valueOf(e.getMessage())));
        }
    }

    /**
     * Only length and SHA-256 of some files, which is all that can be wrong with a file that was whole once, and whether
     * SQL would have psql do anything but send it.
     *
     * @param files what to look at
     * @param jobs number of threads
     * @return all that is wrong, by file
     */
    public List<Finding> bytes(List<StoredFile> files, int jobs) {
        List<Finding> findings = new ArrayList<>(check(files, jobs, "check", ReadFile::wrongBytes));
        findings.addAll(PsqlCommands.run(files, findings));
        return List.copyOf(findings);
    }

    /**
     * Only whether files are there and as long as they were.
     *
     * @return all that is wrong, by file
     */
    public static List<Finding> lengths(List<StoredFile> files) {
        List<Finding> findings = new ArrayList<>();
        for (StoredFile file : files) {
            ReadFile.wrongLength(file).ifPresent(what -> findings.add(new Finding(file.name(), what)));
        }
        findings.sort(Comparator.comparing(Finding::on));
        return List.copyOf(findings);
    }

    @FunctionalInterface
    private interface Check {
        Optional<String> of(ReadFile reader, StoredFile file) throws InterruptedException;
    }

    private List<Finding> check(List<StoredFile> files, int jobs, String name, Check check) {
        Queue<Finding> findings = new ConcurrentLinkedQueue<>();
        progress.expect(
                files.size(), files.stream().mapToLong(StoredFile::bytes).sum());
        List<StoredFile> biggestFirst = files.stream()
                .sorted(Comparator.comparingLong(StoredFile::bytes).reversed())
                .toList();
        Crew.work(name, jobs, biggestFirst, () -> new Reading(check, findings));
        return findings.stream()
                .sorted(Comparator.comparing(Finding::on))
                .collect(java.util.stream.Collectors.toCollection(ArrayList::new));
    }

    /** A manifest whose parts do not add up was not written by us, whatever its files hold. */
    private static List<Finding> sums(Manifest manifest) {
        List<Finding> findings = new ArrayList<>();
        if (manifest.dump() != null) {
            // its rows are in pg_dump's archive
            return findings;
        }
        for (TableEntry table : manifest.tables()) {
            long rows = table.units().stream().mapToLong(UnitEntry::rows).sum();
            if (rows != table.rows()) {
                findings.add(new Finding(
                        BackupFolder.MANIFEST,
                        table.name() + " has " + table.rows() + " rows, but its files have " + rows));
            }
        }
        return findings;
    }

    private final class Reading implements Hand<StoredFile> {
        private final ReadFile reader = new ReadFile();
        private final Check check;
        private final Queue<Finding> findings;

        Reading(Check check, Queue<Finding> findings) {
            this.check = check;
            this.findings = findings;
        }

        @Override
        public void work(StoredFile file) throws InterruptedException {
            check.of(reader, file).ifPresent(what -> findings.add(new Finding(file.name(), what)));
            progress.unitDone(file.bytes());
        }

        @Override
        public void cancel() {
            // the crew interrupts its threads, which look at that once for each buffer
        }

        @Override
        public void close() {
            // every file is closed by the call that opened it
        }
    }
}
