package io.hyperkeep.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseAddressTest {
    private static final Path HOME = Path.of("/home/dba");

    @Test
    void reads_every_part() {
        DatabaseAddress address = parse(
                "postgresql://back%40up@db.example.org:6543/sensor%20data?sslmode=verify-full&sslrootcert=~/root.crt");
        assertThat(address)
                .isEqualTo(new DatabaseAddress(
                        "db.example.org",
                        null,
                        6543,
                        "sensor data",
                        "back@up",
                        Map.of("sslmode", "verify-full", "sslrootcert", "/home/dba/root.crt")));
    }

    @Test
    void takes_what_is_missing_from_the_environment_as_libpq_does() {
        Map<String, String> environment = Map.of(
                "PGHOST", "h", "PGPORT", "1234", "PGUSER", "u", "PGSSLMODE", "require", "PGCONNECT_TIMEOUT", "3");
        assertThat(DatabaseAddress.parse("postgresql://", environment, HOME))
                .isEqualTo(new DatabaseAddress(
                        "h", null, 1234, "u", "u", Map.of("sslmode", "require", "connect_timeout", "3")));
        assertThat(DatabaseAddress.parse("postgresql://x@y/z?sslmode=disable", environment, HOME)
                        .toString())
                .isEqualTo("x@y:1234/z");
        assertThat(DatabaseAddress.parse("postgresql://x@y", Map.of("PGDATABASE", "d"), HOME)
                        .database())
                .isEqualTo("d");
        assertThat(DatabaseAddress.parse("postgresql://y/d", Map.of(), HOME).user())
                .isEqualTo(System.getProperty("user.name"));
    }

    @Test
    void reads_sockets_and_ipv6() {
        DatabaseAddress socket = parse("postgresql:///db?host=/run/pg&port=5433&user=u");
        assertThat(socket.socketFolder()).isEqualTo(Path.of("/run/pg"));
        assertThat(socket.host()).isNull();
        assertThat(socket.toString()).isEqualTo("u@/run/pg:5433/db");
        assertThat(parse("postgres://u@%2Frun%2Fpg/db").socketFolder()).isEqualTo(Path.of("/run/pg"));
        assertThat(parse("postgres://u@[2001:db8::1]:99/db").host()).isEqualTo("2001:db8::1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://u@h:5432/db",
                "postgresql://u@[::1]:5432/db?sslmode=require",
                "postgresql://b%40c%3A%2F@h_1:5433/a%20b%2B%25%3F%2F%C3%A9",
                "postgresql://u@/db?host=%2Frun%2Fpg&port=5433"
            })
    void its_uri_leads_back_to_it(String uri) {
        assertThat(parse(uri).toUri()).isEqualTo(uri);
        assertThat(parse(parse(uri).toUri())).isEqualTo(parse(uri));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://u:s3cret@h/d",
                "postgresql://u:@h/d",
                "postgresql://u@h/d?password=s3cret",
                "postgresql://u@h/d?sslpassword=s3cret"
            })
    void refuses_a_password_without_repeating_it(String uri) {
        BackupException refused = refusal(uri);
        assertThat(refused.problem()).isEqualTo(Problem.USAGE);
        assertThat(refused.text()).isEqualTo("""
                        the database URI holds a password, which everybody on this machine could read
                        HINT: take it out, and give the password in PGPASSWORD, in ~/.pgpass, or with a password file or command in the configuration.""");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://u:s3c/ret@h/d",
                "postgresql://u:s3c?ret@h/d",
                "postgresql://u:s3c@ret/d@h",
                "postgresql://s3c:ret",
                "u:s3cret@h"
            })
    void never_repeats_what_may_be_a_password(String uri) {
        assertThat(refusal(uri).text()).doesNotContain("s3c").doesNotContain("ret");
    }

    @Test
    void names_a_parameter_that_it_does_not_know() {
        assertThat(refusal("postgresql://u@h/d?ssl_mode=require").text()).isEqualTo("""
                        the database URI has a parameter that is not known: ssl_mode
                        HINT: did you mean sslmode?""");
        assertThat(refusal("postgresql://u@h/d?target_session_attrs=any").text())
                .isEqualTo("""
                        the database URI has a parameter that is not known: target_session_attrs
                        HINT: known are host, port, user, dbname, sslmode, sslnegotiation, sslrootcert, sslcert, sslkey, channel_binding, connect_timeout, options.""");
        assertThat(parse("postgresql://u@h/d?application_name=psql&keepalives=1")
                        .parameters())
                .isEmpty();
    }

    @Test
    void refuses_several_hosts_and_what_is_no_uri() {
        assertThat(refusal("postgresql://u@a,b/d").text()).isEqualTo("""
                        the database URI names several hosts
                        HINT: name one host: a backup has to know which server it reads.""");
        String form =
                "\nHINT: write postgresql://user@host:5432/database?sslmode=…, or postgresql:///database?host=/socket/folder.";
        assertThat(refusal("host=h dbname=d").text())
                .isEqualTo("the database URI does not start with postgresql://" + form);
        assertThat(refusal("postgresql://u@h:70000/d").text())
                .isEqualTo("the database URI has a port that is not a number from 1 to 65535" + form);
        assertThat(refusal("postgresql://u@h/d?sslmode").text())
                .isEqualTo("the database URI has a parameter without a value" + form);
        assertThat(refusal("postgresql://u@h/d?sslmode=yes").text()).isEqualTo("""
                        the database URI has an sslmode that does not exist: yes
                        HINT: sslmode is one of disable, allow, prefer, require, verify-ca and verify-full.""");
        assertThat(refusal("postgresql://u@h/100%").text()).isEqualTo("""
                        the database URI has a % that is not followed by two hexadecimal digits, or %00
                        HINT: a percent sign itself is written %25.""");
    }

    private static DatabaseAddress parse(String uri) {
        return DatabaseAddress.parse(uri, Map.of(), HOME);
    }

    private static BackupException refusal(String uri) {
        return catchThrowableOfType(BackupException.class, () -> parse(uri));
    }
}
