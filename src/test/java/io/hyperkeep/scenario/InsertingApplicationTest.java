package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.storage.BackupFolder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sequences are in no snapshot: an application that inserts moves them while a backup runs. */
@Timeout(300)
class InsertingApplicationTest {
    @RegisterExtension
    static final TimescaleServer v17 = TimescaleServer.v17();

    @RegisterExtension
    static final TimescaleServer v18 = TimescaleServer.v18();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final String ODD = "\"Ödd \"\"q\"\" 'x'.y\\z\"";

    @ParameterizedTest
    @CsvSource({"17, database, directory", "18, database, custom", "17, tables,"})
    void what_a_backup_holds_while_others_insert_is_restored(int version, String kind, String format) throws Exception {
        TimescaleServer server = version == 17 ? v17 : v18;
        String source = server.createDatabase("inserts", true);
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.t (id bigserial PRIMARY KEY, v text)",
                "CREATE TABLE public.i (id int GENERATED ALWAYS AS IDENTITY, v text)",
                "CREATE TABLE public.m (time timestamptz NOT NULL, id bigserial)",
                "SELECT create_hypertable('public.m', 'time', chunk_time_interval => interval '1 day')",
                "CREATE SEQUENCE public.cached CACHE 20",
                "CREATE SEQUENCE public.down INCREMENT -3",
                "CREATE SEQUENCE public.unused START 7",
                "CREATE SEQUENCE public." + ODD);
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> application = CompletableFuture.runAsync(() -> insert(server, source, over));
        Path repository = hyperkeep.folder().resolve(kind + version);
        Ended backup;
        try {
            ServerSays.yes(server, source, "rows", "SELECT count(*) > 20 FROM public.i");
            backup = format == null
                    ? hyperkeep.backup(server, source, repository)
                    : hyperkeep.backup(server, source, repository, "--kind", kind, "--dump-format", format);
        } finally {
            over.set(true);
        }
        application.join();
        backup.exitsWith(0);

        String target = server.newDatabase("inserted");
        hyperkeep.restore(server, backup.backup(), target).exitsWith(0);

        hyperkeep.compare(server, backup.backup(), target).exitsWith(0);
        assertThat(ServerSays.one(server, target, """
                        SELECT (SELECT max(id) FROM public.t) <= (SELECT last_value FROM public.t_id_seq)
                           AND (SELECT max(id) FROM public.i) <= (SELECT last_value FROM public.i_id_seq)
                           AND (SELECT max(id) FROM public.m) <= (SELECT last_value FROM public.m_id_seq)
                        """)).isEqualTo("t");
        Map<String, SequenceState> states = new BackupFolder(backup.backup())
                .manifest().sequences().stream()
                        .collect(Collectors.toMap(state -> state.sequence().name(), Function.identity()));
        assertThat(states)
                .containsOnlyKeys("t_id_seq", "i_id_seq", "m_id_seq", "cached", "down", "unused", "Ödd \"q\" 'x'.y\\z");
        assertThat(states.get("down").lastValue()).isNegative();
        assertThat(states.get("unused").lastValue()).isEqualTo(7);
        assertThat(states.get("unused").called()).isFalse();
        assertThat(states.get("cached").called()).isTrue();
    }

    private static void insert(TimescaleServer server, String uri, AtomicBoolean over) {
        try (Connection connection = server.connect(uri)) {
            while (!over.get()) {
                ServerSays.run(connection, "INSERT INTO public.t (v) VALUES ('x')");
                ServerSays.run(connection, "INSERT INTO public.i (v) VALUES ('x')");
                ServerSays.run(connection, "INSERT INTO public.m (time) VALUES (now() + random() * interval '1 day')");
                ServerSays.run(
                        connection,
                        "SELECT nextval('public.cached'), nextval('public.down'), nextval($n$public." + ODD + "$n$)");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
