package io.hyperkeep.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.hyperkeep.fixtures.HttpReceiver;
import io.hyperkeep.fixtures.LogCapture;
import io.hyperkeep.fixtures.SomePlan;
import io.hyperkeep.fixtures.TroublesomeServer;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.notify.ReceiverSettings.Email;
import io.hyperkeep.notify.ReceiverSettings.Email.Security;
import io.hyperkeep.notify.ReceiverSettings.Ping;
import io.hyperkeep.notify.ReceiverSettings.Webhook;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.secret.Secret;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Real receivers, good ones and others, on the loopback. */
@Timeout(60)
class NotifyReceiversTest {
    private static final BackupPlan PLAN = SomePlan.named("nightly");
    /** Of receivers that answer: this machine may be busy with other things. */
    private static final Duration PATIENT = Duration.ofSeconds(20);
    /** Of receivers that do not. */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    /** What the machine may add while others work on it too. */
    private static final Duration SLACK = Duration.ofMillis(1500);

    private static final Set<Event> EVERYTHING = EnumSet.complementOf(EnumSet.of(Event.TEST));
    private static final Warning WARNING = new Warning("hook-failed", "the hook after failed");

    @TempDir
    Path folder;

    private final List<ReceiverSettings> receivers = new ArrayList<>();
    private NotifyReceivers people;
    private JdbcClient record;

    @BeforeEach
    void begin() {
        JdbcDataSource metadata = new JdbcDataSource();
        metadata.setUrl("jdbc:h2:mem:" + System.nanoTime() + ";DB_CLOSE_DELAY=-1");
        record = JdbcClient.create(metadata);
        ResourceDatabasePopulator tables = new ResourceDatabasePopulator();
        for (String script : List.of("V1__spring_batch", "V2__runs", "V3__restarts", "V4__tries")) {
            tables.addScript(new ClassPathResource("db/migration/h2/" + script + ".sql"));
        }
        tables.execute(metadata);
        record.sql("ALTER TABLE RUN DROP CONSTRAINT RUN_EXECUTION").update();
        people = new NotifyReceivers(
                plan -> receivers,
                new RunQueries(record),
                Clock.fixed(Instant.parse("2026-11-22T02:15:00Z"), ZoneOffset.UTC));
    }

    @Test
    void a_webhook_gets_a_document_with_all_that_is_known() {
        try (HttpReceiver http = new HttpReceiver(number -> 200)) {
            receivers.add(webhook(http.url("/hook"), EVERYTHING, null));
            people.ended(PLAN, SomePlan.unmade(7, "FAILED", SomePlan.FAILURE), 7);
            people.ended(PLAN, SomePlan.sealed(8, WARNING), 8);

            HttpReceiver.Request failed = http.requests().get(0);
            assertThat(failed.method()).isEqualTo("POST");
            assertThat(failed.headers())
                    .containsEntry("content-type", "application/json")
                    .containsEntry("authorization", "Bearer s3cret");
            JsonNode document = json(failed.body());
            assertThat(document.get("host").asString()).isNotBlank();
            assertThat(failed.body().replace(document.get("host").asString(), "HOST"))
                    .isEqualTo(
                            "{\"event\":\"failure\",\"text\":\"the backup of plan nightly failed: the connection broke\","
                                    + "\"time\":\"2026-11-22T02:15:00Z\",\"host\":\"HOST\",\"plan\":\"nightly\",\"database\":\"metrics\","
                                    + "\"repository\":\"/backups\",\"job\":\"backup\",\"run\":7,\"state\":\"FAILED\",\"backup\":null,\"rows\":null,"
                                    + "\"storedBytes\":null,\"seconds\":2.0,\"warnings\":[],\"failure\":{\"code\":\"unreachable\","
                                    + "\"message\":\"the connection broke\",\"hint\":\"try again.\"}}");
            JsonNode sealed = json(http.requests().get(1).body());
            assertThat(sealed.get("event").asString()).isEqualTo("warning");
            assertThat(sealed.get("text").asString())
                    .isEqualTo(
                            "the backup of plan nightly: 20261122T021500Z is sealed, with 1 warning: the hook after failed");
            assertThat(sealed.get("rows").asLong()).isEqualTo(58);
            assertThat(sealed.get("warnings").get(0).get("code").asString()).isEqualTo("hook-failed");
        }
    }

