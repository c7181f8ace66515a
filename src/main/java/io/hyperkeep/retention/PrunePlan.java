package io.hyperkeep.retention;

import io.hyperkeep.manifest.Warning;
import io.hyperkeep.retention.SealedBackup.State;
import io.hyperkeep.storage.DatabaseFolder;
import java.util.List;

/**
 * What a prune of one database's folder does.
 *
 * @param folder which one
 * @param decisions about every sealed backup, the newest first
 * @param going the backups that go, the oldest first
 * @param unfinished ids of backups that were begun, never sealed, and are old enough
 * @param garbage data files that no remaining backup needs, and half-written files
 * @param parts what it does with the backups of a cluster's databases
 */
public record PrunePlan(
        DatabaseFolder folder,
        List<Decision> decisions,
        List<FoundBackup> going,
        List<String> unfinished,
        List<Garbage> garbage,
        List<PrunePlan> parts) {
    public PrunePlan {
        decisions = List.copyOf(decisions);
        going = List.copyOf(going);
        unfinished = List.copyOf(unfinished);
        garbage = List.copyOf(garbage);
        parts = List.copyOf(parts);
    }

    /** A sentence about every backup that lacks something: it stays, and stands in for no other. */
    public List<Warning> warnings() {
        return decisions.stream()
                .filter(decision -> decision.backup().state() == State.DAMAGED)
                .map(decision -> new Warning(
                        "backup-damaged",
                        "backup " + decision.backup().id() + " of " + folder.name()
                                + " lacks files or has cut ones; it is kept: `hyperkeep verify` names them"))
                .toList();
    }

    /** Bytes of data files that it sets free. */
    public long bytes() {
        return garbage.stream().mapToLong(Garbage::bytes).sum()
                + parts.stream().mapToLong(PrunePlan::bytes).sum();
    }
}
