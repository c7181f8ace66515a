package io.hyperkeep.manifest;

import java.util.regex.Pattern;

/** What the archive of a whole database must be like in a manifest. For one manifest. */
final class DumpRules {
    /** Every version wrote these; a restore needs them. */
    private static final String[] NEEDED = {"restore/1-pre-data.list", "restore/6-properties.sql"};

    private static final Pattern TOOL = Pattern.compile("\\d{1,3}\\.\\d{1,3}");

    private final DatabaseDump dump;

    DumpRules(DatabaseDump dump) {
        this.dump = dump;
    }

    void require() throws UnreadableManifest {
        Field.matches("dump.tool", dump.tool(), TOOL, "a version of pg_dump");
        ManifestRules.files("dump.files", dump.files());
        has(
                dump.format() == DumpFormat.DIRECTORY
                        ? dump.format().archive() + "/toc.dat"
                        : dump.format().archive());
        for (String file : NEEDED) {
            has(file);
        }
        Field.names("dump.roles", dump.roles());
        Field.names("dump.owners", dump.owners());
        Field.notNegative("dump.harmless", dump.harmless());
        ManifestRules.properties("dump.properties", dump.properties());
        for (int i = 0; i < dump.relations().size(); i++) {
            relation("dump.relations[" + i + "]", dump.relations().get(i));
        }
        Field.unique("dump.relations", dump.relations().stream().map(DumpedRelation::relation));
    }

    private void has(String file) throws UnreadableManifest {
        if (dump.files().stream().noneMatch(entry -> entry.file().equals(file))) {
            throw new UnreadableManifest("dump.files does not have " + file, null);
        }
    }

    private void relation(String path, DumpedRelation relation) throws UnreadableManifest {
        Field.name(path + ".relation", relation.relation());
        Field.below(path + ".file", relation.file());
        Field.require(
                (dump.format() == DumpFormat.CUSTOM) == (relation.entry() != null),
                path + ".entry",
                relation.entry(),
                "what an archive in " + dump.format().word() + " format has");
        Field.names(path + ".columns", relation.columns());
    }
}
