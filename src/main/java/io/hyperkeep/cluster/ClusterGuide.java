package io.hyperkeep.cluster;

import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.Manifest;

/** The texts that let a cluster be restored without hyperkeep. A pure function of the manifest. */
final class ClusterGuide {
    static final String NAME = "RESTORE.md";
    static final String CHECKSUMS = "SHA256SUMS";

    private static final String PSQL = "psql -X -q -v ON_ERROR_STOP=1 ";

    private final Manifest manifest;
    private final Cluster cluster;

    ClusterGuide(Manifest manifest, Cluster cluster) {
        this.manifest = manifest;
        this.cluster = cluster;
    }

    /** Every file's checksum as {@code sha256sum -c} reads it, in the backup's folder. */
    String checksums() {
        StringBuilder text = new StringBuilder();
        for (FileEntry file : cluster.files()) {
            text.append(file.sha256()).append("  ").append(file.file()).append('\n');
        }
        return text.toString();
    }

    /** The guide itself. */
    String text() {
        StringBuilder text = new StringBuilder("""
                # Restoring this cluster by hand

                What is needed: this folder, the folder `databases` beside the `backups` that it is in, and `psql` and
                `pg_restore` of version %s or newer. PostgreSQL %s, backup `%s`, written by %s.

                Each database is as of an instant of its own: PostgreSQL has no snapshot of several databases.

                Run these commands in this folder, as a superuser. Choose the server with PGHOST, PGPORT and PGUSER.

                Trust this folder before you run any of this: psql runs what its SQL files hold on the server, and commands of
                psql such as `\\!` on this machine, with your rights. `hyperkeep restore` runs none of psql's commands.

                ## 1. Every file is what it was

                ```sh
                sha256sum --check --quiet SHA256SUMS
                ```

                ## 2. Roles and tablespaces

                On a server that has some of these roles already, first delete their `CREATE ROLE` lines from a copy of the
                file: psql stops at the first error.%s%s

                ```sh
                %s-d postgres -f %s
                ```

                ## 3. The databases
                """.formatted(
                cluster.tool(),
                manifest.source().serverVersion(),
                manifest.id(),
                manifest.tool(),
                cluster.rolePasswords() ? "" : " It has no passwords: nobody can log in by one before you set it.",
                cluster.tablespaces().isEmpty() ? "" : tablespaces(),
                PSQL,
                ClusterFiles.GLOBALS));
        cluster.databases().forEach(database -> database(text, database));
        if (!manifest.warnings().isEmpty()) {
            text.append("\n## Warnings\n\n");
            manifest.warnings()
                    .forEach(warning -> text.append("- ").append(warning.text()).append('\n'));
        }
        return text.toString();
    }

    private String tablespaces() {
        StringBuilder text =
                new StringBuilder("\nTablespaces need folders on the server, empty and owned by its user:");
        cluster.tablespaces().forEach(tablespace -> text.append("\n\n- `")
                .append(quiet(tablespace.name()))
                .append("`: `")
                .append(quiet(tablespace.location()))
                .append('`'));
        return text.toString();
    }

    private static void database(StringBuilder text, Cluster.Database database) {
        text.append("\n### `").append(quiet(database.name())).append("`\n\n");
        if (database.backup() == null) {
            text.append("Not in this backup: ")
                    .append(quiet(String.valueOf(database.failure())))
                    .append('\n');
            return;
        }
        text.append("As of ")
                .append(database.snapshot() == null ? "?" : database.snapshot().taken())
                .append(". Follow its own guide, with PGDATABASE set to its name:\n\n```sh\nexport PGDATABASE=")
                .append(shell(database.name()))
                .append("\ncat ")
                .append(shell("../../" + database.backup() + "/" + NAME))
                .append("\n```\n");
        if (database.propertiesFile() != null) {
            text.append("\nThen its owner, rights and settings as a whole:\n\n```sh\n")
                    .append(PSQL)
                    .append("-f ")
                    .append(shell(database.propertiesFile()))
                    .append("\n```\n");
        }
    }

    private static String quiet(String name) {
        return name.replace("`", "'");
    }

    private static String shell(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
