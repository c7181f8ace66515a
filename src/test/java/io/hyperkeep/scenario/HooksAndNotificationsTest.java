package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.hyperkeep.fixtures.HttpReceiver;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.fixtures.TlsMailServer;
import io.hyperkeep.fixtures.TroublesomeServer;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A plan with hooks and receivers, as a person at a command line has it: failing, working again, skipped, stopped. */
@Timeout(180)
class HooksAndNotificationsTest {
    private static final Duration HANGING = Duration.ofSeconds(1);

    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    private final HttpReceiver http = new HttpReceiver(number -> 200);
    private final TroublesomeServer hanging = TroublesomeServer.silent();
    private final GreenMail smtp = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    private final StringBuilder said = new StringBuilder();
    private Operator operator;
    private Instant ended = Instant.EPOCH;

    @BeforeEach
    void begin() throws Exception {
        smtp.start();
        smtp.setUser("hk", "hk", "s3cret");
        operator = new Operator(folder, server);
        operator.environment.put("CHAT_URL", http.url("/chat/s3cret"));
        String source = server.createDatabase("told", false);
        ServerSays.done(server, source, "CREATE TABLE public.plain AS SELECT g AS id FROM generate_series(1, 10) g");
        Path home = Files.createDirectories(folder.resolve("home"));
        secret(home.resolve("watch.url"), http.url("/watch-s3cret"));
        secret(home.resolve("mail.password"), "s3cret");
        Files.writeString(home.resolve("hyperkeep.yml"), """
                notify:
                  chat: {kind: webhook, url: '${CHAT_URL}', template: '{"text": "[{{event}}] {{text}}"}'}
                  mail:
                    kind: email
                    host: 127.0.0.1
                    port: %d
                    security: none
                    user: hk
                    password-file: mail.password
                    from: hk@example.org
                    to: ops@example.org
                  watch: {kind: ping, url-file: watch.url}
                  dead: {kind: webhook, url: 'http://127.0.0.1:%d/s3cret', timeout: %dms}
                databases: {prod: {uri: '%s', client-tools: '%s'}}
                plans:
                  nightly:
                    database: prod
                    repository: %s
                    hooks:
                      before: 'env | grep ^HYPERKEEP_ > before.env; echo $$$$ > before.pid; . ./before.sh'
                      after: 'env | grep ^HYPERKEEP_ > after.env; . ./after.sh'
                    notify: [chat, mail, watch, dead]
                """.replace("./", folder + "/")
                .replace("before.env", folder + "/before.env")
                .replace("before.pid", folder + "/before.pid")
                .replace("after.env", folder + "/after.env")
                .formatted(
                        smtp.getSmtp().getPort(),
                        hanging.port(),
                        HANGING.toMillis(),
                        source,
                        server.clientTools(),
                        operator.repository));
        before("true");
        after("true");
    }

    @AfterEach
    void end() throws IOException {
        smtp.stop();
        http.close();
        hanging.close();
    }

