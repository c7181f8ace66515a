package io.hyperkeep.plan;

import io.hyperkeep.manifest.TableName;
import java.util.Collection;
import java.util.List;

/**
 * Which databases of a cluster are meant: those that match any include pattern (all, when there is none) and no exclude
 * pattern. A pattern is a name as in {@link TableSelection}; names with dots are written in double quotes.
 *
 * @param include patterns as they were given
 * @param exclude patterns as they were given
 */
public record DatabaseSelection(List<String> include, List<String> exclude) {
    /** Every database. */
    public static final DatabaseSelection ALL = new DatabaseSelection(List.of(), List.of());

    public DatabaseSelection {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    /** Whether this database is meant. */
    public boolean selects(String database) {
        return (include.isEmpty() || matches(include, database)) && !matches(exclude, database);
    }

    /** The include and exclude patterns that match none of the databases, as given: probably misspelt. */
    public List<String> unmatched(Collection<String> databases) {
        return java.util.stream.Stream.concat(include.stream(), exclude.stream())
                .filter(pattern -> databases.stream().noneMatch(database -> matches(List.of(pattern), database)))
                .toList();
    }

    private static boolean matches(List<String> patterns, String database) {
        return patterns.stream().anyMatch(pattern -> TableSelection.matches(pattern, new TableName("", database)));
    }
}
