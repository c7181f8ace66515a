package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Backups in which somebody put commands for psql, and made every checksum right again. None may run on the machine that
 * restores.
 */
@Timeout(300)
class AlteredBackupTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final Map<String, Path> backups = new HashMap<>();
    private static String source;
    private static int copies;

    @BeforeAll
    static void backUp() throws SQLException {
        source = server.createDatabase("altered", true);
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.plain (id int PRIMARY KEY, v text)",
                "INSERT INTO public.plain VALUES (1, 'x')",
                "CREATE VIEW public.shown AS SELECT * FROM public.plain",
                "COMMENT ON DATABASE " + name() + " IS 'altered'");
        for (String kind : new String[] {"tables", "database"}) {
            Ended ended = hyperkeep.backup(server, source, hyperkeep.folder().resolve(kind), "--kind", kind);
            backups.put(kind, ended.exitsWith(0).backup());
        }
        Ended cluster = hyperkeep.backup(
                server,
                source,
                hyperkeep.folder().resolve("cluster"),
                "--kind",
                "cluster",
                "--include-database",
                name());
        backups.put("cluster", cluster.exitsWith(0).backup());
    }

    private static String name() {
        return source.replaceFirst("\\?.*", "").replaceFirst(".*/", "");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tables|schema/pre-data.sql|0|\\! touch MARK\n",
                "tables|schema/pre-data.sql|SET client_encoding|\\! touch MARK\n",
                "tables|schema/pre-data.sql|CREATE TABLE|\\! touch MARK\n",
                "tables|schema/pre-data.sql|CREATE TABLE|SELECT 1 \\g |touch MARK\n",
                "tables|schema/pre-data.sql|CREATE TABLE|\\o |touch MARK\nSELECT 1;\n",
                "tables|schema/pre-data.sql|CREATE TABLE|\\echo `touch MARK`\n",
                "tables|schema/pre-data.sql|CREATE TABLE|\\unrestrict abc\n\\! touch MARK\n",
                "tables|schema/pre-data.sql|CREATE TABLE|\\copy (SELECT 1) TO PROGRAM 'touch MARK'\n",
                "tables|schema/pre-data.sql|CREATE TABLE|-- a\r\\! touch MARK\n",
                "tables|schema/pre-data.sql|CREATE TABLE|SELECT E'a'\n'\\'' \\! touch MARK\n;\n",
                "tables|schema/post-data.sql|0|\\! touch MARK\n",
                "tables|schema/post-data.sql|ALTER TABLE|\\! touch MARK\n",
                "database|restore/6-properties.sql|0|\\! touch MARK\n",
                "database|restore/6-properties.sql|COMMENT ON|\\! touch MARK\n",
                "cluster|globals.sql|0|\\! touch MARK\n",
                "cluster|globals.sql|CREATE ROLE|\\! touch MARK\n",
            })
    void no_command_of_psql_is_run(String what) throws Exception {
        String[] parts = what.split("\\|", 4);
        Path mark = hyperkeep.folder().resolve("mark");
        Path altered = altered(
                parts[0],
                parts[1],
                text -> parts[2].equals("0") ? 0 : text.indexOf(parts[2]),
                parts[3].replace("MARK", mark.toString()));

        Ended verified = hyperkeep.run("verify", altered.toString());
        Ended restored = restore(parts[0], altered);

        assertThat(mark).doesNotExist();
        assertThat(restored.exitCode()).as(restored.err()).isEqualTo(1);
        assertThat(verified.exitCode()).as(verified.out()).isEqualTo(1);
        assertThat(restored.err())
                .contains(" has a command for psql in line ", "which no backup has: the file was altered");
        assertThat(verified.out()).contains(parts[1] + "  has a command for psql in line ");
    }

    @Test
    void what_only_psql_sees_is_refused_by_psql() throws Exception {
        Path mark = hyperkeep.folder().resolve("unseen");
        Path altered = altered(
                "tables",
                "schema/pre-data.sql",
                text -> text.indexOf("CREATE TABLE"),
                "SET standard_conforming_strings = off;\nSELECT '\\'' \\! touch " + mark + "\n';\n");

        Ended restored = restore("tables", altered);

        assertThat(mark).doesNotExist();
        assertThat(restored.exitCode()).as(restored.err()).isEqualTo(1);
        assertThat(restored.err())
                .contains(
                        "\"code\" : \"damaged\"",
                        "a schema file of the backup holds a command for psql, which no backup has; psql did not run it",
                        "the file was altered: find out by whom before you use this backup, and drop what was restored"
                                + " of it.");
    }

    @Test
    void rows_come_from_no_program() throws Exception {
        Path mark = hyperkeep.folder().resolve("program");
        Path copy = copy("tables");
        ObjectNode manifest = (ObjectNode) read(copy);
        ((ObjectNode) manifest.get("data"))
                .put("copy", "FORMAT csv, HEADER) FROM PROGRAM 'touch " + mark + "' (FORMAT csv");
        write(copy, manifest);

        Ended restored = restore("tables", copy);

        assertThat(mark).doesNotExist();
        assertThat(restored.exitCode()).isEqualTo(1);
        assertThat(restored.err()).contains("data.copy is 'FORMAT csv, HEADER) FROM PROGRAM 'touch ");
    }

    @Test
    void what_was_not_altered_is_restored() throws Exception {
        assertThat(restore("tables", copy("tables")).exitCode()).isZero();
        assertThat(restore("database", copy("database")).exitCode()).isZero();
    }

    private static Ended restore(String kind, Path backup) throws Exception {
        return kind.equals("cluster")
                ? hyperkeep.restore(server, backup, server.uri("postgres"), "--globals-only")
                : hyperkeep.restore(server, backup, server.newDatabase("altered_r"));
    }

    /** The backup with its repository, so that nothing else is touched. */
    private static Path copy(String kind) throws IOException {
        Path from = hyperkeep.folder().resolve(kind);
        Path to = hyperkeep.folder().resolve("copy" + copies++);
        FileSystemUtils.copyRecursively(from, to);
        return to.resolve(from.relativize(backups.get(kind)));
    }

    private static Path altered(String kind, String file, ToIntFunction<String> where, String insert) throws Exception {
        Path copy = copy(kind);
        Path sql = copy.resolve(file);
        String text = Files.readString(sql, StandardCharsets.ISO_8859_1);
        int at = where.applyAsInt(text);
        assertThat(at).isNotNegative();
        Files.writeString(sql, text.substring(0, at) + insert + text.substring(at), StandardCharsets.ISO_8859_1);
        ObjectNode manifest = (ObjectNode) read(copy);
        ObjectNode lengths = (ObjectNode) manifest.at("/schema/preambleLength");
        String preamble = file.endsWith("post-data.sql") ? "postData" : "preData";
        if (file.startsWith("schema/") && at < lengths.get(preamble).intValue()) {
            lengths.put(preamble, lengths.get(preamble).intValue() + insert.length());
        }
        String section = file.endsWith("post-data.sql") ? "POST_DATA" : "PRE_DATA";
        for (JsonNode entry : manifest.at("/schema/entries")) {
            long offset = entry.get("offset").longValue();
            int length = entry.get("length").intValue();
            if (!entry.get("section").stringValue().equals(section)) {
                continue;
            }
            if (offset >= at) {
                ((ObjectNode) entry).put("offset", offset + insert.length());
            } else if (offset + length > at) {
                ((ObjectNode) entry).put("length", length + insert.length());
            }
        }
        byte[] bytes = Files.readAllBytes(sql);
        for (String files : new String[] {"/schema/files", "/dump/files", "/cluster/files"}) {
            for (JsonNode entry : manifest.at(files)) {
                if (entry.get("file").stringValue().equals(file)) {
                    ((ObjectNode) entry)
                            .put("bytes", bytes.length)
                            .put(
                                    "sha256",
                                    HexFormat.of()
                                            .formatHex(MessageDigest.getInstance("SHA-256")
                                                    .digest(bytes)));
                }
            }
        }
        write(copy, manifest);
        return copy;
    }

    private static JsonNode read(Path backup) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(backup.resolve("manifest.json")));
    }

    private static void write(Path backup, JsonNode manifest) throws IOException {
        Files.writeString(backup.resolve("manifest.json"), JsonMapper.shared().writeValueAsString(manifest));
        Files.deleteIfExists(backup.resolve("manifest.json.sha256"));
    }
}
