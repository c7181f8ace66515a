package io.hyperkeep.manifest;

import java.util.regex.Pattern;

/** What a backup of a cluster must be like in a manifest. For one manifest. */
final class ClusterRules {
    private static final Pattern BACKUP = Pattern.compile("databases/[^/]+/backups/[^/]+");
    private static final Pattern TOOL = Pattern.compile("\\d{1,3}\\.\\d{1,3}");

    private final Cluster cluster;

    ClusterRules(Cluster cluster) {
        this.cluster = cluster;
    }

    void require() throws UnreadableManifest {
        Field.matches("cluster.tool", cluster.tool(), TOOL, "a version of pg_dumpall");
        ManifestRules.files("cluster.files", cluster.files());
        ManifestRules.among("cluster.files", "globals.sql", cluster.files().stream());
        Field.names("cluster.roles", cluster.roles());
        for (int i = 0; i < cluster.tablespaces().size(); i++) {
            Field.name(
                    "cluster.tablespaces[" + i + "].name",
                    cluster.tablespaces().get(i).name());
        }
        for (int i = 0; i < cluster.databases().size(); i++) {
            database("cluster.databases[" + i + "]", cluster.databases().get(i));
        }
        Field.unique("cluster.databases", cluster.databases().stream().map(Cluster.Database::name));
        for (int i = 0; i < cluster.leftOut().size(); i++) {
            Cluster.LeftOut leftOut = cluster.leftOut().get(i);
            Field.name("cluster.leftOut[" + i + "].name", leftOut.name());
            Field.oneOf(
                    "cluster.leftOut[" + i + "].reason",
                    leftOut.reason(),
                    "not-selected",
                    "template",
                    "no-connections");
        }
    }

    private void database(String path, Cluster.Database database) throws UnreadableManifest {
        Field.name(path + ".name", database.name());
        Field.oneOf(path + ".kind", database.kind(), "tables", "database");
        ManifestRules.properties(path + ".properties", database.properties());
        if (database.propertiesFile() != null) {
            ManifestRules.among(path + ".propertiesFile", database.propertiesFile(), cluster.files().stream());
        }
        if (database.backup() == null) {
            Field.require(database.failure() != null, path + ".failure", null, "why there is no backup");
            return;
        }
        Field.below(path + ".backup", database.backup());
        Field.matches(path + ".backup", database.backup(), BACKUP, "databases/<name>/backups/<backup>");
        Field.require(database.snapshot() != null, path + ".snapshot", null, "what the backup shows");
        ManifestRules.snapshot(path + ".snapshot", database.snapshot());
        Field.require(database.totals() != null, path + ".totals", null, "sums over the backup's tables");
        ManifestRules.totals(path + ".totals", database.totals());
    }
}
