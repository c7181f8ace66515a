package io.hyperkeep.manifest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One data file and what it must hold.
 *
 * @param id short and unique within the backup, e.g. {@code u00042}
 * @param file path below the database's folder in the repository, with {@code /}; the same file may serve several backups
 * @param relations what it was read from, in the order in which their rows follow each other in the file
 * @param rows rows in the file, without the header line; equals the sum over the relations
 * @param csvBytes length of the CSV, uncompressed, header included
 * @param bytes length of the file
 * @param sha256 of the file as stored, 64 lower-case hexadecimal digits
 * @param digest of the CSV rows as COPY sent them
 * @param snapshotXmin 64-bit xmin of the newest snapshot that it is known to show: the one that it was read under, or,
 *     when reused, the one in which nothing had changed; 0 when a crash of the server could have undone what was read
 * @param reused whether the file was taken over from an earlier backup or attempt instead of read again
 * @param schemaHash of everything beside the rows that decides what the file holds; two are equal or not, nothing else
 *     can be said of them; null when the unit can never be reused
 */
public record UnitEntry(
        String id,
        String file,
        List<Relation> relations,
        long rows,
        long csvBytes,
        long bytes,
        String sha256,
        RowDigest digest,
        long snapshotXmin,
        boolean reused,
        @Nullable String schemaHash) {
    public UnitEntry {
        relations = List.copyOf(relations);
    }
}
