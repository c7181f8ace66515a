package io.hyperkeep.archive;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.manifest.DatabaseDump;
import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.manifest.TableEntry;

/** The texts that let a database's archive be restored without hyperkeep. A pure function of the manifest. */
final class ArchiveGuide {
    static final String NAME = "RESTORE.md";
    static final String CHECKSUMS = "SHA256SUMS";

    private static final String PSQL = "psql -X -q -v ON_ERROR_STOP=1 ";

    private final Manifest manifest;
    private final DatabaseDump dump;

    ArchiveGuide(Manifest manifest, DatabaseDump dump) {
        this.manifest = manifest;
        this.dump = dump;
    }

    /** Every file's checksum as {@code sha256sum -c} reads it, in the backup's folder. */
    String checksums() {
        StringBuilder text = new StringBuilder();
        for (FileEntry file : dump.files()) {
            text.append(file.sha256()).append("  ").append(file.file()).append('\n');
        }
        return text.toString();
    }

    /** The guide itself. */
    String text() {
        Source source = manifest.source();
        Source.Timescale timescale = source.timescale();
        StringBuilder text = new StringBuilder("""
                # Restoring this database by hand

                This folder is all that is needed, with `psql` and `pg_restore` of version %s or newer.
                Database `%s`, PostgreSQL %s%s, as of %s (backup `%s`, written by %s).

                Run these commands in this folder, in this order, as a superuser. Choose the server with PGHOST, PGPORT and
                PGUSER, and the database with PGDATABASE: it must be new, with encoding %s, made for example by

                    createdb --template=template0 --encoding=%s --locale=%s "$PGDATABASE"

                Roles that own objects or have rights must exist: %s.

                Trust this folder before you run any of this: psql runs what its SQL files hold on the server, and commands of
                psql such as `\\!` on this machine, with your rights. `hyperkeep restore` runs none of psql's commands.

                ## 1. Every file is what it was

                ```sh
                sha256sum --check --quiet SHA256SUMS
                ```

                """.formatted(
                        dump.tool(),
                        quiet(source.database()),
                        source.serverVersion(),
                        timescale == null ? "" : " with TimescaleDB " + timescale.version(),
                        manifest.snapshot().taken(),
                        manifest.id(),
                        manifest.tool(),
                        source.encoding(),
                        source.encoding(),
                        source.collation(),
                        quiet(String.join(", ", dump.roles()))));
        if (timescale != null) {
            text.append("""
                    ## 2. TimescaleDB, in the version of the archive

                    Another version can not read the archive's rows of its catalog. From the next command on to the last one of
                    section 4 nobody else may use the database: while it restores, TimescaleDB hides rows.

                    ```sh
                    """);
            String schema = timescale.schema().equals("public")
                    ? ""
                    : "CREATE SCHEMA " + Identifiers.quote(timescale.schema()) + "; ";
            command(
                    text,
                    PSQL + "-c "
                            + shell(schema + "CREATE EXTENSION timescaledb WITH SCHEMA "
                                    + Identifiers.quote(timescale.schema()) + " VERSION "
                                    + Identifiers.literal(timescale.version())));
            command(text, PSQL + "-o /dev/null -c " + shell("SELECT " + function("timescaledb_pre_restore()")));
            text.append("```\n\n");
        }
        text.append("""
                ## 3. Definitions and rows

                TimescaleDB's own rows come first and one after the other; all else may be restored by several sessions. Amounts of
                money and intervals are written for these settings.

                ```sh
                export PGOPTIONS='-c lc_monetary=C -c IntervalStyle=postgres'
                """);
        restore(text, WriteArchive.PRE_DATA, "--jobs=2");
        restore(text, WriteArchive.CATALOG, "--single-transaction");
        if (timescale != null) {
            text.append("PGOPTIONS='-c session_replication_role=replica' ");
            restore(text, WriteArchive.UNCHECKED, "--single-transaction");
        }
        restore(text, WriteArchive.DATA, "--jobs=2");
        if (hasEntries(WriteArchive.CHECKED)) {
            restore(text, WriteArchive.CHECKED, "--jobs=1");
        }
        restore(text, WriteArchive.POST_DATA, "--jobs=2");
        if (hasEntries(WriteArchive.CLUSTERED)) {
            restore(text, WriteArchive.CLUSTERED, "--jobs=2");
        }
        if (hasEntries(WriteArchive.ATTACHED)) {
            restore(text, WriteArchive.ATTACHED, "");
        }
        if (hasEntries(WriteArchive.KEYS)) {
            restore(text, WriteArchive.KEYS, "--jobs=2");
        }
        text.append("```\n\n## 4. What reads rows, and the database's own settings and rights\n\n");
        if (timescale != null) {
            text.append("""
                    Jobs would run at once, and a retention policy would drop what is old by now: they are switched off first,
                    each of them.

                    ```sh
                    """);
            command(
                    text,
                    PSQL + "-c "
                            + shell("DO $$ BEGIN EXECUTE format('UPDATE %s SET scheduled = false WHERE id >= 1000',"
                                    + " coalesce(to_regclass('_timescaledb_catalog.bgw_job'),"
                                    + " to_regclass('_timescaledb_config.bgw_job'))); END $$"));
            command(text, PSQL + "-o /dev/null -c " + shell("SELECT " + function("timescaledb_post_restore()")));
        } else {
            text.append("```sh\n");
        }
        if (hasEntries(WriteArchive.VIEWS)) {
            // one that cannot be filled any more stays without rows, and the others are filled
            command(text, "# pg_restore names the materialized views that can not be filled any more, and goes on");
            command(
                    text,
                    "pg_restore --use-list=" + WriteArchive.VIEWS + " --dbname=\"$PGDATABASE\" "
                            + dump.format().archive());
        }
        restore(text, WriteArchive.LATE, "");
        command(text, PSQL + "-f " + WriteArchive.PROPERTIES);
        command(text, PSQL + "-c 'ANALYZE'");
        text.append("```\n\n## 5. Compare\n\n`count(*)` of each table must be:\n\n| table | rows |\n|---|---|\n");
        for (TableEntry table : manifest.tables()) {
            text.append("| `")
                    .append(quiet(table.name().toString()).replace("|", "\\|"))
                    .append("` | ")
                    .append(table.rows())
                    .append(" |\n");
        }
        if (timescale != null) {
            text.append("\nThen switch the jobs on again, with `")
                    .append(quiet(function("alter_job(…, scheduled => true, timezone => …)")))
                    .append("`.\n");
        }
        if (!manifest.warnings().isEmpty()) {
            text.append("\n## Warnings\n\n");
            manifest.warnings()
                    .forEach(warning -> text.append("- ").append(warning.text()).append('\n'));
        }
        return text.toString();
    }

    private boolean hasEntries(String list) {
        return dump.files().stream().anyMatch(file -> file.file().equals(list) && file.bytes() > 0);
    }

    private String function(String call) {
        Source.Timescale timescale =
                java.util.Objects.requireNonNull(manifest.source().timescale());
        return Identifiers.quote(timescale.schema()) + "." + call;
    }

    private void restore(StringBuilder text, String list, String how) {
        command(
                text,
                "pg_restore --exit-on-error " + (how.isEmpty() ? "" : how + " ") + "--use-list=" + list
                        + " --dbname=\"$PGDATABASE\" " + dump.format().archive());
    }

    private static void command(StringBuilder text, String command) {
        text.append(command).append('\n');
    }

    private static String quiet(String name) {
        return name.replace("`", "'");
    }

    private static String shell(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