    @Test
    void a_plan_fails_works_again_is_skipped_and_warns_and_people_are_told_as_they_want() throws Exception {
        // a file where the repository should be
        Files.createFile(operator.repository);
        assertThat(backup()).isEqualTo(1);
        String failed = "the backup of plan nightly failed: ";
        assertThat(chat()).singleElement().asString().startsWith("[failure] " + failed);
        assertThat(mails()).singleElement().asString().startsWith("hyperkeep: " + failed);
        assertThat(pings()).containsExactly("/start", "/fail");
        assertThat(environment("before"))
                .contains("HYPERKEEP_PLAN=nightly", "HYPERKEEP_DATABASE=prod", "HYPERKEEP_RUN=1");
        assertThat(environment("after"))
                .contains("HYPERKEEP_STATE=FAILED", "HYPERKEEP_BACKUP=")
                .anyMatch(line -> line.startsWith("HYPERKEEP_FAILURE=") && line.length() > 30);

        // a restart that is skipped leaves something to go on with
        before("exit 75");
        assertThat(run("runs", "restart", "1").exitCode()).isEqualTo(75);
        before("true");
        assertThat(run("runs", "restart", "1").failure()).isEqualTo("""
                        hyperkeep: run 1 was restarted already, as run 2, which ended as SKIPPED
                        HINT: restart that one: `hyperkeep runs restart 2`.
                        """);
        Files.delete(operator.repository);
        Operator.Ended again = run("backup", "nightly", "--restart-failed", "--verbose");
        assertThat(again.exitCode()).as(again.err()).isEqualTo(0);
        assertThat(again.err()).contains("the last run of this backup, run 2, was skipped\nrun 2 is restarted\n");
        Duration delay =
                Duration.between(Instant.parse(runs().get(0).get("ended").asString()), ended);
        System.out.println("a receiver that hangs, with a timeout of " + HANGING.toMillis() + " ms: the command ended "
                + delay.toMillis() + " ms after the run");
        assertThat(delay).isBetween(HANGING, HANGING.plusSeconds(5));
        String backup = operator.newest().id();
        String works =
                "the backup of plan nightly works again: " + backup + " is sealed; run 1 before it ended as FAILED: ";
        assertThat(chat()).hasSize(2).last().asString().startsWith("[recovery] " + works);
        assertThat(mails()).hasSize(2).last().asString().startsWith("hyperkeep: " + works);
        assertThat(pings()).endsWith("/start", "");
        assertThat(environment("after"))
                .contains(
                        "HYPERKEEP_STATE=SEALED",
                        "HYPERKEEP_ROWS=10",
                        "HYPERKEEP_FAILURE=",
                        "HYPERKEEP_BACKUP=" + operator.newest().path());
        assertThat(said).contains("receiver dead was not told: it took longer than 1000 ms");

        // nothing new to tell
        assertThat(backup()).isEqualTo(0);
        assertThat(chat()).hasSize(2);

        before("echo 'this is the standby' >&2; exit 75");
        Operator.Ended skipped = run("backup", "nightly", "--output", "json");
        assertThat(skipped.exitCode()).isEqualTo(75);
        assertThat(skipped.json().get("state").asString()).isEqualTo("SKIPPED");
        assertThat(skipped.json().get("backup").isNull()).isTrue();
        assertThat(skipped.err())
                .contains("\"code\" : \"skipped\"")
                .contains(
                        "the hook before of plan 'nightly' says that there is to be no backup this time: this is the standby");
        assertThat(environment("after")).contains("HYPERKEEP_STATE=SKIPPED");
        assertThat(pings()).hasSize(6);
        assertThat(chat()).hasSize(2);

        before("true");
        after("echo no space >&2; exit 1");
        Operator.Ended warned = run("backup", "nightly");
        assertThat(warned.exitCode()).isEqualTo(3);
        assertThat(warned.out()).startsWith("backup ").contains(" sealed in ");
        assertThat(warned.err())
                .contains("WARNING: the hook after of plan 'nightly' failed with exit code 1: no space");
        assertThat(chat()).hasSize(3).last().asString().startsWith("[warning] ");
        assertThat(run("runs", "show", "6", "--output", "json")
                        .json()
                        .get("warnings")
                        .asInt())
                .isEqualTo(1);

        assertThat(runs())
                .extracting(
                        run -> run.get("run").asLong() + " " + run.get("state").asString())
                .containsExactly("6 SEALED", "5 SKIPPED", "4 SEALED", "3 SEALED", "2 SKIPPED", "1 FAILED");
        Operator.Ended test = run("notify", "test", "--output", "json");
        assertThat(test.exitCode()).isEqualTo(1);
        assertThat(test.json().get("receivers"))
                .extracting(told ->
                        told.get("receiver").asString() + " " + told.get("told").asBoolean() + " "
                                + told.get("failure").asString(""))
                .containsExactly("chat true ", "mail true ", "watch true ", "dead false it took longer than 1000 ms");
        assertThat(run("notify", "test", "chatt").failure()).isEqualTo("""
                        hyperkeep: there is no receiver 'chatt' in the configuration; did you mean 'chat'?
                        HINT: configured receivers: chat, mail, watch, dead.
                        """);
        run("config", "show");
        run("runs", "show", "1");
        assertThat(said).doesNotContain("s3cret");
    }

