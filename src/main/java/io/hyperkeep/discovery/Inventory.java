package io.hyperkeep.discovery;

import io.hyperkeep.manifest.ContinuousAggregate;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.Source;
import java.util.List;
import java.util.Set;

/**
 * What is in a database, as of one snapshot.
 *
 * @param source the server and the database
 * @param server what they can do
 * @param tablespaces the server's, by name
 * @param tables the selected tables, by name
 * @param aggregates those of the tables that are continuous aggregates, in the order in which they can be created
 * @param sequences sequences owned by a selected table, or by none
 * @param objects parts of the selected tables, and everything that is no part of any table
 * @param jobs policies of selected tables and aggregates, and user-defined jobs
 */
public record Inventory(
        Source source,
        ServerCapabilities server,
        Set<String> tablespaces,
        List<DiscoveredTable> tables,
        List<ContinuousAggregate> aggregates,
        List<SequenceState> sequences,
        List<SchemaObject> objects,
        List<JobEntry> jobs) {
    public Inventory {
        tablespaces = Set.copyOf(tablespaces);
        tables = List.copyOf(tables);
        aggregates = List.copyOf(aggregates);
        sequences = List.copyOf(sequences);
        objects = List.copyOf(objects);
        jobs = List.copyOf(jobs);
    }
}
