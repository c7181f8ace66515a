package io.hyperkeep.manifest;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What makes a table of the backup a continuous aggregate. The table of the same name has the rest: the view's owner, and
 * of its materialization hypertable the columns, indexes, dimension, chunks and rows.
 *
 * @param name the aggregate's view
 * @param definition its SELECT as PostgreSQL prints it with an empty search path, without a semicolon
 * @param materializedOnly whether its view shows only materialized rows, and not what newer raw rows would add
 * @param needs the tables and aggregates that its SELECT reads; the first is the one that it aggregates
 * @param bucketWidth the width of its buckets as TimescaleDB writes it, e.g. {@code 1 mon} or {@code 100}
 * @param fixedWidth whether all buckets are equally wide; those of months, or of days in a time zone, are not
 * @param watermark the end of the last bucket that was materialized, in TimescaleDB's internal unit, or null when none was
 * @param pending what was not materialized yet, or has changed since it was, as the source's logs have it: in order, those
 *     that begin below the watermark
 */
public record ContinuousAggregate(
        TableName name,
        String definition,
        boolean materializedOnly,
        List<TableName> needs,
        String bucketWidth,
        boolean fixedWidth,
        @Nullable Long watermark,
        List<TimeRange> pending) {
    public ContinuousAggregate {
        needs = List.copyOf(needs);
        pending = List.copyOf(pending);
    }

    /** The hypertable or the aggregate that it aggregates. */
    @JsonIgnore
    public TableName source() {
        return needs.get(0);
    }

    /** The same of which nothing was materialized yet. */
    public ContinuousAggregate unmaterialized() {
        return new ContinuousAggregate(
                name, definition, materializedOnly, needs, bucketWidth, fixedWidth, null, List.of());
    }
}
