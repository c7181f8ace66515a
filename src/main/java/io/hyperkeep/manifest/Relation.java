package io.hyperkeep.manifest;

import org.jspecify.annotations.Nullable;

/**
 * A physical relation that a unit was read from.
 *
 * @param name the chunk or table
 * @param oid its oid in the source
 * @param companionOid the oid of the relation that holds its compressed rows, or null
 * @param firstBlock first block read; 0 unless the table was cut into slices
 * @param endBlock first block no longer read, or null when read to its end
 * @param rows visible rows that its COPY sent
 * @param filenode its file when it was read, or null in a manifest that does not say: rows of another file are at other
 *     places, so slices of the two are not the same
 */
public record Relation(
        TableName name,
        long oid,
        @Nullable Long companionOid,
        long firstBlock,
        @Nullable Long endBlock,
        long rows,
        @Nullable Long filenode) {}
