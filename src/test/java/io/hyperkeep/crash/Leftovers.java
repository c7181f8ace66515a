package io.hyperkeep.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.Server;
import io.hyperkeep.scenario.Operator;
import io.hyperkeep.scenario.ServerSays;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** What nobody may find once a run has succeeded, whatever became of those before it. */
final class Leftovers {
    private Leftovers() {}

    /** Requires that the repository holds whole backups and their files' names, and nothing half-written. */
    static void requireNone(Operator operator, String as) {
        assertThat(operator.files()).as(as).noneMatch(file -> file.endsWith(".tmp") || file.contains("/locks/"));
        TreeSet<String> folders = new TreeSet<>();
        for (String file : operator.files()) {
            if (file.contains("/backups/")) {
                folders.add(file.substring(0, file.indexOf('/', file.indexOf("/backups/") + 9)));
            }
        }
        assertThat(operator.files())
                .as(as + ": every folder of a backup is sealed")
                .containsAll(folders.stream()
                        .map(folder -> folder + "/manifest.json")
                        .toList());
    }

    /** Requires that every backup that is listed is whole. */
    static int requireWholeBackups(Operator operator, String as) {
        Operator.Ended listed =
                operator.run("backups", "--repository", operator.repository.toString(), "--output", "json");
        assertThat(listed.exitCode()).as(as + ": " + listed.err()).isIn(0, 10);
        if (listed.exitCode() == 10) {
            return 0;
        }
        JsonNode backups = listed.json().get("backups");
        for (JsonNode backup : backups) {
            Operator.Ended verified = operator.run("verify", backup.get("path").asString());
            assertThat(verified.exitCode()).as(as + ": " + verified.err()).isEqualTo(0);
        }
        return backups.size();
    }

    /** Waits until no session of the program is left: the server may take a moment to notice that a client is gone. */
    static void requireNoSessions(Server server, String uri) {
        ServerSays.yes(server, uri, "no session of the program is left", """
                SELECT NOT EXISTS (SELECT FROM pg_stat_activity
                                    WHERE datname = current_database() AND application_name LIKE 'hyperkeep/%')""");
    }

    /** Names of runs, newest first, as {@code 3 FAILED}. */
    static List<String> runs(Operator operator) {
        return operator.run("runs", "list", "--output", "json")
                .json()
                .get("runs")
                .valueStream()
                .map(run -> run.get("run").asLong() + " " + run.get("state").asString())
                .toList();
    }
}
