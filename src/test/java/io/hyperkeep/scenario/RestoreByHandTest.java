package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.ServerLogin;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands of a backup's RESTORE.md, run as they are written there, with nothing of this program. */
class RestoreByHandTest {
    @RegisterExtension
    @Order(1)
    static final ServerObjects roles = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final Pattern COMMANDS = Pattern.compile("^```sh\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

    private static DatabaseContents source;

    @BeforeAll
    static void fill() throws SQLException {
        new EveryObject(roles, List.of(server))
                .fill(server, server.uri(), "texts.sql", "objects.sql", "hypertables.sql");
        source = EveryObject.contents(server, server.uri());
    }

    @Test
    void everything_comes_back_with_psql_and_zstd() throws Exception {
        assumeZstd(server);
        Path backup = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("zstd"), "--unit-size", "64KiB")
                .exitsWith(0)
                .backup();
        String target = server.newDatabase("by_hand");

        runCommandsOf(server, backup, target);

        // chunks are made by the rows as they come, with today's settings
        assertThat(EveryObject.differences(source, EveryObject.contents(server, target), server, target))
                .filteredOn(line -> !line.contains("chunk of "))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"directory", "custom"})
    void a_whole_database_comes_back_with_psql_and_pg_restore(String format) throws Exception {
        Path backup = hyperkeep
                .backup(
                        server,
                        server.uri(),
                        hyperkeep.folder().resolve("whole"),
                        "--kind",
                        "database",
                        "--dump-format",
                        format)
                .exitsWith(0)
                .backup();
        String target = server.newDatabase("by_hand_whole");

        runCommandsOf(server, backup, target);

        assertThat(EveryObject.differences(source, EveryObject.contents(server, target), server, target))
                .isEmpty();
        // what pg_restore cannot bring back is no difference, but named
        assertThat(hyperkeep.compare(server, backup, target).exitsWith(3).warnings())
                .containsExactly(EveryObject.REORDERED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "none"})
    void some_tables_come_back_with_whatever_they_were_compressed(String compression) throws Exception {
        Path backup = hyperkeep
                .backup(
                        server,
                        server.uri(),
                        hyperkeep.folder().resolve(compression),
                        "--compression",
                        compression,
                        "--include",
                        "vals.*",
                        "--include",
                        "hyper.of_bigint")
                .exitsWith(0)
                .backup();
        String target = server.newDatabase("by_hand");

        runCommandsOf(server, backup, target);

        DatabaseContents found = EveryObject.contents(server, target);
        assertThat(DatabaseContents.differences(
                        source, found, line -> line.contains(" vals.") || line.startsWith("rows of hyper.of_bigint ")))
                .filteredOn(line -> !line.contains("publication"))
                .isEmpty();
        assertThat(found.rows()).hasSize(9);
    }

    static void runCommandsOf(TimescaleServer server, Path backup, String target)
            throws IOException, InterruptedException {
        StringBuilder commands = new StringBuilder();
        Matcher block = COMMANDS.matcher(Files.readString(backup.resolve("RESTORE.md")));
        while (block.find()) {
            commands.append(block.group(1));
        }
        assertThat(commands).isNotEmpty();
        ProcessBuilder bash = new ProcessBuilder("bash", "-e", "-c", commands.toString())
                .directory(backup.toFile())
                .redirectErrorStream(true);
        bash.environment().putAll(ServerLogin.of(target).variables());
        bash.environment()
                .merge("PATH", server.clientTools().toString(), (path, tools) -> tools + File.pathSeparator + path);
        Process process = bash.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isZero();
    }

    static void assumeZstd(TimescaleServer server) {
        assumeTrue(onPath(server, "zstd"), "needs the program zstd");
    }

    private static boolean onPath(TimescaleServer server, String program) {
        return Stream.concat(
                        Stream.of(server.clientTools()),
                        Stream.of(System.getenv("PATH").split(File.pathSeparator))
                                .map(Path::of))
                .anyMatch(folder -> Files.isExecutable(folder.resolve(program)));
    }
}
