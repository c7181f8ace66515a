package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.cli.CommandFixture.Ended;
import io.hyperkeep.fixtures.AlteredManifests;
import io.hyperkeep.fixtures.AlteredManifests.Altered;
import io.hyperkeep.fixtures.AlteredManifests.How;
import io.hyperkeep.manifest.ManifestJson;
import io.hyperkeep.manifest.UnreadableManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** What commands make of manifests that were edited by hand. */
class AlteredManifestCommandsTest {
    @TempDir
    Path folder;

    private void manifest(CommandFixture line, String json) {
        line.write("r/hyperkeep.json", "{\"formatVersion\":1,\"repositoryId\":\"r\"}");
        line.write("r/plants/backups/20261130T215634Z/manifest.json", json);
    }

    @Test
    void each_command_names_the_field() {
        CommandFixture line = new CommandFixture(folder);
        manifest(line, AlteredManifests.with("tables", manifest -> ((ObjectNode) manifest.at("/tables/0/name"))
                .putNull("name")));
        String message = """
                hyperkeep: cannot read FOLDER/r/plants/backups/20261130T215634Z/manifest.json: tables[0].name.name is null
                HINT: copy the file again from where the backup was copied from, or use another backup
                """;
        for (String[] command :
                List.of(new String[] {"show", "latest"}, new String[] {"verify", "latest"}, new String[] {
                    "compare", "latest", "postgresql://127.0.0.1:1/x"
                })) {
            Ended ended = line.run(Stream.concat(Arrays.stream(command), Stream.of("--repository", "r"))
                    .toArray(String[]::new));
            assertThat(ended.err()).as(command[0]).isEqualTo(message);
            assertThat(ended.exitCode()).as(command[0]).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database", "cluster"})
    void what_is_read_is_shown_and_verified_without_a_defect(String kind) {
        CommandFixture line = new CommandFixture(folder);
        List<String> wrong = new ArrayList<>();
        for (Altered altered : AlteredManifests.all(kind)) {
            if (!isRead(altered)) {
                continue;
            }
            manifest(line, altered.json());
            for (String command : altered.how() == How.NEGATIVE ? List.of("show", "verify") : List.of("show")) {
                Ended ended = line.run(command, "latest", "--repository", "r");
                // its files are not there
                boolean known =
                        command.equals("show") ? Set.of(0, 1).contains(ended.exitCode()) : ended.exitCode() == 1;
                if (!known || ended.err().contains("defect") || ended.out().contains("defect")) {
                    wrong.add(altered + " " + command + " " + ended);
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static boolean isRead(Altered altered) {
        try {
            new ManifestJson().read(new ByteArrayInputStream(altered.json().getBytes(StandardCharsets.UTF_8)));
            return true;
        } catch (UnreadableManifest | IOException e) {
            return false;
        }
    }
}
