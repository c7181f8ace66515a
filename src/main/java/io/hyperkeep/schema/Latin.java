package io.hyperkeep.schema;

import java.nio.charset.StandardCharsets;

/**
 * Texts with one character for each byte. A schema dump is cut and put together again in this form, so that its bytes
 * stay as they were: a database in SQL_ASCII may hold what is not UTF-8.
 */
final class Latin {
    private Latin() {}

    /** A proper text, as its UTF-8 bytes. */
    static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** UTF-8 bytes as a proper text, for names and messages. */
    static String text(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
