package io.hyperkeep.export;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.schema.AggregateDdl;
import io.hyperkeep.schema.DumpSchema;
import io.hyperkeep.schema.JobDdl;
import io.hyperkeep.schema.PropertiesSql;
import io.hyperkeep.storage.Codec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The texts in a backup that let it be restored without hyperkeep: with psql, zstd or gzip, sed and sha256sum.
 *
 * <p>A pure function of the manifest.
 */
final class RestoreGuide {
    static final String NAME = "RESTORE.md";
    static final String FINISH = "schema/finish.sql";
    static final String COLUMNSTORE = "schema/columnstore.sql";
    static final String JOBS = "schema/jobs.sql";
    static final String PROPERTIES = "schema/properties.sql";
    static final String CHECKSUMS = "SHA256SUMS";

    /**
     * psql before version 18 takes a line of a value that is {@code \\.} for the end of all data. In CSV a quote may
     * end and begin again inside of a value, so such a line can be written otherwise and means the same.
     */
    private static final String ESCAPE = "LC_ALL=C sed 's/^\\\\\\.\\(\\r*\\)$/\"\\\\.\"\\1/'";

    private final Manifest manifest;

    RestoreGuide(Manifest manifest) {
        this.manifest = manifest;
    }

    /** What comes after the data and its indexes: sequences' values, materialized views, statistics. */
    String finish() {
        StringBuilder sql = new StringBuilder("SET search_path = '';\n");
        for (SequenceState sequence : manifest.sequences()) {
            sql.append("SELECT pg_catalog.setval(")
                    .append(Identifiers.literal(Identifiers.quote(sequence.sequence())))
                    .append("::pg_catalog.regclass, ")
                    .append(sequence.lastValue())
                    .append(", ")
                    .append(sequence.called())
                    .append(");\n");
        }
        for (TableName view : manifest.refresh()) {
            sql.append("REFRESH MATERIALIZED VIEW ")
                    .append(Identifiers.quote(view))
                    .append(";\n");
        }
        for (TableEntry table : manifest.tables()) {
            if (isAggregate(table)) {
                continue; // autovacuum knows its hypertable, whose name is another one in every database
            }
            sql.append("ANALYZE ").append(Identifiers.quote(table.name())).append(";\n");
        }
        return sql.toString();
    }

    /** What compresses again what was compressed; empty when nothing was. */
    String columnstore() {
        Source.Timescale timescale = manifest.source().timescale();
        String statements = timescale == null ? "" : ColumnstoreScript.of(manifest.tables(), timescale.schema());
        return statements.isEmpty() ? "" : "SET search_path = '';\n" + statements;
    }

    /** Policies and user-defined jobs, each created by one transaction as it was: on or off. */
    String jobs() {
        Source.Timescale timescale = manifest.source().timescale();
        StringBuilder sql = new StringBuilder("SET search_path = '';\nSET TimeZone = 'UTC';\n");
        for (JobEntry job : manifest.jobs()) {
            if (job.endsServer()) {
                sql.append("\n-- not restored, as altering it ends the server: a job without a configuration, ")
                        .append(job.id())
                        .append('\n');
                continue;
            }
            String schema = Objects.requireNonNull(timescale, "there are jobs").schema();
            sql.append("\nBEGIN;\nSET LOCAL ROLE ")
                    .append(Identifiers.quote(job.owner()))
                    .append(";\n")
                    .append(JobDdl.create(job, dimensionType(job.on()), schema))
                    .append(" AS job \\gset\n")
                    .append(JobDdl.complete(job, ":job", schema, job.scheduled()))
                    .append(";\n");
            String attach = JobDdl.attach(job, ":job");
            sql.append(attach == null ? "" : attach + ";\n").append("COMMIT;\n");
        }
        return sql.toString();
    }

    private @Nullable String dimensionType(@Nullable TableName on) {
        return manifest.tables().stream()
                .filter(table -> table.name().equals(on))
                .map(TableEntry::hypertable)
                .filter(Objects::nonNull)
                .map(hypertable -> hypertable.dimensions().get(0).columnType())
                .findFirst()
                .orElse(null);
    }