    @Test
    void a_template_makes_other_json_whatever_the_texts_hold() {
        try (HttpReceiver http = new HttpReceiver(number -> 204)) {
            receivers.add(webhook(http.url("/hook"), EVERYTHING, "{\"text\": \"*{{event}}* {{ failure }} {{rows}}\"}"));
            people.ended(
                    PLAN, SomePlan.unmade(7, "FAILED", new BackupException(Problem.SERVER, "\"a\"\n{{b}}\\", null)), 7);
            assertThat(json(http.requests().get(0).body()).get("text").asString())
                    .isEqualTo("*failure* \"a\"\n{{b}}\\ ");
        }
    }

    @Test
    void each_receiver_hears_of_what_it_wants_and_of_the_most_urgent_first() {
        try (HttpReceiver few = new HttpReceiver(number -> 200);
                HttpReceiver all = new HttpReceiver(number -> 200)) {
            receivers.add(webhook(few.url("/"), Set.of(Event.STALE), null));
            receivers.add(webhook(all.url("/"), EVERYTHING, null));
            people.ended(PLAN, SomePlan.sealed(7), 7);
            people.ended(
                    PLAN, SomePlan.unmade(8, "SKIPPED", new BackupException(Problem.SKIPPED, "a standby", null)), 8);
            people.ended(PLAN, SomePlan.unmade(9, "STOPPED", null), 9);
            people.notStarted(PLAN, "backup", new BackupException(Problem.LOCKED, "run 3 is running", null));
            people.missed(PLAN, "it was due at 02:15 and met run 3");
            await(() -> assertThat(all.requests()).hasSize(5));
            people.stale(PLAN, "the newest is 3 days old");
            await(() -> assertThat(all.requests()).hasSize(6));

            assertThat(all.requests())
                    .extracting(request -> json(request.body()).get("event").asString() + ": "
                            + json(request.body()).get("text").asString())
                    .containsExactly(
                            "success: the backup of plan nightly: 20261122T021500Z is sealed",
                            "skipped: the backup of plan nightly was skipped: a standby",
                            "failure: the backup of plan nightly was stopped before its end",
                            "failure: the backup of plan nightly could not begin: run 3 is running",
                            "missed: plan nightly: it was due at 02:15 and met run 3",
                            "stale: plan nightly: the newest is 3 days old");
            await(() -> assertThat(few.requests()).hasSize(1));
        }
    }

    @Test
    void the_first_success_after_a_failure_is_told_by_the_record_of_runs() {
        try (HttpReceiver http = new HttpReceiver(number -> 200)) {
            receivers.add(webhook(http.url("/"), Set.of(Event.RECOVERY), null));
            people.ended(PLAN, SomePlan.sealed(3), 3);
            run(1, "nightly", "SEALED");
            people.ended(PLAN, SomePlan.sealed(3), 3);
            run(2, "nightly", "FAILED");
            run(3, "other", "SEALED");
            run(4, null, "SEALED");
            run(5, "nightly", "SKIPPED");
            assertThat(http.requests()).isEmpty();

            people.ended(PLAN, SomePlan.sealed(6), 6);
            assertThat(json(http.requests().get(0).body()).get("text").asString())
                    .isEqualTo(
                            "the backup of plan nightly works again: 20261122T021500Z is sealed; run 2 before it ended as FAILED: the disk is full");
            run(6, "nightly", "SEALED");
            // its own earlier attempt, of which nobody heard, is no failure of its own
            run(7, "nightly", "FAILED");
            people.ended(PLAN, SomePlan.sealed(8), 7);
            assertThat(http.requests()).hasSize(1);
        }
    }

    @Test
    void drills_verifications_and_prunes_of_a_plan_are_told_too() {
        try (HttpReceiver http = new HttpReceiver(number -> 200)) {
            receivers.add(webhook(http.url("/"), EVERYTHING, null));
            people.ended(PLAN, other("drill", "FAILED", 2), 2);
            people.notStarted(PLAN, "verify", new BackupException(Problem.NOT_FOUND, "there is no backup", null));
            run(1, "nightly", "FAILED");
            people.ended(PLAN, other("drill", "PASSED", 3), 3);
            record.sql("UPDATE RUN SET JOB = 'drill'").update();
            people.ended(PLAN, other("drill", "PASSED", 3), 3);

            assertThat(http.requests())
                    .extracting(request -> json(request.body()).get("event").asString() + ": "
                            + json(request.body()).get("text").asString())
                    .containsExactly(
                            "failure: the drill of plan nightly failed: the connection broke",
                            "failure: the verification of plan nightly could not begin: there is no backup",
                            "success: the drill of plan nightly: it ended as PASSED",
                            "recovery: the drill of plan nightly works again: it ended as PASSED; run 1 before it ended as FAILED: the disk is full");
        }
    }

