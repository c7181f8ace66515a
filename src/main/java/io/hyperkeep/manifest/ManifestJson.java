package io.hyperkeep.manifest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads and writes {@code manifest.json}. Thread-safe; callers close their own streams. */
public final class ManifestJson {
    // unknown fields are ignored: a manifest of a later minor version only has more of them
    private final JsonMapper mapper = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            // which of two would count is nothing that a reader may choose
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .build();

    /**
     * Writes the manifest as indented JSON in UTF-8.
     *
     * @throws IOException when the stream refuses
     */
    public void write(Manifest manifest, OutputStream out) throws IOException {
        try {
            mapper.writeValue(out, manifest);
        } catch (JacksonException e) {
            // in the middle of a record, the stream's failure comes wrapped in one that says where
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof IOException refused) {
                    throw refused;
                }
            }
            throw e;
        }
    }

    /**
     * Reads a manifest.
     *
     * @throws UnreadableManifest when it is not JSON, of a format newer than {@link Manifest#FORMAT_VERSION}, or not a
     *     manifest: a field is missing, of another type, or has a value that the format does not allow
     * @throws IOException when the stream fails
     */
    public Manifest read(InputStream in) throws IOException, UnreadableManifest {
        try {
            JsonNode tree = mapper.readTree(in);
            // the version is looked at first: a newer format need not fit these records at all
            JsonNode version = tree.path("formatVersion");
            if (!version.isInt()) {
                throw new UnreadableManifest("it has no format version", null);
            }
            if (version.intValue() > Manifest.FORMAT_VERSION) {
                throw new UnreadableManifest(version.intValue());
            }
            Field.positive("formatVersion", version.intValue());
            ManifestShape.require(tree);
            Manifest manifest = mapper.treeToValue(tree, Manifest.class);
            ManifestRules.require(manifest);
            return manifest;
        } catch (JacksonIOException e) {
            throw e.getCause();
        } catch (JacksonException e) {
            throw new UnreadableManifest("it is cut or altered: " + e.getOriginalMessage(), e);
        }
    }
}
