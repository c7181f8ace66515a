package io.hyperkeep.storage;

import io.hyperkeep.manifest.TableName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Turns names of databases, tables and chunks into file names that every file system can hold, told apart also where
 * case is folded: lower-case ASCII letters, digits, {@code _} and {@code -} stay, every other byte of the UTF-8 form
 * becomes {@code %} and two hexadecimal digits.
 *
 * <p>The manifest has the real names, so nothing ever needs to be turned back.
 */
public final class FileNames {
    // two of them, a dot and what follows must fit into the 255 bytes that file systems allow
    private static final int LONGEST = 100;

    private FileNames() {}

    /** One name. */
    public static String of(String name) {
        StringBuilder result = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_' || b == '-') {
                result.append((char) b);
            } else {
                result.append('%').append(HexFormat.of().toHexDigits(b));
            }
        }
        if (result.length() <= LONGEST) {
            return result.toString();
        }
        // cut, so made unique again by a hash of the whole name
        return result.substring(0, LONGEST - 17) + "~" + sha256(name).substring(0, 16);
    }

    /** A table's schema and name, with a dot between them. */
    public static String of(TableName table) {
        return of(table.schema()) + "." + of(table.name());
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