    @Test
    void mail_arrives_with_a_login() throws Exception {
        GreenMail smtp = mailServer();
        smtp.setUser("hk", "hk", "s3cret");
        try {
            receivers.add(email(smtp.getSmtp().getPort(), "hk"));
            people.ended(
                    PLAN,
                    SomePlan.unmade(
                            7, "FAILED", new BackupException(Problem.SERVER, "no space é\nline 2", "make room.")),
                    7);

            assertThat(smtp.waitForIncomingEmail(5_000, 1)).isTrue();
            MimeMessage mail = smtp.getReceivedMessages()[0];
            assertThat(mail.getSubject()).isEqualTo("hyperkeep: the backup of plan nightly failed: no space é");
            assertThat(mail.getFrom()[0]).hasToString("hk@example.org");
            assertThat(mail.getAllRecipients()[0]).hasToString("ops@example.org");
            assertThat(mail.getHeader("Auto-Submitted", null)).isEqualTo("auto-generated");
            assertThat(mail.getContent().toString().replace("\r\n", "\n")).startsWith("""
                            the backup of plan nightly failed: no space é

                            plan: nightly
                            database: metrics
                            repository: /backups
                            job: backup
                            run: 7
                            state: FAILED
                            seconds: 2
                            failure: no space é
                            line 2
                            HINT: make room.
                            time: 2026-11-22T02:15:00Z
                            host:""");
        } finally {
            smtp.stop();
        }
    }

    @Test
    void a_server_without_tls_gets_no_login_and_no_mail_when_tls_is_wanted() throws Exception {
        GreenMail smtp = mailServer();
        try (LogCapture log = new LogCapture()) {
            int port = smtp.getSmtp().getPort();
            receivers.add(email(port, "hk", Security.STARTTLS, TIMEOUT));
            people.ended(PLAN, SomePlan.sealed(7), 7);

            assertThat(log.warnings())
                    .containsExactly(
                            "WARN receiver mail was not told: the mail could not be handed over: STARTTLS is required but host does not support STARTTLS");
            assertThat(smtp.getReceivedMessages()).isEmpty();
            assertThat(log.all()).doesNotContain("AUTH LOGIN");
        } finally {
            smtp.stop();
        }
    }

    @Test
    void a_ping_tells_beginning_success_and_failure_by_its_urls() {
        try (HttpReceiver http = new HttpReceiver(number -> 200)) {
            receivers.add(ping(http.url("/8a7b"), PATIENT));
            people.started(PLAN, 7);
            people.ended(PLAN, SomePlan.sealed(7, WARNING), 7);
            people.started(PLAN, 8);
            people.ended(PLAN, SomePlan.unmade(8, "FAILED", SomePlan.FAILURE), 8);
            people.ended(PLAN, other("drill", "FAILED", 9), 9);

            assertThat(http.requests())
                    .extracting(HttpReceiver.Request::uri)
                    .containsExactly("/8a7b/start", "/8a7b", "/8a7b/start", "/8a7b/fail");
            assertThat(http.requests().get(3).body())
                    .startsWith("the backup of plan nightly failed: the connection broke\n");
        }
    }

    @Test
    void a_receiver_that_fails_twice_is_told_at_the_third_try() {
        try (HttpReceiver http = new HttpReceiver(number -> number < 3 ? 500 : 200);
                LogCapture log = new LogCapture()) {
            receivers.add(webhook(http.url("/hook/s3cret"), EVERYTHING, null));
            people.ended(PLAN, SomePlan.sealed(7), 7);
            assertThat(http.requests()).hasSize(3);
            assertThat(log.warnings()).isEmpty();
        }
    }

    @Test
    void what_is_not_going_to_pass_is_not_tried_again() {
        try (HttpReceiver http = new HttpReceiver(number -> 403);
                LogCapture log = new LogCapture()) {
            receivers.add(webhook(http.url("/hook/s3cret"), EVERYTHING, null));
            people.ended(PLAN, SomePlan.sealed(7), 7);
            assertThat(http.requests()).hasSize(1);
            assertThat(log.warnings()).containsExactly("WARN receiver hook was not told: it answered 403");
        }
    }

