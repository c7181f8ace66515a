package io.hyperkeep.manifest;

import java.util.List;

/**
 * Which tables a backup was asked for, as patterns of {@code schema.table} with {@code *} and {@code ?}.
 *
 * @param include only these; empty for every table
 * @param exclude not these
 */
public record Selection(List<String> include, List<String> exclude) {
    public Selection {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }
}
