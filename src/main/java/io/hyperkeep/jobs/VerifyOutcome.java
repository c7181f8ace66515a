package io.hyperkeep.jobs;

import io.hyperkeep.verify.VerifiedBackup;
import java.util.List;

/**
 * How a verification ended.
 *
 * @param run how its run ended: {@code VERIFIED}, {@code FAILED} (also when it found damage) or {@code STOPPED}
 * @param verified the backups that were read, whole or not
 * @param files number of files that were read
 */
public record VerifyOutcome(RunOutcome run, List<VerifiedBackup> verified, int files) {
    public VerifyOutcome {
        verified = List.copyOf(verified);
    }
}
