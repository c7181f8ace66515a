package io.hyperkeep.manifest;

import java.util.List;

/**
 * A whole database as pg_dump's archive, and what a restore of it needs beside.
 *
 * @param tool the pg_dump that wrote it, e.g. {@code 17.11}
 * @param format of the archive; directory where an earlier version wrote it, which knew no other
 * @param compression of the archive's data, as pg_dump was told, e.g. {@code zstd:1}
 * @param files every file with its checksum: those of pg_dump below {@code dump/}, the lists of its entries in the order
 *     of a restore and the database's properties as SQL below {@code restore/}
 * @param roles that own something in the database, or have rights on something
 * @param owners those of these roles that own something and are named nowhere else; empty in a manifest that does not say
 * @param properties of the database as a whole
 * @param relations whose rows are in the archive and nowhere else: not those of extensions, which come with these; empty
 *     in a manifest that does not say
 * @param harmless number of pg_dump's warnings that are known not to matter and are no warnings of the backup
 */
public record DatabaseDump(
        String tool,
        DumpFormat format,
        String compression,
        List<FileEntry> files,
        List<String> roles,
        List<String> owners,
        DatabaseProperties properties,
        List<DumpedRelation> relations,
        int harmless) {
    public DatabaseDump {
        format = format == null ? DumpFormat.DIRECTORY : format;
        // earlier versions wrote none
        relations = relations == null ? List.of() : List.copyOf(relations);
        files = List.copyOf(files);
        roles = List.copyOf(roles);
        owners = owners == null ? List.of() : List.copyOf(owners);
    }

    /** Major version of the pg_dump that wrote it: an older pg_restore may not read it. */
    public int major() {
        return Integer.parseInt(tool.substring(0, tool.indexOf('.')));
    }
}
