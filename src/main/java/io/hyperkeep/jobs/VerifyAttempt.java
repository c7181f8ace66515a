package io.hyperkeep.jobs;

import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.VerifiedBackup;
import io.hyperkeep.verify.VerifyBackups;
import io.hyperkeep.verify.VerifyRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** What the steps of one verification hand to each other. */
public final class VerifyAttempt extends Attempt {
    private final VerifyRequest request;
    private final VerifyBackups verify;
    private volatile Map<String, BackupFolder> backups = Map.of();
    private final List<VerifiedBackup> verified = new CopyOnWriteArrayList<>();

    /** @param verify closed with the attempt */
    VerifyAttempt(VerifyRequest request, VerifyBackups verify, RunProgress progress, @Nullable Long restarts) {
        super(progress, restarts);
        this.request = request;
        this.verify = closing(verify);
    }

    public VerifyRequest request() {
        return request;
    }

    public VerifyBackups verify() {
        return verify;
    }

    /** What to verify, one after the other, by the unit's id. */
    public void planned(Map<String, BackupFolder> byUnit) {
        this.backups = byUnit;
    }

    public Map<String, BackupFolder> backups() {
        return backups;
    }

    /** One backup was read, whether it is whole or not. */
    public void verified(VerifiedBackup backup) {
        verified.add(backup);
    }

    List<VerifiedBackup> verified() {
        return List.copyOf(verified);
    }

    @Override
    RunRecords.Begin record() {
        return new RunRecords.Begin(
                run(),
                VerifyJob.NAME,
                LaunchBatchRun.oneOrAll(request.database()),
                request.plan(),
                request.repository(),
                restarts(),
                request);
    }

    @Override
    void cancel() {
        // it waits for no server
    }

    @Override
    void cutOff() {
        // it has no connections
    }
}
