package io.hyperkeep.export;

import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A unit that is durable in the store.
 *
 * @param table whose rows these are
 * @param entry what the manifest will say; null when it held no rows, then there is no file either
 * @param seeds of each chunk with rows, values of its dimensions in one row
 * @param consistent whether it was read, or found unchanged, under the run's one snapshot
 * @param origin that snapshot
 * @param reason why it was exported; null when it was reused
 */
public record UnitResult(
        TableName table,
        @Nullable UnitEntry entry,
        List<Seed> seeds,
        boolean consistent,
        Origin origin,
        @Nullable ExportReason reason) {
    public UnitResult {
        seeds = List.copyOf(seeds);
    }

    /** Values of the dimensions' columns in one row of a chunk, as text. */
    public record Seed(TableName chunk, List<String> values) {
        public Seed {
            values = List.copyOf(values);
        }
    }
}
