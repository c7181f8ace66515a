package io.hyperkeep.notify;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** JSON with placeholders such as {@code {{text}}} within its strings. Thread-safe: it has no state. */
public final class Template {
    /** What can stand between the braces. */
    public static final Set<String> NAMES = Set.of(
            "event",
            "text",
            "details",
            "time",
            "host",
            "plan",
            "database",
            "repository",
            "run",
            "state",
            "backup",
            "rows",
            "storedBytes",
            "seconds",
            "failure");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\s*([^{}\\s]*)\\s*}}");
    private static final JsonMapper JSON = new JsonMapper();

    private Template() {}

    /** The names that a template uses and that there are not. */
    public static Set<String> unknownNames(String template) {
        Set<String> unknown = new TreeSet<>();
        Matcher placeholders = PLACEHOLDER.matcher(template);
        while (placeholders.find()) {
            if (!NAMES.contains(placeholders.group(1))) {
                unknown.add(placeholders.group(1));
            }
        }
        return unknown;
    }

    /** Whether it is JSON when it is filled in. */
    public static boolean isJson(String template) {
        try {
            // a letter stands for itself within a string, and is no JSON outside of one
            JSON.readTree(PLACEHOLDER.matcher(template).replaceAll("x"));
            return true;
        } catch (JacksonException e) {
            return false;
        }
    }

    static String fill(String template, Notice notice, Event event) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>(notice.document(event));
        values.put("details", notice.text());
        values.put(
                "failure",
                notice.run() == null || notice.run().failure() == null
                        ? null
                        : Notice.clipped(notice.run().failure().getMessage()));
        return PLACEHOLDER
                .matcher(template)
                .replaceAll(found -> Matcher.quoteReplacement(escaped(values.get(found.group(1)))));
    }

    /** As it stands within a string of JSON. */
    private static String escaped(@Nullable Object value) {
        String quoted = JSON.writeValueAsString(value == null ? "" : value.toString());
        return quoted.substring(1, quoted.length() - 1);
    }
}
