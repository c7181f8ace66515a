package io.hyperkeep.verify;

import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.storage.BackupFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of a backup, and what the manifest says of it.
 *
 * @param name path as the manifest has it
 * @param path where it is
 * @param bytes its length
 * @param sha256 64 lower-case hexadecimal digits
 * @param unit what a data file holds; null for a file of the schema dump
 */
public record StoredFile(
        String name,
        Path path,
        long bytes,
        String sha256,
        @Nullable UnitEntry unit) {
    /** The files beside the units': of the schema dump, of a whole database's archive, of what a cluster's databases share. */
    public static List<StoredFile> schema(BackupFolder backup, Manifest manifest) {
        List<StoredFile> files = new ArrayList<>();
        List<FileEntry> entries = new ArrayList<>(manifest.schema().files());
        if (manifest.dump() != null) {
            entries.addAll(manifest.dump().files());
        }
        if (manifest.cluster() != null) {
            entries.addAll(manifest.cluster().files());
        }
        entries.forEach(file -> files.add(
                new StoredFile(file.file(), backup.path().resolve(file.file()), file.bytes(), file.sha256(), null)));
        return files;
    }

    /** A unit's file. */
    public static StoredFile data(BackupFolder backup, UnitEntry unit) {
        return new StoredFile(unit.file(), backup.file(unit), unit.bytes(), unit.sha256(), unit);
    }
}
