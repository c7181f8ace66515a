package io.hyperkeep.schema;

import io.hyperkeep.manifest.SchemaEntry.Section;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry of pg_dump's archive. Its texts hold one character for each byte, whatever the bytes mean.
 *
 * @param id its dump id
 * @param catalog oid of the catalog that its object is in, or 0
 * @param oid its object's oid, or 0
 * @param type e.g. {@code TABLE}
 * @param schema or null
 * @param tag its name, as pg_restore prints it
 * @param owner or null
 * @param section when a restore runs it
 * @param needs dump ids of the entries that it needs
 * @param header the comment above its statements
 * @param body its statements, with settings of its own where it needs them
 */
record ArchiveEntry(
        int id,
        long catalog,
        long oid,
        String type,
        @Nullable String schema,
        String tag,
        @Nullable String owner,
        Section section,
        List<Integer> needs,
        String header,
        String body) {
    ArchiveEntry withBody(String other) {
        return new ArchiveEntry(id, catalog, oid, type, schema, tag, owner, section, needs, header, other);
    }

    /** The object that this entry is about. */
    CatalogObject object() {
        return new CatalogObject(catalog, oid);
    }
}
