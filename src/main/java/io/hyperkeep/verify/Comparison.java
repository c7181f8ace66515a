package io.hyperkeep.verify;

import io.hyperkeep.manifest.Warning;
import java.util.List;

/**
 * What a comparison found.
 *
 * @param differences every one; none when the database is what the backup says
 * @param warnings what is not quite as it was and loses nothing, or could not be compared
 */
public record Comparison(List<Finding> differences, List<Warning> warnings) {
    public Comparison {
        differences = List.copyOf(differences);
        warnings = List.copyOf(warnings);
    }
}
