package io.hyperkeep.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import io.hyperkeep.secret.MaskLogins;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * A log line for machines: one JSON object, with the names of the Elastic Common Schema, and what is hyperkeep's own
 * under {@code hyperkeep.}: {@code run} (a number), {@code database}, {@code plan}, {@code unit}. Thread-safe.
 *
 * <p>Schema: <a href="https://www.elastic.co/docs/reference/ecs">ECS</a> 8.11, dotted names as its log libraries write.
 */
final class JsonLogLayout extends LayoutBase<ILoggingEvent> {
    private final JsonMapper json = JsonMapper.shared();
    private final boolean detailed;

    /** @param detailed with stack traces */
    JsonLogLayout(boolean detailed) {
        this.detailed = detailed;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("@timestamp", Instant.ofEpochMilli(event.getTimeStamp()).toString());
        line.put("log.level", event.getLevel().toString());
        line.put("message", MaskLogins.in(event.getFormattedMessage()));
        line.put("log.logger", event.getLoggerName());
        line.put("process.thread.name", event.getThreadName());
        event.getMDCPropertyMap().forEach((name, value) -> line.put("hyperkeep." + name, value(name, value)));
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            line.put("error.type", thrown.getClassName());
            line.put("error.message", MaskLogins.in(String.valueOf(thrown.getMessage())));
            if (detailed) {
                line.put("error.stack_trace", MaskLogins.in(ThrowableProxyUtil.asString(thrown)));
            }
        }
        line.put("ecs.version", "8.11");
        return json.writeValueAsString(line);
    }

    private static Object value(String name, String value) {
        return name.equals("run") ? (Object) Long.valueOf(value) : value;
    }
}
