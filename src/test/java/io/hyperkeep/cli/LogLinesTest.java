package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.config.LoggingSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a log line looks like, and what can not be in it. */
class LogLinesTest {
    private static final LoggingSettings TEXT =
            new LoggingSettings(LoggingSettings.Format.TEXT, LoggingSettings.Level.INFO);
    private static final LoggingSettings JSON =
            new LoggingSettings(LoggingSettings.Format.JSON, LoggingSettings.Level.INFO);
    /** A name that clears the screen and pretends to be another line. */
    private static final String EVIL = "t\n2026-01-01 ERROR gone\r\u001b[2J\u202e\u0085x";

    private final StringWriter err = new StringWriter();

    @AfterEach
    void clear() {
        MDC.clear();
    }

    @Test
    void a_command_says_time_and_message_the_daemon_also_date_run_database_and_unit() {
        lines(false, false).begin(TEXT);
        fields();
        log("3 tables");
        lines(false, false).lasting().begin(TEXT);
        log("3 tables");
        MDC.clear();
        log("no run");

        assertThat(err.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line).matches("[0-9:]{8} WARN  3 tables"),
                        line -> assertThat(line)
                                .matches("[0-9-]{10} [0-9:]{8}Z WARN  \\[run 12 metrics u00042] 3 tables"),
                        line -> assertThat(line).matches("[0-9-]{10} [0-9:]{8}Z WARN  no run"));
    }

    @Test
    void text_stays_on_its_line_whatever_is_in_it() {
        lines(false, false).lasting().begin(TEXT);
        MDC.put("run", "1");
        MDC.put("database", EVIL);
        log("table " + EVIL);

        String name = "t\\n2026-01-01 ERROR gone\\r\\u001b[2J\\u202e\\u0085x";
        assertThat(err.toString()).endsWith(" WARN  [run 1 " + name + "] table " + name + System.lineSeparator());
        assertThat(err.toString().lines()).hasSize(1);
    }

    @Test
    void an_error_of_the_daemon_keeps_its_trace_indented_and_a_command_has_one_with_verbose_only() {
        Exception cause = new IllegalStateException("a\nINFO b");
        lines(false, false).begin(TEXT);
        LoggerFactory.getLogger("io.hyperkeep.x").error("broken", cause);
        assertThat(err.toString().lines()).hasSize(1);

        lines(false, false).lasting().begin(TEXT);
        LoggerFactory.getLogger("io.hyperkeep.x").error("broken", cause);
        assertThat(err.toString().lines().skip(2))
                .contains("    java.lang.IllegalStateException: a", "    INFO b")
                .allSatisfy(line -> assertThat(line).startsWith("    "));
    }

    @Test
    void json_is_one_object_a_line_with_what_the_run_is_called() {
        lines(false, false).lasting().begin(JSON);
        fields();
        Instant before = Instant.now();
        log("table " + EVIL + " of postgresql://olga:s3cret@db/x?password=s3cret");
        LoggerFactory.getLogger("io.hyperkeep.x").error("broken", new IllegalStateException("postgres://a:s3cret@b"));

        assertThat(err.toString().lines()).hasSize(2);
        JsonNode line =
                JsonMapper.shared().readTree(err.toString().lines().findFirst().orElseThrow());
        assertThat(line.propertyNames())
                .containsExactlyInAnyOrderElementsOf(Set.of(
                        "@timestamp",
                        "log.level",
                        "message",
                        "log.logger",
                        "process.thread.name",
                        "hyperkeep.run",
                        "hyperkeep.database",
                        "hyperkeep.plan",
                        "hyperkeep.unit",
                        "ecs.version"));
        assertThat(line.get("@timestamp").asString()).endsWith("Z");
        assertThat(Instant.parse(line.get("@timestamp").asString()))
                .isBetween(before.minus(Duration.ofSeconds(1)), Instant.now());
        assertThat(line.get("hyperkeep.run").isNumber()).isTrue();
        assertThat(line.get("message").asString())
                .isEqualTo("table " + EVIL + " of postgresql://***@db/x?password=***");
        assertThat(err.toString())
                .contains("\"error.message\":\"postgres://***@b\"")
                .doesNotContain("s3cret", "\u001b", "stack_trace");
    }

    @Test
    void flags_are_stronger_than_the_configured_level() {
        LoggingSettings warn = new LoggingSettings(LoggingSettings.Format.TEXT, LoggingSettings.Level.WARN);
        lines(false, false).begin(warn);
        LoggerFactory.getLogger("io.hyperkeep.x").info("too little");
        lines(true, false).begin(TEXT);
        log("quiet");
        lines(false, true).begin(warn);
        LoggerFactory.getLogger("io.hyperkeep.x").debug("verbose");
        LoggerFactory.getLogger("org.springframework.x").info("verbose too");

        assertThat(err.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line).endsWith("DEBUG io.hyperkeep.x [" + thread() + "] verbose"),
                        line -> assertThat(line)
                                .endsWith("INFO  org.springframework.x [" + thread() + "] verbose too"));
    }

    private static String thread() {
        return Thread.currentThread().getName();
    }

    private static void fields() {
        Map.of("run", "12", "database", "metrics", "plan", "nightly", "unit", "u00042")
                .forEach(MDC::put);
    }

    private static void log(String message) {
        LoggerFactory.getLogger("io.hyperkeep.x").warn(message);
    }

    private LogLines lines(boolean quiet, boolean verbose) {
        return new LogLines(new Screen(new PrintWriter(err), false), quiet, verbose);
    }
}