    /** What is said of the database as a whole, but its owner; empty when it is as every new one. */
    String properties() {
        return manifest.properties() == null ? "" : PropertiesSql.withoutOwner(manifest.properties());
    }

    /** Every file's checksum as {@code sha256sum -c} reads it, in the backup's folder. */
    String checksums() {
        StringBuilder text = new StringBuilder();
        for (FileEntry file : manifest.schema().files()) {
            text.append(file.sha256()).append("  ").append(file.file()).append('\n');
        }
        text.append(sha256(finish())).append("  ").append(FINISH).append('\n');
        if (!columnstore().isEmpty()) {
            text.append(sha256(columnstore())).append("  ").append(COLUMNSTORE).append('\n');
        }
        if (!manifest.jobs().isEmpty()) {
            text.append(sha256(jobs())).append("  ").append(JOBS).append('\n');
        }
        if (!properties().isEmpty()) {
            text.append(sha256(properties())).append("  ").append(PROPERTIES).append('\n');
        }
        for (TableEntry table : manifest.tables()) {
            for (UnitEntry unit : table.units()) {
                text.append(unit.sha256())
                        .append("  ../../")
                        .append(unit.file())
                        .append('\n');
            }
        }
        return text.toString();
    }

    /** The guide itself. */
    String text() {
        Source source = manifest.source();
        Source.Timescale timescale = source.timescale();
        StringBuilder text = new StringBuilder();
        text.append("""
                # Restoring this backup by hand

                This folder and the `data` folder two levels up are all that is needed, with `psql`, `sed` and `%s`.
                Database `%s`, PostgreSQL %s%s, as of %s (backup `%s`, written by %s).

                Run these commands in this folder, in this order, as a role that may create what is in the backup. Choose the
                server with PGHOST, PGPORT and PGUSER, and the database with PGDATABASE: it must be new, with encoding %s,
                made for example by

                    createdb --template=template0 --encoding=%s --locale=%s "$PGDATABASE"

                psql must be of the server's major version or newer. Roles that own objects or have grants must exist.

                Trust this folder before you run any of this: psql runs what its SQL files hold on the server, and commands of
                psql such as `\\!` on this machine, with your rights. `hyperkeep restore` runs none of psql's commands.

                ## 1. Every file is what it was

                ```sh
                sha256sum --check --quiet SHA256SUMS
                ```

                ## 2. Tables

                ```sh
                """.formatted(
                        program(),
                        source.database().replace("`", "'"),
                        source.serverVersion(),
                        timescale == null ? "" : " with TimescaleDB " + timescale.version(),
                        manifest.snapshot().taken(),
                        manifest.id(),
                        manifest.tool(),
                        source.encoding(),
                        source.encoding(),
                        source.collation()));
        if (timescale != null) {
            String schema = timescale.schema().equals("public")
                    ? ""
                    : "CREATE SCHEMA IF NOT EXISTS " + Identifiers.quote(timescale.schema()) + "; ";
            command(
                    text,
                    "psql -X -q -v ON_ERROR_STOP=1 -c "
                            + shell(schema + "CREATE EXTENSION IF NOT EXISTS timescaledb WITH SCHEMA "
                                    + Identifiers.quote(timescale.schema())));
        }
        command(text, "psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -f schema/pre-data.sql");
        if (timescale != null) {
            command(text, "psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -f schema/hypertables.sql");
        }
        if (!manifest.aggregates().isEmpty()) {
            text.append(
                    "# needs TimescaleDB's Community edition: without it, leave out these two files and the rows of\n"
                            + "# continuous aggregates\n");
            command(text, "psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -f schema/" + DumpSchema.AGGREGATES);
            command(text, "psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -f schema/" + DumpSchema.LATE);
        }
        text.append(
                "```\n\n## 3. Rows\n\nThese may run at the same time. sed rewrites lines of a value that older versions of psql take for the end of the data.\n\n```sh\nset -o pipefail\n");
        if (!manifest.aggregates().isEmpty()) {
            text.append(
                    "# from TimescaleDB 2.28 on, what is restored here does not count as a change of what is aggregated\n");
            command(text, "export PGOPTIONS='-c timescaledb.skip_cagg_invalidation=on'");
        }
        for (TableEntry table : manifest.tables()) {
            for (UnitEntry unit : table.units()) {
                command(text, copy(table, unit));
            }
        }
        if (!manifest.aggregates().isEmpty()) {
            command(text, "unset PGOPTIONS");
        }
        text.append("```\n\n## 4. Indexes, keys, triggers, sequences' values, statistics\n\n```sh\n");
        command(text, "psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -f schema/post-data.sql");
        if (!columnstore().isEmpty()) {
            text.append("# compresses what was compressed; leave it out on a server of TimescaleDB's Apache edition\n");
            command(text, "psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -f " + COLUMNSTORE);
        }
        command(text, "psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -f " + FINISH);
        text.append("```\n\n## 5. Compare\n\n`count(*)` of each table must be"
                + (manifest.aggregates().isEmpty()
                        ? ""
                        : ", and of a continuous aggregate's materialization hypertable")
                + ":\n\n| table | rows |\n|---|---|\n");
        for (TableEntry table : manifest.tables()) {
            text.append("| `")
                    .append(table.name().toString().replace("`", "'").replace("|", "\\|"))
                    .append("` | ")
                    .append(table.rows())
                    .append(" |\n");
        }
        if (!manifest.jobs().isEmpty()) {
            text.append("""

                    ## 6. Policies and jobs

                    Last, because they run as soon as they are there: a retention policy drops what is too old, restored or not. Read
                    `schema/jobs.sql` before, and put `false` for `scheduled => true` where a job must stay off. Their owners must be
                    roles with LOGIN.

                    ```sh
                    """);
            command(text, "psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -f " + JOBS);
            text.append("```\n");
        }
        if (!properties().isEmpty()) {
            text.append("""

                    ## Settings and rights of the database

                    What was said of the database as a whole, for a database of your own under any name; it holds for every session
                    that begins afterwards. Leave it out where others use the database too. Who owned the database is
                    `properties.owner` in `manifest.json`: `ALTER DATABASE ... OWNER TO ...` gives it to that role.

                    ```sh
                    """);
            command(text, "psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -f " + PROPERTIES);
            text.append("```\n");
        }
        if (!manifest.warnings().isEmpty()) {
            text.append("\n## Not in this backup\n\n");
            manifest.warnings()
                    .forEach(warning -> text.append("- ").append(warning.text()).append('\n'));
        }
        return text.toString();
    }

