package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.Totals;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the daemon says of plans over HTTP is what is in the repository and in the record of runs, at every stage. */
@Timeout(180)
class MonitoringTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final Pattern READY = Pattern.compile("serving on (http://127\\.0\\.0\\.1:[0-9]+)");
    private static final Pattern EXPRESSION = Pattern.compile("\"?expr\"?: .*");
    private static final Pattern METRIC = Pattern.compile("\\b((?:hyperkeep|spring_batch|jvm)_[a-z_]+)(?![a-z_)]*\\))");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PLAN = "{database=\"m\",kind=\"tables\",plan=\"nightly\"}";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private Operator operator;
    private String source;

    @Test
    void health_and_figures_are_right_at_every_stage_and_after_a_restart() throws Exception {
        source = server.createDatabase("monitored", true);
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v float8)",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g"
                        + " FROM generate_series(0, 47) g");
        operator = new Operator(folder, server);
        operator.environment.put("HYPERKEEP_MANAGEMENT_PORT", "0");
        String plans = """
                databases: {m: {uri: '%s', client-tools: '%s'}}
                repositories: {r: %s}
                logging: {format: json}
                defaults: {database: m, repository: r, unit-size: 1KiB}
                plans:
                  nightly: {freshness: 1h}
                  yearly: {schedule: '0 0 0 1 1 ?', include: [public.metrics]}
                """.formatted(source, server.clientTools(), operator.repository);
        Path configuration = Files.writeString(folder.resolve("hyperkeep.yml"), plans);
        operator.environment.put("HYPERKEEP_CONFIG", configuration.toString());
        try (RunningCommand daemon = operator.fork(List.of("-Xmx256m"), "serve")) {
            String address = address(daemon);
            nothing_was_backed_up_yet(address);
            only_what_is_needed_is_answered(address);
            int samples = a_backup_shows(address);
            more_chunks_are_no_more_figures(address, samples);
            an_answer_does_not_wait_for_a_repository_that_hangs(address);
            a_repository_that_is_gone_is_no_backup(address);
            daemon.stop("KILL").ended();
        }
        Files.writeString(configuration, plans + "  often: {schedule: '0/2 * * * * ?', freshness: none}\n");
        try (RunningCommand daemon = operator.fork(List.of("-Xmx256m"), "serve")) {
            String address = address(daemon);
            a_restart_changes_nothing(address);
            runs_are_measured_but_no_units_and_every_name_that_is_shipped_is_there(address);
            assertThat(daemon.stop("TERM").ended().exitCode()).isZero();
            what_it_logged_is_json(daemon.err());
        }
    }

    private void nothing_was_backed_up_yet(String address) throws Exception {
        JsonNode nightly = nightly(address, "DOWN");
        assertThat(nightly.at("/details/problems").toString())
                .isEqualTo("[\"there is no good backup of this plan in " + operator.repository + "\"]");
        assertThat(get(address + "/actuator/health/backups/nightly").statusCode())
                .isEqualTo(503);
        // a stale backup is no reason to restart the daemon
        assertThat(get(address + "/actuator/health/liveness").body()).contains("UP");
        assertThat(get(address + "/actuator/health/readiness").body()).contains("UP");
        Map<String, Double> figures = scrape(address);
        assertThat(figures)
                .containsEntry("hyperkeep_last_good_backup_age_seconds" + PLAN, Double.POSITIVE_INFINITY)
                .containsEntry("hyperkeep_freshness_objective_seconds" + PLAN, 3600.0)
                .containsEntry("hyperkeep_plan_healthy" + PLAN, 0.0)
                .containsEntry("hyperkeep_repository_readable" + PLAN, 1.0)
                .containsEntry("hyperkeep_metadata_up", 1.0);
        assertThat(figures.keySet()).noneMatch(name -> name.startsWith("hyperkeep_runs_total"));
        // twice the longest pause of its schedule: a year, if it is no leap year
        assertThat(figures.get("hyperkeep_freshness_objective_seconds" + PLAN.replace("nightly", "yearly")))
                .isIn(2.0 * 365 * 86_400, 2.0 * 366 * 86_400);
        assertThat(figures.get("hyperkeep_next_firing_timestamp_seconds{job_name=\"backup\",plan=\"yearly\"}"))
                .isGreaterThan(System.currentTimeMillis() / 1000.0);
    }

    private static void only_what_is_needed_is_answered(String address) throws Exception {
        assertThat(get(address + "/actuator/info").body()).contains("\"version\"");
        for (String path : List.of("env", "beans", "configprops", "heapdump", "loggers", "metrics", "shutdown")) {
            assertThat(get(address + "/actuator/" + path).statusCode()).as(path).isEqualTo(404);
        }
    }

    private int a_backup_shows(String address) throws Exception {
        assertThat(operator.run("backup", "nightly").exitCode()).isZero();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        nightly(address, "UP").at("/details/newestGoodBackup").asString())
                .isEqualTo(operator.newest().id()));
        Map<String, Double> figures = scrape(address);
        backup_is(figures, operator.manifest().totals());
        assertThat(figures.get("hyperkeep_last_good_backup_age_seconds" + PLAN)).isBetween(0.0, 120.0);
        assertThat(figures)
                .containsEntry("hyperkeep_plan_healthy" + PLAN, 1.0)
                .containsEntry("hyperkeep_last_run_success" + PLAN.replace(",kind", ",job_name=\"backup\",kind"), 1.0)
                .containsEntry("hyperkeep_runs_total{job_name=\"backup\",outcome=\"succeeded\",plan=\"nightly\"}", 1.0);
        // the backup of everything holds what the other plan wants, but it goes when this plan says so
        assertThat(figures)
                .containsEntry("hyperkeep_plan_healthy" + PLAN.replace("nightly", "yearly"), 0.0)
                .containsEntry(
                        "hyperkeep_last_good_backup_age_seconds" + PLAN.replace("nightly", "yearly"),
                        Double.POSITIVE_INFINITY);
        return own(figures);
    }

    private void more_chunks_are_no_more_figures(String address, int samples) throws Exception {
        ServerSays.done(
                server,
                source,
                "INSERT INTO public.metrics SELECT '2026-02-01'::timestamptz + g * interval '1 day', g"
                        + " FROM generate_series(0, 19) g");
        assertThat(operator.run("backup", "nightly").exitCode()).isZero();
        Totals totals = operator.manifest().totals();
        assertThat(totals.units()).isGreaterThan(20);
        assertThat(totals.reusedUnits()).isPositive();
        await().atMost(PATIENCE).untilAsserted(() -> backup_is(scrape(address), totals));
        assertThat(own(scrape(address))).isEqualTo(samples);

        // a run that fails: the plan's database is gone for a moment
        String connections = "ALTER DATABASE " + ServerSays.one(server, source, "SELECT current_database()");
        ServerSays.done(server, server.newDatabase("monitor"), connections + " WITH ALLOW_CONNECTIONS false");
        assertThat(operator.run("backup", "nightly").exitCode()).isNotZero();
        ServerSays.done(server, server.newDatabase("monitor2"), connections + " WITH ALLOW_CONNECTIONS true");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(scrape(address))
                .containsEntry("hyperkeep_runs_total{job_name=\"backup\",outcome=\"failed\",plan=\"nightly\"}", 1.0)
                .containsEntry("hyperkeep_last_run_success" + PLAN.replace(",kind", ",job_name=\"backup\",kind"), 0.0)
                // there is still a backup that is new enough
                .containsEntry("hyperkeep_plan_healthy" + PLAN, 1.0));
        assertThat(nightly(address, "UP").at("/details/last backup").asString())
                .startsWith("run 3, FAILED, started 2")
                .contains(": ");
    }

    private void an_answer_does_not_wait_for_a_repository_that_hangs(String address) throws Exception {
        // reading a named pipe waits for a writer, as reading from a server that is gone does
        Path marker = operator.repository.resolve("hyperkeep.json");
        Path checksum = operator.newest().path().resolve("manifest.json.sha256");
        String line = Files.readString(checksum);
        Files.delete(checksum);
        Files.setLastModifiedTime(operator.newest().path().resolve("manifest.json"), Files.getLastModifiedTime(marker));
        assertThat(new ProcessBuilder("mkfifo", checksum.toString()).start().waitFor())
                .isZero();
        await().atMost(PATIENCE).untilAsserted(() -> {
            long begun = System.nanoTime();
            JsonNode nightly = nightly(address, "DOWN");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(8));
            assertThat(nightly.at("/details/problems/0").asString())
                    .startsWith("whether there is a good backup is not known: the repository " + operator.repository
                            + " does not answer, for ");
        });
        Map<String, Double> figures = scrape(address);
        assertThat(figures)
                .containsEntry("hyperkeep_repository_readable" + PLAN, 0.0)
                .containsEntry("hyperkeep_plan_healthy" + PLAN, 0.0)
                .doesNotContainKey("hyperkeep_last_good_backup_age_seconds" + PLAN);
        assertThat(get(address + "/actuator/health/liveness").statusCode()).isEqualTo(200);
        Files.writeString(checksum, line);
        Files.delete(checksum);
        Files.writeString(checksum, line);
        await().atMost(PATIENCE).untilAsserted(() -> nightly(address, "UP"));
    }

    private void a_repository_that_is_gone_is_no_backup(String address) throws Exception {
        Path elsewhere = operator.repository.resolveSibling("elsewhere");
        Files.move(operator.repository, elsewhere);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(scrape(address))
                .containsEntry("hyperkeep_plan_healthy" + PLAN, 0.0)
                .containsEntry("hyperkeep_last_good_backup_age_seconds" + PLAN, Double.POSITIVE_INFINITY));
        Files.move(elsewhere, operator.repository);
        await().atMost(PATIENCE).untilAsserted(() -> nightly(address, "UP"));
    }

    private void a_restart_changes_nothing(String address) throws Exception {
        assertThat(scrape(address))
                .containsEntry("hyperkeep_runs_total{job_name=\"backup\",outcome=\"succeeded\",plan=\"nightly\"}", 2.0)
                .containsEntry("hyperkeep_runs_total{job_name=\"backup\",outcome=\"failed\",plan=\"nightly\"}", 1.0)
                .containsEntry("hyperkeep_plan_healthy" + PLAN, 1.0)
                .containsKey("hyperkeep_last_good_backup_rows" + PLAN);
    }

    private static void runs_are_measured_but_no_units_and_every_name_that_is_shipped_is_there(String address)
            throws Exception {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(scrape(address).keySet())
                .anyMatch(name -> name.startsWith("spring_batch_job_seconds_count")
                        && name.contains("spring_batch_job_name=\"backup\"")));
        Map<String, Double> figures = scrape(address);
        // Spring Batch calls a step of one unit after the unit
        assertThat(figures.keySet()).noneMatch(name -> name.contains("export"));
        assertThat(figures)
                .hasEntrySatisfying(
                        "hyperkeep_next_firing_timestamp_seconds{job_name=\"backup\",plan=\"often\"}",
                        next -> assertThat(next).isBetween(now() - 10, now() + 10));
        Set<String> names = figures.keySet().stream()
                .map(name -> name.replaceAll("\\{.*", ""))
                .collect(Collectors.toSet());
        for (String file : List.of("config/prometheus-alerts.yml", "config/grafana-dashboard.json")) {
            Set<String> used = EXPRESSION
                    .matcher(Files.readString(Path.of(file)))
                    .results()
                    .flatMap(expression -> METRIC.matcher(expression.group()).results())
                    .map(metric -> metric.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(used).as(file).hasSizeGreaterThan(8).isSubsetOf(names);
        }
    }

    private static double now() {
        return System.currentTimeMillis() / 1000.0;
    }

    private static void what_it_logged_is_json(String err) {
        assertThat(err.lines()).hasSizeGreaterThan(2).allSatisfy(line -> assertThat(
                        JsonMapper.shared().readTree(line).has("@timestamp"))
                .isTrue());
    }

    private static void backup_is(Map<String, Double> figures, Totals totals) {
        assertThat(figures)
                .containsEntry("hyperkeep_last_good_backup_rows" + PLAN, (double) totals.rows())
                .containsEntry("hyperkeep_last_good_backup_bytes" + PLAN, (double) totals.csvBytes())
                .containsEntry("hyperkeep_last_good_backup_stored_bytes" + PLAN, (double) totals.bytes())
                .containsEntry("hyperkeep_last_good_backup_written_bytes" + PLAN, (double) totals.writtenBytes())
                .containsEntry("hyperkeep_last_good_backup_units" + PLAN, (double) totals.units())
                .containsEntry("hyperkeep_last_good_backup_reused_units" + PLAN, (double) totals.reusedUnits());
        assertThat(figures.get("hyperkeep_last_good_backup_throughput_bytes_per_second" + PLAN))
                .isPositive();
    }

    private static int own(Map<String, Double> figures) {
        return (int) figures.keySet().stream()
                .filter(name -> name.startsWith("hyperkeep_"))
                .count();
    }

    /** The health of the plan, which must be this. */
    private static JsonNode nightly(String address, String status) throws Exception {
        HttpResponse<String> answer = get(address + "/actuator/health/backups/nightly");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status.equals("UP") ? 200 : 503);
        JsonNode health = JsonMapper.shared().readTree(answer.body());
        assertThat(health.get("status").asString()).isEqualTo(status);
        return health;
    }

    /** Every sample of a scrape by its name and labels. */
    private static Map<String, Double> scrape(String address) throws Exception {
        HttpResponse<String> answer = get(address + "/actuator/prometheus");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        Map<String, Double> samples = new TreeMap<>();
        answer.body().lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            String value = line.substring(space + 1).replace("+Inf", "Infinity");
            samples.put(line.substring(0, space), Double.valueOf(value));
        });
        return samples;
    }

    private static String address(RunningCommand daemon) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(daemon.err()).containsPattern(READY));
        Matcher ready = READY.matcher(daemon.err());
        assertThat(ready.find()).isTrue();
        return ready.group(1);
    }

    private static HttpResponse<String> get(String uri) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(uri))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
