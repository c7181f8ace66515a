package io.hyperkeep.manifest;

import io.hyperkeep.manifest.DatabaseProperties.Grant;
import io.hyperkeep.manifest.DatabaseProperties.Setting;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest must be like beyond the types of its fields, so that whatever reads it may rely on that: known values,
 * numbers in their range, paths that stay in the backup, names of which no two are the same, parts that are there. What
 * becomes SQL is parsed here, against what the format allows. Pure functions.
 */
final class ManifestRules {
    /** The one way in which rows were ever copied out. */
    private static final String COPY = "FORMAT csv, HEADER";

    private static final Pattern ID = Pattern.compile("[0-9A-Za-z][0-9A-Za-z_-]*");
    private static final Pattern VERSION = Pattern.compile("\\d{1,3}\\D.*");
    private static final Pattern SYSTEM = Pattern.compile("\\d{1,20}");
    private static final Pattern SEQUENCE = Pattern.compile(
            "AS [a-z]+ INCREMENT -?\\d{1,19} MINVALUE -?\\d{1,19} MAXVALUE -?\\d{1,19} START -?\\d{1,19} CACHE \\d{1,19}(?: CYCLE)?");
    private static final Pattern SETTING = Pattern.compile("[^.=\\s]+(?:\\.[^.=\\s]+)*");

    private ManifestRules() {}

    /**
     * Looks at a manifest.
     *
     * @throws UnreadableManifest naming the first field that is not as it has to be
     */
    static void require(Manifest manifest) throws UnreadableManifest {
        Field.oneOf("kind", manifest.kind(), "tables", "database", "cluster");
        Field.matches("id", manifest.id(), ID, "the name of a backup");
        Field.notNegative("run", manifest.run());
        part("dump", manifest.kind().equals("database"), manifest.dump(), manifest.kind());
        part("cluster", manifest.kind().equals("cluster"), manifest.cluster(), manifest.kind());
        data(manifest);
        source(manifest.source());
        snapshot("snapshot", manifest.snapshot());
        new SchemaRules(manifest.schema()).require();
        new TableRules(manifest).require();
        sequences(manifest.sequences());
        objects(manifest.objects() == null ? List.of() : manifest.objects());
        for (int i = 0; i < manifest.refresh().size(); i++) {
            Field.name("refresh[" + i + "]", manifest.refresh().get(i));
        }
        Field.unique("refresh", manifest.refresh().stream());
        new JobRules(manifest.jobs()).require();
        totals("totals", manifest.totals());
        if (manifest.properties() != null) {
            properties("properties", manifest.properties());
        }
        if (manifest.dump() != null) {
            new DumpRules(manifest.dump()).require();
        }
        if (manifest.cluster() != null) {
            new ClusterRules(manifest.cluster()).require();
        }
    }

    private static void part(String path, boolean needed, @Nullable Object part, String kind)
            throws UnreadableManifest {
        if (needed != (part != null)) {
            throw new UnreadableManifest(
                    path + (needed ? " is null" : " is there") + " in a backup of kind '" + kind + "'", null);
        }
    }

    private static void data(Manifest manifest) throws UnreadableManifest {
        Field.oneOf("data.codec", manifest.data().codec(), "zstd", "gzip", "none");
        if (manifest.kind().equals("tables")) {
            Field.oneOf("data.copy", manifest.data().copy(), COPY);
        } else {
            Field.oneOf("data.copy", manifest.data().copy(), "", COPY);
        }
    }

    private static void source(Source source) throws UnreadableManifest {
        Field.matches("source.systemIdentifier", source.systemIdentifier(), SYSTEM, "the number of a database system");
        Field.notNegative("source.timeline", source.timeline());
        Field.name("source.database", source.database());
        Field.oid("source.databaseOid", source.databaseOid());
        Field.name("source.encoding", source.encoding());
        Field.oneOf("source.localeProvider", source.localeProvider(), "c", "i", "b");
        Field.matches("source.serverVersion", source.serverVersion(), VERSION, "a version of PostgreSQL");
        if (source.timescale() != null) {
            Field.matches("source.timescale.version", source.timescale().version(), VERSION, "a version");
            Field.name("source.timescale.schema", source.timescale().schema());
            Field.oneOf("source.timescale.edition", source.timescale().edition(), "apache", "timescale");
        }
        for (int i = 0; i < source.extensions().size(); i++) {
            Source.Extension extension = source.extensions().get(i);
            Field.name("source.extensions[" + i + "].name", extension.name());
            Field.name("source.extensions[" + i + "].schema", extension.schema());
        }
        Field.unique("source.extensions", source.extensions().stream().map(Source.Extension::name));
    }

