package io.hyperkeep.archive;

import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.manifest.DatabaseDump;
import io.hyperkeep.manifest.DumpedRelation;
import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.StorageErrors;
import io.hyperkeep.verify.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Has pg_restore list an archive, without a server, and compares its entries with the lists that a restore follows: each
 * must be in one of them, and in no other place. Not thread-safe.
 */
public final class CheckListing {
    private static final List<String> LISTS = List.of(
            WriteArchive.PRE_DATA,
            WriteArchive.CATALOG,
            WriteArchive.UNCHECKED,
            WriteArchive.DATA,
            WriteArchive.CHECKED,
            WriteArchive.POST_DATA,
            WriteArchive.CLUSTERED,
            WriteArchive.ATTACHED,
            WriteArchive.KEYS,
            WriteArchive.VIEWS,
            WriteArchive.LATE,
            WriteArchive.STATISTICS);

    private final ClientTools tools;
    private final Consumer<String> notices;

    /** @param notices told when this machine has no pg_restore that can list the archive */
    public CheckListing(ClientTools tools, Consumer<String> notices) {
        this.tools = tools;
        this.notices = notices;
    }

    /** All that differs; nothing of a backup that has no archive. */
    public List<Finding> run(BackupFolder backup, Manifest manifest) {
        DatabaseDump dump = manifest.dump();
        if (dump == null) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        Set<String> files = dump.files().stream().map(FileEntry::file).collect(Collectors.toSet());
        for (DumpedRelation relation : dump.relations()) {
            if (!files.contains(relation.file())) {
                findings.add(new Finding(
                        BackupFolder.MANIFEST,
                        "the rows of " + relation.relation() + " are in no file of the archive"));
            }
        }
        try {
            ClientTool pgRestore = tools.find("pg_restore", dump.major());
            List<String> archive = RestoreOrder.entries(ClientProcess.offline(pgRestore)
                    .arguments(
                            "--list",
                            backup.path().resolve(dump.format().archive()).toString())
                    .run()
                    .output()
                    .lines()
                    .toList());
            findings.addAll(differences(archive, listed(backup.path())));
        } catch (BackupException e) {
            if (e.problem() != Problem.CLIENT_TOOL) {
                throw e;
            }
            String said = Objects.requireNonNull(e.getMessage());
            if (said.contains("failed with exit code")) {
                findings.add(new Finding(dump.format().archive(), said));
            } else {
                notices.accept("the archive of backup " + backup.id() + " was not listed: " + said);
            }
        }
        return findings;
    }

    private static List<String> listed(Path backup) {
        List<String> listed = new ArrayList<>();
        for (String list : LISTS) {
            if (!Files.exists(backup.resolve(list))) {
                // every file that the manifest names is there: an earlier version wrote fewer lists
                continue;
            }
            try {
                listed.addAll(Files.readAllLines(backup.resolve(list)));
            } catch (IOException e) {
                throw StorageErrors.reading(backup.resolve(list).toString(), e);
            }
        }
        return listed;
    }

    static List<Finding> differences(List<String> archive, List<String> listed) {
        List<Finding> findings = new ArrayList<>();
        Set<String> unlisted = new TreeSet<>(archive);
        for (String entry : listed) {
            if (!unlisted.remove(entry)) {
                findings.add(
                        new Finding("restore/", "names an entry that the archive does not have, or twice: " + entry));
            }
        }
        unlisted.forEach(entry -> findings.add(
                new Finding(WriteArchive.DUMP + "/", "has an entry that a restore would leave out: " + entry)));
        return findings;
    }
}
