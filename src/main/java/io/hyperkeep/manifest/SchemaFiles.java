package io.hyperkeep.manifest;

import java.util.List;

/**
 * The schema dump.
 *
 * @param files the SQL files with their checksums, paths below the backup's folder
 * @param preambleLength bytes at the start of each of {@code pre-data.sql} and {@code post-data.sql} that set the
 *     session up and go before any selection of entries
 * @param entries in the order in which a restore runs them, section by section
 */
public record SchemaFiles(List<FileEntry> files, Preambles preambleLength, List<SchemaEntry> entries) {
    public SchemaFiles {
        files = List.copyOf(files);
        entries = List.copyOf(entries);
    }

    /** Length in bytes of each file's session settings. */
    public record Preambles(int preData, int postData) {}
}
