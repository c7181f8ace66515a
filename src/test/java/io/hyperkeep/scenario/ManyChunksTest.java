package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** More chunks than units: small ones share files, and each row finds its chunk again. */
@Timeout(180)
class ManyChunksTest {
    private static final int CHUNKS = 300;

    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    @Test
    void small_chunks_share_files_and_come_back_as_the_chunks_that_they_were() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = server.createDatabase("chunks", true);
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v int, PRIMARY KEY (t))",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.metrics SELECT '2025-01-01'::timestamptz + g * interval '6 hours', g"
                        + " FROM generate_series(0, " + (CHUNKS * 4 - 1) + ") g");

        Operator.Ended backup = operator.run(operator.backup(source, "--output", "json"));
        assertThat(backup.exitCode()).as(backup.err()).isEqualTo(0);
        assertThat(backup.json().get("rows").asInt()).isEqualTo(CHUNKS * 4);
        // their borders are aligned, so that tomorrow they are the same
        assertThat(backup.json().get("units").asInt()).isEqualTo(4);
        String target = server.newDatabase("chunks_restored");
        Operator.Ended restore = operator.run(operator.restore("latest", target));
        assertThat(restore.exitCode()).as(restore.err()).isEqualTo(0);

        String chunks =
                "SELECT count(*) || ' ' || md5(string_agg(range_start || ' ' || range_end, ',' ORDER BY range_start))"
                        + " FROM timescaledb_information.chunks";
        assertThat(ServerSays.one(server, target, chunks))
                .isEqualTo(ServerSays.one(server, source, chunks))
                .startsWith(CHUNKS + " ");
        String rows = "SELECT count(*) || ' ' || md5(string_agg(t || ' ' || v, ',' ORDER BY t)) FROM public.metrics";
        assertThat(ServerSays.one(server, target, rows)).isEqualTo(ServerSays.one(server, source, rows));
    }
}
