package io.hyperkeep.config;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What one place says about a backup: the command line, the environment, a plan, or the defaults of the file.
 *
 * @param values what it says; keys that are absent are left to the next place
 */
public record PlanLayer(Map<PlanKey, Given> values) {
    /** A place that says nothing. */
    public static final PlanLayer EMPTY = new PlanLayer(Map.of());

    // commas between patterns, but not those within a quoted name
    private static final String COMMA = ",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)";

    public PlanLayer {
        values = Map.copyOf(values);
    }

    /**
     * What the command line says.
     *
     * @param flags fills in the flags that were given
     */
    public static PlanLayer flags(java.util.function.Consumer<BiConsumer<PlanKey, @Nullable List<String>>> flags) {
        Map<PlanKey, Given> values = new EnumMap<>(PlanKey.class);
        flags.accept((key, texts) -> {
            if (texts != null && !texts.isEmpty()) {
                values.put(key, Given.flag(key.flag(), texts));
            }
        });
        return new PlanLayer(values);
    }

    /** What the environment says; an empty variable says nothing. */
    static PlanLayer environment(Map<String, String> environment) {
        Map<PlanKey, Given> values = new EnumMap<>(PlanKey.class);
        for (PlanKey key : PlanKey.values()) {
            String text = environment.getOrDefault(key.variable(), "");
            if (!text.isBlank()) {
                List<String> texts = key.list() ? key.split(text) : List.of(text);
                values.put(key, Given.variable(key.variable(), texts));
            }
        }
        return new PlanLayer(values);
    }

    /** Several values in one text, separated by commas. */
    public static List<String> list(String text) {
        return List.of(text.strip().split("\\s*" + COMMA + "\\s*"));
    }

    /** What a section of the file says. */
    static PlanLayer section(YamlSection section) {
        section.allowOnly(PlanKey.KEYS);
        YamlSection retention = section.section(PlanKey.RETENTION);
        if (retention != null) {
            retention.allowOnly(PlanKey.RETENTION_KEYS);
        }
        Map<PlanKey, Given> values = new EnumMap<>(PlanKey.class);
        for (PlanKey key : PlanKey.values()) {
            YamlSection place = key.isOfRetention() ? retention : section;
            if (place == null) {
                continue;
            }
            Given value = key.list() ? place.list(key.key()) : place.text(key.key());
            if (value != null) {
                values.put(key, value);
            }
        }
        return new PlanLayer(values);
    }

    /** The same without what it says about these. */
    PlanLayer without(PlanKey... keys) {
        Map<PlanKey, Given> rest = new EnumMap<>(PlanKey.class);
        rest.putAll(values);
        rest.keySet().removeAll(List.of(keys));
        return new PlanLayer(rest);
    }
}
