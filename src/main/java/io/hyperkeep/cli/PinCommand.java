package io.hyperkeep.cli;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.DatabaseFolder;
import io.hyperkeep.storage.FolderLock;
import io.hyperkeep.storage.FolderLocks;
import io.hyperkeep.storage.FolderUse;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code backups pin} and {@code backups unpin}: whether a backup stays whatever the rules of retention say. */
abstract class PinCommand implements Callable<Integer> {
    private final Session session;
    private final boolean pin;

    @Parameters(
            paramLabel = "BACKUP",
            description = "Path of a backup's folder, PLAN/latest, PLAN/ID, or with --repository an ID or latest.")
    String backup = "";

    @Mixin
    LocationOptions location = new LocationOptions();

    private PinCommand(Session session, boolean pin) {
        this.session = session;
        this.pin = pin;
    }

    @Override
    public Integer call() {
        BackupFolder folder = new FindBackup(session).find(backup, location);
        DatabaseFolder database = folder.inRepository()
                .orElseThrow(() -> new BackupException(
                        Problem.UNSUITABLE,
                        folder.path() + " is a copy outside of a repository",
                        "no prune deletes it there."));
        FolderLocks locks = new FolderLocks(
                database, session.surroundings().clock(), session.surroundings().screen()::line);
        try (FolderLock lock = locks.acquire(FolderUse.READ, "a change of a pin", lost -> {})) {
            folder.pin(database.store(), database.backupsPath() + "/" + folder.id(), pin);
            lock.requireHeld();
        } catch (IOException e) {
            throw StorageErrors.writing(folder.path().toString(), e);
        }
        session.results()
                .print(
                        Map.of("backup", folder.id(), "pinned", pin),
                        () -> "backup " + folder.id()
                                + (pin ? " stays until it is unpinned" : " is subject to the rules of retention")
                                + System.lineSeparator());
        return 0;
    }

    @Command(name = "pin", description = "Keep a backup, whatever the rules of retention say.")
    static final class Pin extends PinCommand {
        Pin(Session session) {
            super(session, true);
        }
    }

    @Command(name = "unpin", description = "Leave a backup to the rules of retention again.")
    static final class Unpin extends PinCommand {
        Unpin(Session session) {
            super(session, false);
        }
    }
}
