package io.hyperkeep.manifest;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Whether JSON has the fields that the records of a manifest have, each of its type, and none that is needed is missing.
 * A parser of records by itself takes numbers for texts and puts null where a field is missing; what then reads the
 * record fails far away from the field that is wrong. For one manifest.
 */
final class ManifestShape {
    /** What earlier versions did not write: the records take null for it, which is nowhere else than in them. */
    private static final Set<String> LATER = Set.of(
            "Manifest.aggregates",
            "Manifest.jobs",
            "DatabaseDump.format",
            "DatabaseDump.owners",
            "DatabaseDump.relations",
            "SchemaObject.facets");

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{32}");
    private static final Instant FIRST = Instant.parse("1970-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");

    /** Of each record, its fields; to ask the virtual machine for them anew for each object takes most of the time. */
    private final Map<Class<?>, List<Part>> records = new HashMap<>();

    private ManifestShape() {}

    /** A field; no record itself, as records are the format. */
    private static final class Part {
        private final String name;
        private final Type type;
        private final boolean optional;

        Part(String name, Type type, boolean optional) {
            this.name = name;
            this.type = type;
            this.optional = optional;
        }
    }

    /**
     * Looks at a manifest.
     *
     * @throws UnreadableManifest naming the first field that is not as it has to be
     */
    static void require(JsonNode manifest) throws UnreadableManifest {
        new ManifestShape().record("", manifest, Manifest.class);
    }

    private void record(String path, JsonNode node, Class<?> type) throws UnreadableManifest {
        if (!node.isObject()) {
            throw isNot(path, node, "an object");
        }
        for (Part part : records.computeIfAbsent(type, ManifestShape::parts)) {
            JsonNode field = node.path(part.name);
            String name = path.isEmpty() ? part.name : path + "." + part.name;
            if (!field.isMissingNode() && !field.isNull()) {
                value(name, field, part.type);
            } else if (!part.optional) {
                throw new UnreadableManifest(name + (field.isNull() ? " is null" : " is missing"), null);
            }
        }
    }

    private static List<Part> parts(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        AnnotatedType[] parameters = canonical(type, components);
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < components.length; i++) {
            boolean optional = components[i].getAnnotatedType().isAnnotationPresent(Nullable.class)
                    || parameters[i].isAnnotationPresent(Nullable.class)
                    || LATER.contains(type.getSimpleName() + "." + components[i].getName());
            parts.add(new Part(components[i].getName(), components[i].getGenericType(), optional));
        }
        return parts;
    }

    /** A record may take null for what it never has. */
    private static AnnotatedType[] canonical(Class<?> type, RecordComponent[] components) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            return type.getDeclaredConstructor(types).getAnnotatedParameterTypes();
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("every record has one", e);
        }
    }

    private void value(String path, JsonNode node, Type type) throws UnreadableManifest {
        Class<?> raw = (Class<?>) (type instanceof ParameterizedType generic ? generic.getRawType() : type);
        if (raw == List.class) {
            if (!node.isArray()) {
                throw isNot(path, node, "an array");
            }
            for (int i = 0; i < node.size(); i++) {
                value(path + "[" + i + "]", node.get(i), argument(type, 0));
            }
        } else if (raw == Map.class) {
            if (!node.isObject()) {
                throw isNot(path, node, "an object");
            }
            for (Map.Entry<String, JsonNode> property : node.properties()) {
                value(path + "." + property.getKey(), property.getValue(), argument(type, 1));
            }
        } else if (raw == boolean.class || raw == Boolean.class) {
            if (!node.isBoolean()) {
                throw isNot(path, node, "true or false");
            }
        } else if (raw == int.class || raw == Integer.class || raw == long.class || raw == Long.class) {
            number(path, node, raw == int.class || raw == Integer.class);
        } else if (raw.isRecord() && raw != RowDigest.class) {
            record(path, node, raw);
        } else {
            text(path, node, raw);
        }
    }

    private static Type argument(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }

    private static void number(String path, JsonNode node, boolean small) throws UnreadableManifest {
        if (!node.isIntegralNumber()) {
            throw isNot(path, node, "an integer");
        }
        if (small ? !node.canConvertToInt() : !node.canConvertToLong()) {
            throw isNot(path, node, "an integer of " + (small ? 32 : 64) + " bits");
        }
    }

    private static void text(String path, JsonNode node, Class<?> type) throws UnreadableManifest {
        if (!node.isString()) {
            throw isNot(path, node, "a text");
        }
        String text = node.stringValue();
        if (text.indexOf('\0') >= 0) {
            throw new UnreadableManifest(path + " has a zero byte", null);
        }
        if (type == RowDigest.class && !DIGEST.matcher(text).matches()) {
            throw isNot(path, node, "a digest of 32 lower-case hexadecimal digits");
        }
        if (type == Instant.class) {
            instant(path, node, text);
        }
        if (type.isEnum()) {
            List<String> words = Arrays.stream(type.getEnumConstants())
                    .map(constant ->
                            constant instanceof DumpFormat format ? format.word() : ((Enum<?>) constant).name())
                    .toList();
            if (!words.contains(text)) {
                throw UnreadableManifest.unknownValue(path, text, words);
            }
        }
    }

    private static void instant(String path, JsonNode node, String text) throws UnreadableManifest {
        try {
            Instant time = Instant.parse(text);
            if (time.isBefore(FIRST) || time.isAfter(LAST)) {
                throw isNot(path, node, "a time from 1970 to 9999");
            }
        } catch (DateTimeException e) {
            throw isNot(path, node, "a time as 2026-11-22T02:15:00Z");
        }
    }

    private static UnreadableManifest isNot(String path, JsonNode node, String expected) {
        String shown = node.isContainer() ? (node.isArray() ? "an array" : "an object") : shortened(node.toString());
        return new UnreadableManifest(
                (path.isEmpty() ? "the whole" : path) + " is " + shown + ", not " + expected, null);
    }

    /** A value for a message, which may hold anything. */
    static String shortened(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }
}
