package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Rows that are large beside the heap: the driver has each one whole, and only one at a time can be. */
@Timeout(240)
class WideRowsTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    /** What the launcher gives. */
    private static final List<String> HEAP = List.of("-Xmx256m");

    @TempDir
    Path folder;

    @Test
    void rows_of_64_megabytes_in_two_tables_at_once_fit_into_the_launchers_heap() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = server.createDatabase("wide", true);
        for (String table : List.of("texts", "bytes")) {
            ServerSays.done(
                    server,
                    source,
                    "CREATE TABLE public." + table + " (id int PRIMARY KEY, v "
                            + (table.equals("texts") ? "text" : "bytea") + ")");
        }
        // 64 MB of CSV each: text as it is, and 30 MB of bytea in hexadecimal
        ServerSays.done(
                server,
                source,
                "INSERT INTO public.texts SELECT g, repeat('0123456789abcdef', 4 << 20) FROM generate_series(1, 3) g",
                "INSERT INTO public.bytes SELECT g, convert_to(repeat('0123456789abcdef', 30 << 16), 'UTF8')"
                        + " FROM generate_series(1, 3) g");

        try (RunningCommand backup = operator.fork(HEAP, operator.backup(source, "--jobs", "2"))) {
            Operator.Ended ended = backup.end();
            assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        }
        String target = server.newDatabase("wide_restored");
        try (RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target, "--jobs", "2"))) {
            Operator.Ended ended = restore.end();
            assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        }
        assertThat(sums(target)).isEqualTo(sums(source));
    }

    private static List<String> sums(String uri) throws SQLException {
        return ServerSays.all(
                server,
                uri,
                "SELECT id || ' ' || length(v) || ' ' || md5(v) FROM public.texts"
                        + " UNION ALL SELECT id || ' ' || length(v) || ' ' || md5(v) FROM public.bytes ORDER BY 1");
    }
}