    @Test
    void a_hook_that_hangs_is_ended_by_a_signal_and_its_backup_touched_nothing() throws Exception {
        before("sleep 1000");
        try (RunningCommand command = operator.fork(List.of(), "backup", "nightly", "--verbose")) {
            Path file = folder.resolve("before.pid");
            Awaitility.await()
                    .atMost(60, TimeUnit.SECONDS)
                    .until(() -> Files.exists(file) && !Files.readString(file).isBlank());
            ProcessHandle hook = ProcessHandle.of(
                            Long.parseLong(Files.readString(file).strip()))
                    .orElseThrow();
            RunningCommand.Stopped stopped = command.stop("TERM");

            assertThat(stopped.ended().exitCode()).as(stopped.ended().err()).isEqualTo(130);
            assertThat(stopped.after()).isLessThan(Duration.ofSeconds(20));
            assertThat(hook.isAlive()).isFalse();
            assertThat(operator.repository).doesNotExist();
            assertThat(environment("after")).contains("HYPERKEEP_STATE=STOPPED");
            assertThat(chat()).containsExactly("[failure] the backup of plan nightly was stopped before its end");
            assertThat(runs().get(0).get("state").asString()).isEqualTo("STOPPED");
        }
    }

    @Test
    void mail_goes_over_tls_to_a_server_that_is_trusted_and_to_no_other() throws Exception {
        try (TlsMailServer starttls = new TlsMailServer(folder, false);
                TlsMailServer tls = new TlsMailServer(folder, true)) {
            secret(folder.resolve("mail.password"), "s3cret");
            String receiver = "  %s: {kind: email, host: 127.0.0.1, port: %d, security: %s, user: hk,"
                    + " password-file: mail.password, from: hk@example.org, to: ops@example.org}%n";
            Path config = Files.writeString(
                    folder.resolve("tls.yml"),
                    "notify:%n".formatted()
                            + receiver.formatted("starttls", starttls.port(), "starttls")
                            + receiver.formatted("tls", tls.port(), "tls"));
            for (String one : List.of("starttls", "tls")) {
                TlsMailServer mail = one.equals("tls") ? tls : starttls;
                String[] test = {"notify", "test", one, "--config", config.toString()};
                Operator.Ended untrusted = run(test);
                assertThat(untrusted.out()).contains("no: the mail could not be handed over: Could not con");
                assertThat(mail.said()).noneMatch(line -> line.startsWith("tls "));

                try (RunningCommand trusting = operator.fork(mail.trusted(), test)) {
                    Operator.Ended told = trusting.end();
                    assertThat(told.exitCode()).as(told.out() + told.err()).isEqualTo(0);
                }
                assertThat(mail.said())
                        .contains("tls RCPT TO:<ops@example.org>", "tls .")
                        .anyMatch(line -> line.startsWith("tls AUTH PLAIN "))
                        .noneMatch(line -> line.startsWith("plain AUTH"));
            }
        }
    }

    private void before(String commands) throws IOException {
        Files.writeString(folder.resolve("before.sh"), commands);
    }

    private void after(String commands) throws IOException {
        Files.writeString(folder.resolve("after.sh"), commands);
    }

    private int backup() {
        return run("backup", "nightly", "--verbose").exitCode();
    }

    private Operator.Ended run(String... arguments) {
        Operator.Ended done = operator.run(arguments);
        ended = Instant.now();
        said.append(Arrays.toString(arguments)).append('\n').append(done.out()).append(done.err());
        return done;
    }

    private List<JsonNode> runs() {
        return operator.run("runs", "list", "--output", "json")
                .json()
                .get("runs")
                .valueStream()
                .toList();
    }

    private List<String> environment(String hook) throws IOException {
        return Files.readAllLines(folder.resolve(hook + ".env"));
    }

    private List<String> chat() {
        return http.requests().stream()
                .filter(request -> request.uri().equals("/chat/s3cret"))
                .map(request ->
                        new JsonMapper().readTree(request.body()).get("text").asString())
                .toList();
    }

    private List<String> pings() {
        return http.requests().stream()
                .filter(request -> request.uri().startsWith("/watch-s3cret"))
                .map(request -> request.uri().substring("/watch-s3cret".length()))
                .toList();
    }

    private List<String> mails() throws Exception {
        List<String> subjects = new java.util.ArrayList<>();
        for (MimeMessage mail : smtp.getReceivedMessages()) {
            subjects.add(mail.getSubject());
        }
        return subjects;
    }

    private static void secret(Path file, String text) throws IOException {
        Files.writeString(file, text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
