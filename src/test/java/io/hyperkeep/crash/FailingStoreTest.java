package io.hyperkeep.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hyperkeep.crash.FailingStore.Fault;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.jobs.EngineConfiguration;
import io.hyperkeep.scenario.Operator;
import io.hyperkeep.scenario.ServerSays;
import io.hyperkeep.storage.OpenRepository;
import io.hyperkeep.storage.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;

/** EIO at every operation that a backup does in its repository, one after the other. */
@Timeout(1800)
class FailingStoreTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final AtomicReference<Fault> FAULT = new AtomicReference<>(Fault.never());
    private static final int SHORT = 6;

    @TempDir
    Path folder;

    private String source;

    /** The engine, with a disk that fails. */
    @Configuration(proxyBeanMethods = false)
    @Import(EngineConfiguration.class)
    static class Engine {
        @Bean
        @Primary
        OpenRepository failing() {
            return root -> Repository.openOrCreate(root).through(store -> new FailingStore(store, FAULT.get()));
        }
    }

    @BeforeEach
    void fill() throws Exception {
        source = server.createDatabase("failing", true);
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.plain AS SELECT g AS id, md5(g::text) AS note FROM generate_series(1, 500) g",
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g"
                        + " FROM generate_series(0, 47) g");
    }

    @Test
    void an_error_of_the_disk_at_random_operations() throws Exception {
        failing(SHORT);
    }

    @Test
    @Tag("long")
    void an_error_of_the_disk_at_every_operation() throws Exception {
        failing(Integer.MAX_VALUE);
    }

    @Test
    @Tag("long")
    void a_disk_that_fails_from_an_operation_on() throws Exception {
        List<String> operations = count();
        Tally tally = new Tally("disk that fails for good", 5);
        while (tally.wantsMore()) {
            failAndGoOn(tally, operations, tally.random().nextInt(operations.size()), true);
        }
        tally.print();
    }

    private void failing(int most) throws Exception {
        List<String> operations = count();
        Tally tally = new Tally("EIO", Math.min(most, operations.size()));
        List<Integer> numbers = most >= operations.size()
                ? IntStream.range(0, operations.size()).boxed().toList()
                : tally.random()
                        .ints(0, operations.size())
                        .distinct()
                        .limit(most)
                        .boxed()
                        .toList();
        for (int number : numbers) {
            failAndGoOn(tally, operations, number, false);
        }
        tally.print();
    }

    /** What a backup does when nothing fails: with one connection, always the same in the same order. */
    private List<String> count() throws Exception {
        Fault never = Fault.never();
        FAULT.set(never);
        Operator operator = operator();
        Operator.Ended ended = operator.run(backup(operator));
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(never.operations())
                .anyMatch(operation -> operation.matches("write .*/data/public.plain/.*"))
                .anyMatch(operation -> operation.matches("commit .*/manifest.json"));
        return never.operations();
    }

    private void failAndGoOn(Tally tally, List<String> operations, int number, boolean forGood) throws Exception {
        String as = "operation " + number + " of " + operations.size() + ", " + operations.get(number);
        Operator operator = operator();
        FAULT.set(forGood ? Fault.from(number) : Fault.at(number));
        Operator.Ended first = operator.run(backup(operator));
        assertThat(FAULT.get().operations().size()).as(as).isGreaterThan(number);
        FAULT.get().mend();
        // given back with the next beat, if it could not be at once
        await().atMost(Duration.ofSeconds(30))
                .until(() -> operator.files().stream().noneMatch(file -> file.contains("/locks/")));
        tally.counted(true);
        boolean failed = first.exitCode() != 0;
        tally.in(failed ? "failed" : "went on");
        if (failed) {
            assertThat(first.exitCode()).as(as + ": " + first.err()).isEqualTo(1);
            assertThat(first.failure()).as(as).contains("input/output error");
            assertThat(Repository.open(operator.repository).backups()).as(as).isEmpty();
            Operator.Ended restarted = operator.run("runs", "restart", "1");
            assertThat(restarted.exitCode()).as(as + ": " + restarted.err()).isEqualTo(0);
            tally.restarted();
        }
        Leftovers.requireNone(operator, as);
        assertThat(Leftovers.requireWholeBackups(operator, as)).as(as).isEqualTo(1);
        String target = server.newDatabase("failing");
        Operator.Ended restored = operator.run(operator.restore("latest", target));
        assertThat(restored.exitCode()).as(as + ": " + restored.err()).isEqualTo(0);
        for (String table : List.of("public.plain", "public.metrics")) {
            String rows = "SELECT count(*) || md5(string_agg(x::text, ',' ORDER BY x::text)) FROM " + table + " x";
            assertThat(ServerSays.one(server, target, rows)).as(as).isEqualTo(ServerSays.one(server, source, rows));
        }
        server.execute("DROP DATABASE " + target.replaceAll(".*/", "") + " WITH (FORCE)");
        tally.equal();
    }

    private String[] backup(Operator operator) {
        return operator.backup(source, "--jobs", "1", "--max-attempts", "1", "--unit-size", "8KiB");
    }

    private Operator operator() throws Exception {
        return new Operator(Files.createTempDirectory(folder, "round"), server, Engine.class.getName());
    }
}