    static void snapshot(String path, SnapshotInfo snapshot) throws UnreadableManifest {
        Field.notNegative(path + ".xmin", snapshot.xmin());
        Field.require(snapshot.xmax() >= snapshot.xmin(), path + ".xmax", snapshot.xmax(), "a number from xmin on");
    }

    private static void sequences(List<SequenceState> sequences) throws UnreadableManifest {
        for (int i = 0; i < sequences.size(); i++) {
            String path = "sequences[" + i + "]";
            SequenceState sequence = sequences.get(i);
            Field.name(path + ".sequence", sequence.sequence());
            if (sequence.ownedBy() != null) {
                Field.name(path + ".ownedBy", sequence.ownedBy());
            }
            Field.matches(path + ".definition", sequence.definition(), SEQUENCE, "what a sequence is like");
        }
        Field.unique("sequences", sequences.stream().map(SequenceState::sequence));
    }

    private static void objects(List<SchemaObject> objects) throws UnreadableManifest {
        for (int i = 0; i < objects.size(); i++) {
            Field.name("objects[" + i + "].kind", objects.get(i).kind());
            if (objects.get(i).table() != null) {
                Field.name("objects[" + i + "].table", objects.get(i).table());
            }
        }
    }

    static void totals(String path, Totals totals) throws UnreadableManifest {
        Field.notNegative(path + ".tables", totals.tables());
        Field.notNegative(path + ".units", totals.units());
        Field.notNegative(path + ".reusedUnits", totals.reusedUnits());
        Field.notNegative(path + ".rows", totals.rows());
        Field.notNegative(path + ".csvBytes", totals.csvBytes());
        Field.notNegative(path + ".bytes", totals.bytes());
        Field.notNegative(path + ".writtenBytes", totals.writtenBytes());
        for (var reason : totals.reexported().entrySet()) {
            Field.notNegative(path + ".reexported." + reason.getKey(), reason.getValue());
        }
    }

    static void properties(String path, DatabaseProperties properties) throws UnreadableManifest {
        Field.name(path + ".owner", properties.owner());
        Field.require(
                properties.connectionLimit() >= -2,
                path + ".connectionLimit",
                properties.connectionLimit(),
                "a number of sessions");
        List<Grant> grants = properties.grants() == null ? List.of() : properties.grants();
        for (int i = 0; i < grants.size(); i++) {
            String grant = path + ".grants[" + i + "]";
            Field.oneOf(grant + ".privilege", grants.get(i).privilege(), "CREATE", "CONNECT", "TEMPORARY");
            if (grants.get(i).grantee() != null) {
                Field.name(grant + ".grantee", grants.get(i).grantee());
            }
        }
        for (int i = 0; i < properties.settings().size(); i++) {
            Setting setting = properties.settings().get(i);
            Field.matches(
                    path + ".settings[" + i + "].name", setting.name(), SETTING, "the name of a server's parameter");
            if (setting.role() != null) {
                Field.name(path + ".settings[" + i + "].role", setting.role());
            }
        }
    }

    /** Files of a backup's folder, each with its checksum. */
    static void files(String path, List<FileEntry> files) throws UnreadableManifest {
        for (int i = 0; i < files.size(); i++) {
            FileEntry file = files.get(i);
            Field.below(path + "[" + i + "].file", file.file());
            Field.notNegative(path + "[" + i + "].bytes", file.bytes());
            Field.sha256(path + "[" + i + "].sha256", file.sha256());
        }
        Field.unique(path, files.stream().map(FileEntry::file));
    }

    /** Whether a file is among some. */
    static void among(String path, String file, Stream<FileEntry> files) throws UnreadableManifest {
        Field.require(
                files.anyMatch(entry -> entry.file().equals(file)),
                path,
                file,
                "one of the files that have a checksum");
    }
}
