package io.hyperkeep.restore;

import io.hyperkeep.manifest.Warning;
import java.util.List;

/**
 * The policies and user-defined jobs of a restored database.
 *
 * @param restored how many were restored
 * @param on how many of them are on
 * @param warnings which of those that were on in the source are off, and why
 */
public record RestoredJobs(int restored, int on, List<Warning> warnings) {
    public RestoredJobs {
        warnings = List.copyOf(warnings);
    }
}
