package io.hyperkeep.cli;

import java.util.Locale;
import picocli.CommandLine;

/** How results are printed. */
enum OutputFormat {
    TEXT,
    JSON;

    /** Reads what is written after {@code --output}. */
    static final class Reader implements CommandLine.ITypeConverter<OutputFormat> {
        @Override
        public OutputFormat convert(String text) {
            for (OutputFormat format : values()) {
                if (format.toString().equals(text)) {
                    return format;
                }
            }
            throw new CommandLine.TypeConversionException("'" + text + "' is not one of text, json");
        }
    }

    /** As it is written after {@code --output}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
