package io.hyperkeep.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The example configuration: the file that the sources carry for operators, packed into the program. */
public final class ExampleFile {
    private ExampleFile() {}

    /** Its text. */
    public static String text() {
        try (InputStream in = ExampleFile.class.getResourceAsStream("/config/application.example.yml")) {
            if (in == null) {
                throw new IllegalStateException("the example configuration is not in this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the example configuration can not be read", e);
        }
    }
}
