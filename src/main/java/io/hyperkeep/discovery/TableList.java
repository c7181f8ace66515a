package io.hyperkeep.discovery;

import io.hyperkeep.manifest.ContinuousAggregate;
import io.hyperkeep.manifest.TableName;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The tables of a database by name.
 *
 * @param tables the users' own tables, continuous aggregates among them, in the order of their names
 * @param discovered those of them that are continuous aggregates
 */
public record TableList(List<TableName> tables, List<DiscoveredAggregate> discovered) {
    public TableList {
        tables = List.copyOf(tables);
        discovered = List.copyOf(discovered);
    }

    public List<ContinuousAggregate> aggregates() {
        return discovered.stream().map(DiscoveredAggregate::aggregate).toList();
    }

    /** The relations that have the rows of these tables: an aggregate's are in its materialization hypertable. */
    public List<TableName> relations(List<TableName> of) {
        Map<TableName, TableName> materializations = discovered.stream()
                .collect(Collectors.toMap(DiscoveredAggregate::name, DiscoveredAggregate::materialization));
        return of.stream()
                .map(table -> materializations.getOrDefault(table, table))
                .toList();
    }
}
