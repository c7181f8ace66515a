package io.hyperkeep.manifest;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What values of fields have to be like, whichever field it is; each message begins with the field's path. */
final class Field {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final long LARGEST_OID = 0xFFFF_FFFFL;

    private Field() {}

    /** A value that must be such a one. */
    static void require(boolean holds, String path, @Nullable Object value, String expected) throws UnreadableManifest {
        if (!holds) {
            throw new UnreadableManifest(
                    path + " is '" + ManifestShape.shortened(String.valueOf(value)) + "', not " + expected, null);
        }
    }

    static void oneOf(String path, String value, String... known) throws UnreadableManifest {
        if (!Arrays.asList(known).contains(value)) {
            throw UnreadableManifest.unknownValue(path, value, List.of(known));
        }
    }

    static void notNegative(String path, long value) throws UnreadableManifest {
        require(value >= 0, path, value, "a number from 0 on");
    }

    static void positive(String path, long value) throws UnreadableManifest {
        require(value > 0, path, value, "a number from 1 on");
    }

    static void oid(String path, long value) throws UnreadableManifest {
        require(value >= 0 && value <= LARGEST_OID, path, value, "an oid");
    }

    static void sha256(String path, String value) throws UnreadableManifest {
        require(SHA256.matcher(value).matches(), path, value, "64 lower-case hexadecimal digits");
    }

    /** A name of the server's: any text but an empty one. */
    static void name(String path, String value) throws UnreadableManifest {
        require(!value.isEmpty(), path, value, "a name");
    }

    static void name(String path, TableName value) throws UnreadableManifest {
        name(path + ".schema", value.schema());
        name(path + ".name", value.name());
    }

    static void names(String path, Collection<String> values) throws UnreadableManifest {
        int i = 0;
        for (String value : values) {
            name(path + "[" + i++ + "]", value);
        }
    }

    /** A path that stays below where it starts, on every system. */
    static void below(String path, String value) throws UnreadableManifest {
        boolean stays = !value.isEmpty()
                && value.indexOf('\\') < 0
                && Stream.of(value.split("/", -1))
                        .noneMatch(part -> Set.of("", ".", "..").contains(part));
        require(stays, path, value, "a path below the backup");
    }

    static void matches(String path, String value, Pattern pattern, String expected) throws UnreadableManifest {
        require(pattern.matcher(value).matches(), path, value, expected);
    }

    static void sql(String path, String value, Predicate<String> is, String expected) throws UnreadableManifest {
        require(is.test(value), path, value, expected);
    }

    /** Values of which no two may be the same. */
    static void unique(String path, Stream<?> values) throws UnreadableManifest {
        Set<Object> seen = new HashSet<>();
        for (Object value : values.toList()) {
            if (!seen.add(value)) {
                throw new UnreadableManifest(
                        path + " has '" + ManifestShape.shortened(String.valueOf(value)) + "' twice", null);
            }
        }
    }
}
