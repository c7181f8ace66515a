package io.hyperkeep.cli;

import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.Finding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup that was verified.
 *
 * @param folder which one
 * @param manifest null when it can not be read
 * @param findings all that is wrong; empty when it is whole
 */
record VerifiedBackup(BackupFolder folder, @Nullable Manifest manifest, List<Finding> findings) {
    VerifiedBackup {
        findings = List.copyOf(findings);
    }

    boolean isWhole() {
        return findings.isEmpty();
    }
}
