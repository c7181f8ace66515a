package io.hyperkeep.verify;

import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.storage.BackupFolder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup that was verified.
 *
 * @param folder which one
 * @param manifest null when it can not be read
 * @param findings all that is wrong; empty when it is whole
 */
public record VerifiedBackup(BackupFolder folder, @Nullable Manifest manifest, List<Finding> findings) {
    public VerifiedBackup {
        findings = List.copyOf(findings);
    }

    /** Whether nothing is wrong with it. */
    public boolean isWhole() {
        return findings.isEmpty();
    }
}
