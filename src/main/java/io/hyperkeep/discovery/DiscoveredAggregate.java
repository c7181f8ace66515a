package io.hyperkeep.discovery;

import io.hyperkeep.manifest.ContinuousAggregate;
import io.hyperkeep.manifest.TableName;

/**
 * A continuous aggregate as the catalog shows it in one snapshot.
 *
 * @param aggregate all that the manifest says of it
 * @param owner the view's owner
 * @param materialization the hypertable that holds its rows
 * @param oid that hypertable's oid
 * @param filenode its file
 */
public record DiscoveredAggregate(
        ContinuousAggregate aggregate, String owner, TableName materialization, long oid, long filenode) {
    public TableName name() {
        return aggregate.name();
    }
}