    @Test
    void receivers_that_hang_drip_or_refuse_delay_by_no_more_than_their_timeout_and_hinder_no_other() throws Exception {
        try (TroublesomeServer silent = TroublesomeServer.silent();
                TroublesomeServer drippingHead = TroublesomeServer.dripping("HTTP/1.1 200 OK\r\nX: ", "x");
                TroublesomeServer drippingBody = TroublesomeServer.dripping(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n");
                TroublesomeServer silentMail = TroublesomeServer.silent();
                TroublesomeServer drippingMail = TroublesomeServer.dripping("220-", "x");
                HttpReceiver good = new HttpReceiver(number -> 200);
                LogCapture log = new LogCapture()) {
            for (int port : new int[] {silent.port(), drippingHead.port(), drippingBody.port(), freePort()}) {
                receivers.add(webhook("http://127.0.0.1:" + port + "/s3cret", EVERYTHING, null, TIMEOUT));
            }
            for (int port : new int[] {silentMail.port(), drippingMail.port(), freePort()}) {
                receivers.add(email(port, null, Security.NONE, TIMEOUT));
            }
            receivers.add(webhook(good.url("/"), EVERYTHING, null));

            long began = System.nanoTime();
            people.ended(PLAN, SomePlan.sealed(7), 7);
            Duration took = Duration.ofNanos(System.nanoTime() - began);

            System.out.println("hanging, dripping and refusing receivers with a timeout of " + TIMEOUT.toMillis()
                    + " ms delayed a run by " + took.toMillis() + " ms");
            assertThat(took).isBetween(TIMEOUT.minus(SLACK), TIMEOUT.plus(SLACK));
            assertThat(good.requests()).hasSize(1);
            assertThat(log.warnings())
                    .hasSize(7)
                    .filteredOn(line -> line.startsWith("WARN receiver hook was not told"))
                    .hasSize(4);
            assertThat(log.warnings()).anySatisfy(line -> assertThat(line)
                    .isEqualTo("WARN receiver hook was not told: it can not be connected to"));
            assertThat(log.all()).doesNotContain("s3cret");
            // nothing goes on behind the back of a daemon that lasts
            for (TroublesomeServer server : List.of(silent, drippingHead, drippingBody, silentMail, drippingMail)) {
                Awaitility.await().atMost(10, TimeUnit.SECONDS).untilAsserted(() -> assertThat(server.ended())
                        .isEqualTo(server.connections()));
            }
            Awaitility.await().atMost(10, TimeUnit.SECONDS).untilAsserted(() -> assertThat(
                            Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("notify-")));
        }
    }

    @Test
    void a_beginning_that_hangs_delays_nothing_and_the_end_by_no_more_than_the_timeout() throws Exception {
        try (TroublesomeServer silent = TroublesomeServer.silent()) {
            receivers.add(ping("http://127.0.0.1:" + silent.port() + "/s3cret", TIMEOUT));
            long began = System.nanoTime();
            people.started(PLAN, 7);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SLACK);
            people.ended(PLAN, SomePlan.sealed(7), 7);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(TIMEOUT.plus(SLACK));
            // both were tried
            assertThat(silent.connections()).isEqualTo(2);
        }
    }

    @Test
    void no_text_of_what_is_wrong_with_a_url_or_a_login_has_the_secret() throws Exception {
        GreenMail smtp = mailServer();
        smtp.setUser("hk", "hk", "another");
        Path url = Files.writeString(
                folder.resolve("url"), "http://h h/s3cret\n", java.nio.charset.StandardCharsets.UTF_8);
        Files.setPosixFilePermissions(url, PosixFilePermissions.fromString("rw-------"));
        Path open = Files.writeString(folder.resolve("open"), "http://localhost/s3cret\n");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        try (LogCapture log = new LogCapture()) {
            receivers.add(new Webhook("bad", PATIENT, EVERYTHING, Secret.inFile("url", url), List.of(), null, null));
            receivers.add(new Webhook("open", PATIENT, EVERYTHING, Secret.inFile("url", open), List.of(), null, null));
            receivers.add(new Webhook(
                    "header",
                    PATIENT,
                    EVERYTHING,
                    Secret.of("http://localhost:1/s3cret"),
                    List.of(Secret.of("bad name: s3cret")),
                    null,
                    null));
            receivers.add(email(smtp.getSmtp().getPort(), "hk"));
            people.ended(PLAN, SomePlan.sealed(7), 7);

            assertThat(log.warnings())
                    .containsExactlyInAnyOrder(
                            "WARN receiver bad was not told: its URL is not one of the form https://host/path, or a header of it is none",
                            "WARN receiver open was not told: the url file " + open
                                    + " can be read by others than its owner",
                            "WARN receiver header was not told: its URL is not one of the form https://host/path, or a header of it is none",
                            "WARN receiver mail was not told: it refused the login of hk");
            assertThat(log.all()).doesNotContain("s3cret");
        } finally {
            smtp.stop();
        }
    }

