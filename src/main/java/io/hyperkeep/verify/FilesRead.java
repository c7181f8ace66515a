package io.hyperkeep.verify;

import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.storage.Codec;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What was found of each file that was read, so that one which several backups share is read once. Thread-safe. It grows
 * with the number of files.
 */
public final class FilesRead {
    private final Map<Promise, Optional<String>> found = new ConcurrentHashMap<>();

    /** Two backups that promise different things of one file have it read twice. */
    private record Promise(
            Path path,
            String sha256,
            long bytes,
            Codec codec,
            long rows,
            long csvBytes,
            @Nullable RowDigest digest) {}

    Optional<String> wrong(ReadFile reader, StoredFile file, Codec codec) throws InterruptedException {
        UnitEntry unit = file.unit();
        Promise promise = unit == null
                ? new Promise(file.path(), file.sha256(), file.bytes(), codec, 0, 0, null)
                : new Promise(
                        file.path(), file.sha256(), file.bytes(), codec, unit.rows(), unit.csvBytes(), unit.digest());
        Optional<String> known = found.get(promise);
        if (known == null) {
            known = reader.wrong(file, codec);
            found.put(promise, known);
        }
        return known;
    }

    /** Number of files that were read. */
    public int count() {
        return found.size();
    }
}
