package io.hyperkeep.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The settings that every session of ours has, whatever the server's, the role's or the database's own are. */
final class SessionSettings {
    private SessionSettings() {}

    /** Pins them in one round trip. */
    static void pin(Connection connection, Duration lockTimeout) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // first alone: a database may allow its statements less time than the others take
            statement.execute("SET statement_timeout = 0; " + sql(lockTimeout));
        }
    }

    private static String sql(Duration lockTimeout) {
        Map<String, String> settings = new LinkedHashMap<>();
        // one text form for every value; these are pg_dump's
        settings.put("DateStyle", "ISO, YMD");
        settings.put("IntervalStyle", "postgres");
        settings.put("extra_float_digits", "3");
        settings.put("TimeZone", "UTC");
        settings.put("bytea_output", "hex");
        settings.put("xmloption", "content");
        settings.put("lc_monetary", "C");
        settings.put("quote_all_identifiers", "off");
        // a backslash is one character of a text, and an escape in a pattern
        settings.put("standard_conforming_strings", "on");
        settings.put("backslash_quote", "safe_encoding");
        settings.put("array_nulls", "on");
        settings.put("transform_null_equals", "off");
        // nothing is found by accident, and a definition always comes with its schema
        settings.put("search_path", "");
        // an error where row security would silently hide rows
        settings.put("row_security", "off");
        // a scan that starts in the middle of a table would make two reads differ in order
        settings.put("synchronize_seqscans", "off");
        // every row that a condition finds, and every relation that may be read
        settings.put("gin_fuzzy_search_limit", "0");
        settings.put("restrict_nonsystem_relation_kind", "");
        settings.put("default_transaction_deferrable", "off");
        settings.put("default_transaction_isolation", "read committed");
        settings.put("default_tablespace", "");
        settings.put("default_table_access_method", "heap");
        // rows are stored as the backup has them, compressed or not
        settings.put("timescaledb.enable_direct_compress_copy", "off");
        settings.put("timescaledb.enable_direct_compress_insert", "off");
        settings.put("timescaledb.enable_transparent_decompression", "on");
        // rows in an object store are in no backup, and counting them would fetch them
        settings.put("timescaledb.enable_tiered_reads", "off");
        settings.put("client_min_messages", "warning");
        // a backup takes as long as it takes, but it does not queue others behind a lock that it can not get
        settings.put("statement_timeout", "0");
        settings.put("idle_in_transaction_session_timeout", "0");
        settings.put("idle_session_timeout", "0");
        settings.put("transaction_timeout", "0");
        settings.put("lock_timeout", Long.toString(lockTimeout.toMillis()));
        // a setting that this server's version does not have yet is left out
        return settings.entrySet().stream()
                .map(setting -> "(" + Identifiers.literal(setting.getKey()) + ", "
                        + Identifiers.literal(setting.getValue()) + ")")
                .collect(Collectors.joining(
                        ", ",
                        "SELECT pg_catalog.set_config(name, value, false) FROM (VALUES ",
                        ") AS pinned(name, value) WHERE pg_catalog.current_setting(name, true) IS NOT NULL"));
    }
}
