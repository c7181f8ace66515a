package io.hyperkeep.cluster;

import io.hyperkeep.export.SealBackup.Draft;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.schema.PropertiesSql;
import io.hyperkeep.storage.FileNames;
import io.hyperkeep.storage.TextFile;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The files of a cluster's backup beside its databases' own. Thread-safe. */
public final class ClusterFiles {
    /** Roles and tablespaces, as pg_dumpall writes them. */
    public static final String GLOBALS = "globals.sql";

    private final Draft draft;
    private final List<FileEntry> files = Collections.synchronizedList(new ArrayList<>());
    private volatile List<String> roles = List.of();

    /** @param draft where they are written */
    public ClusterFiles(Draft draft) {
        this.draft = draft;
    }

    /** Writes what pg_dumpall said. */
    public void globals(String sql) {
        roles = GlobalStatement.parse(sql).stream()
                .filter(statement -> statement.kind() == GlobalStatement.Kind.CREATE_ROLE)
                .map(GlobalStatement::object)
                .toList();
        write(GLOBALS, sql);
    }

    /**
     * Writes what is said of a database as a whole.
     *
     * @return path of the file below the backup's folder
     */
    public String properties(String database, DatabaseProperties properties) {
        String path = "properties/" + FileNames.of(database) + ".sql";
        write(path, PropertiesSql.of(properties));
        return path;
    }

    private void write(String path, String text) {
        files.add(TextFile.write(draft.repository().store(), draft.repository().root(), draft.path(), path, text));
    }

    /** What was written, and everything else that a manifest says of a cluster. */
    public Cluster cluster(
            String tool,
            boolean passwords,
            List<Cluster.Tablespace> tablespaces,
            List<Cluster.Database> databases,
            List<Cluster.LeftOut> leftOut) {
        synchronized (files) {
            return new Cluster(tool, files, passwords, roles, tablespaces, databases, leftOut);
        }
    }
}
