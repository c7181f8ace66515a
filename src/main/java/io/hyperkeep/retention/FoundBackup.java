package io.hyperkeep.retention;

import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.storage.BackupFolder;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A sealed backup, and the data files that it needs.
 *
 * @param folder where it is
 * @param sealed what the rules look at
 * @param bytes length of its data files, shared ones included
 * @param files their paths below the database's folder; of a cluster, those of its databases' backups
 */
public record FoundBackup(BackupFolder folder, SealedBackup sealed, long bytes, Set<String> files) {
    public FoundBackup {
        files = Set.copyOf(files);
    }

    static Set<String> files(Manifest manifest) {
        if (manifest.cluster() != null) {
            return manifest.cluster().databases().stream()
                    .map(Cluster.Database::backup)
                    .filter(Objects::nonNull)
                    .collect(Collectors.toSet());
        }
        return manifest.tables().stream()
                .flatMap(table -> table.units().stream())
                .map(UnitEntry::file)
                .collect(Collectors.toSet());
    }
}
