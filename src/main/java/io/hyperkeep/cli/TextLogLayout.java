package io.hyperkeep.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import io.hyperkeep.secret.MaskLogins;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A log line for people: time in UTC, level, which run where there may be several, message. Thread-safe. */
final class TextLogLayout extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter EXACT_TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DATE_AND_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    private final boolean detailed;
    private final boolean lasting;

    /**
     * @param detailed with thread, logger and stack traces
     * @param lasting with the date, and the run that a line is of
     */
    TextLogLayout(boolean detailed, boolean lasting) {
        this.detailed = detailed;
        this.lasting = lasting;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        DateTimeFormatter time = lasting ? DATE_AND_TIME : detailed ? EXACT_TIME : TIME;
        StringBuilder line = new StringBuilder(time.format(Instant.ofEpochMilli(event.getTimeStamp())));
        line.append(String.format(" %-5s ", event.getLevel()));
        if (detailed) {
            line.append(event.getLoggerName())
                    .append(" [")
                    .append(event.getThreadName())
                    .append("] ");
        }
        line.append(lasting ? run(event.getMDCPropertyMap()) : "").append(event.getFormattedMessage());
        String text = LogText.oneLine(MaskLogins.in(line.toString()));
        // an error of the libraries' that nobody else tells keeps its trace
        boolean traced = detailed || lasting && event.getLevel().isGreaterOrEqual(Level.ERROR);
        return event.getThrowableProxy() == null || !traced
                ? text
                : text
                        + System.lineSeparator()
                        + LogText.lines(MaskLogins.in(ThrowableProxyUtil.asString(event.getThrowableProxy())));
    }

    private static String run(Map<String, String> fields) {
        String run = fields.get("run");
        String text = Stream.of(run == null ? null : "run " + run, fields.get("database"), fields.get("unit"))
                .filter(Objects::nonNull)
                .collect(Collectors.joining(" "));
        return text.isEmpty() ? "" : "[" + text + "] ";
    }
}