    private String copy(TableEntry table, UnitEntry unit) {
        String columns = Identifiers.columnList(table.exportedColumns());
        // a table whose columns are all generated, or that has none, takes no column list
        String from = (columns.isEmpty() ? "" : " (" + columns + ")") + " FROM STDIN ("
                + manifest.data().copy() + ")";
        return decompress(shell("../../" + unit.file())) + " | " + ESCAPE + " | psql -X -q -v ON_ERROR_STOP=1 -c "
                + (isAggregate(table)
                        ? "\"COPY $(psql -X -q -A -t -c " + shell(AggregateDdl.materialization(table.name())) + ")\""
                                + shell(from)
                        : shell("COPY " + Identifiers.quote(table.name()) + from));
    }

    private static boolean isAggregate(TableEntry table) {
        return table.kind() == TableEntry.Kind.CONTINUOUS_AGGREGATE;
    }

    private String decompress(String file) {
        return switch (Codec.of(manifest.data().codec())) {
            case ZSTD -> "zstd -dc " + file;
            case GZIP -> "gzip -dc " + file;
            case NONE -> "cat " + file;
        };
    }

    private String program() {
        return switch (Codec.of(manifest.data().codec())) {
            case ZSTD -> "zstd";
            case GZIP -> "gzip";
            case NONE -> "cat";
        };
    }

    private static void command(StringBuilder text, String command) {
        text.append(command).append('\n');
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** A word for the shell: inside single quotes nothing means anything, so it needs no list of special characters. */
    private static String shell(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