    @Test
    void passwords_that_a_hook_prints_go_nowhere() {
        try (HttpReceiver http = new HttpReceiver(number -> 200)) {
            receivers.add(webhook(http.url("/"), EVERYTHING, null));
            receivers.add(webhook(http.url("/"), EVERYTHING, "{\"text\": \"{{failure}} {{details}}\"}"));
            people.ended(
                    PLAN,
                    SomePlan.unmade(
                            7,
                            "FAILED",
                            new BackupException(
                                    Problem.HOOK, "psql postgresql://u:pass1@h/db?sslpassword=pass2", null)),
                    7);
            assertThat(http.requests()).hasSize(2).allSatisfy(request -> assertThat(request.body())
                    .contains("psql postgresql://***@h/db?sslpassword=***")
                    .doesNotContain("pass1")
                    .doesNotContain("pass2"));
        }
    }

    @Test
    void a_record_of_runs_that_can_not_be_read_is_no_reason_to_fail() {
        record.sql("DROP TABLE RUN CASCADE").update();
        try (LogCapture log = new LogCapture()) {
            receivers.add(webhook("http://127.0.0.1:1/s3cret", EVERYTHING, null));
            people.ended(PLAN, SomePlan.sealed(7), 7);
            assertThat(log.warnings())
                    .hasSize(1)
                    .first()
                    .asString()
                    .startsWith("WARN nobody could be told: unexpected ");
        }
    }

    private static RunOutcome other(String job, String state, long run) {
        return new RunOutcome(
                run,
                null,
                job,
                BackupKind.TABLES,
                state,
                null,
                null,
                null,
                Duration.ZERO,
                true,
                List.of(),
                state.equals("FAILED") ? SomePlan.FAILURE : null);
    }

    private static void await(ThrowingRunnable assertion) {
        Awaitility.await().atMost(10, TimeUnit.SECONDS).untilAsserted(assertion);
    }

    private void run(long number, String plan, String state) {
        record.sql("""
                        INSERT INTO RUN (RUN_ID, JOB, DATABASE_NAME, PLAN_NAME, REPOSITORY, REQUEST, STATE, STARTED, WARNINGS,
                                         FAILURE, HOST, PID, HEARTBEAT)
                        VALUES (?, 'backup', 'metrics', ?, '/backups', '{}', ?, CURRENT_TIMESTAMP, 0, ?, 'h', 1,
                                CURRENT_TIMESTAMP)
                        """)
                .params(number, plan, state, state.equals("FAILED") ? "the disk is full\nat last" : null)
                .update();
    }

    private static Webhook webhook(String url, Set<Event> on, String template) {
        return webhook(url, on, template, PATIENT);
    }

    private static Webhook webhook(String url, Set<Event> on, String template, Duration timeout) {
        return new Webhook(
                "hook",
                timeout,
                on,
                Secret.of(url),
                List.of(Secret.of("Authorization: Bearer s3cret")),
                null,
                template);
    }

    private static Email email(int port, String user) {
        return email(port, user, Security.NONE, PATIENT);
    }

    private static Email email(int port, String user, Security security, Duration timeout) {
        return new Email(
                "mail",
                timeout,
                EVERYTHING,
                "127.0.0.1",
                port,
                security,
                user,
                user == null ? null : Secret.of("s3cret"),
                "hk@example.org",
                Collections.singletonList("ops@example.org"));
    }

    private static Ping ping(String url, Duration timeout) {
        return new Ping("watch", timeout, Secret.of(url), "/start", "", "/fail");
    }

    private static GreenMail mailServer() {
        GreenMail smtp = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        smtp.start();
        return smtp;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static JsonNode json(String text) {
        return new JsonMapper().readTree(text);
    }
}
