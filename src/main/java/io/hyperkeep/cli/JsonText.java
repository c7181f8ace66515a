package io.hyperkeep.cli;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes JSON documents for scripts. Thread-safe. */
final class JsonText {
    private final JsonMapper mapper =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** The document as indented JSON. */
    String of(Object document) {
        return mapper.writeValueAsString(document);
    }
}
