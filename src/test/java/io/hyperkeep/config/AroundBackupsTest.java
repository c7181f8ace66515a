package io.hyperkeep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.hooks.HookSettings;
import io.hyperkeep.notify.Event;
import io.hyperkeep.notify.ReceiverSettings;
import io.hyperkeep.notify.ReceiverSettings.Email;
import io.hyperkeep.notify.ReceiverSettings.Ping;
import io.hyperkeep.notify.ReceiverSettings.Webhook;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hooks and receivers: read, laid over the defaults, checked, and shown without what is secret. */
class AroundBackupsTest {
    private static final String YAML = """
            notify:
              chat:
                kind: webhook
                url: ${CHAT_URL}
                headers: ['Authorization: Bearer ${TOKEN}']
                template: '{"text": "{{text}}"}'
                on: [failure, success]
                timeout: 3s
              mail:
                kind: email
                host: mail.example.org
                user: hk
                password-command: [pass, show, s3cret-name]
                from: hk@example.org
                to: [ops@example.org, dba@example.org]
              watch:
                kind: ping
                url-file: watch.url
                start-suffix: none
            databases: {a: {uri: 'postgresql://db/a'}}
            repositories: {nas: /mnt/nas}
            defaults:
              hooks: {after: 'echo $$HYPERKEEP_STATE', timeout: 1m}
              notify: [mail]
            plans:
              loud:
                database: a
                repository: nas
                hooks: {before: [/bin/freeze, --token, s3cret], after: []}
                notify: [chat, watch]
              plain: {database: a, repository: nas}
            """;

    @TempDir
    Path folder;

    @Test
    void a_plan_has_what_it_says_itself_and_the_defaults_for_the_rest() {
        AroundBackups around = fixture().load(YAML).around();

        Duration minute = Duration.ofMinutes(1);
        List<String> shell = List.of("/bin/sh", "-c", "echo $HYPERKEEP_STATE");
        assertThat(around.hooks("loud"))
                .isEqualTo(new HookSettings(List.of("/bin/freeze", "--token", "s3cret"), null, minute));
        assertThat(around.hooks("plain")).isEqualTo(new HookSettings(null, shell, minute));
        assertThat(around.hooks(null)).isEqualTo(new HookSettings(null, shell, minute));
        assertThat(around.receivers("loud")).extracting(ReceiverSettings::name).containsExactly("chat", "watch");
        assertThat(around.receivers("plain")).extracting(ReceiverSettings::name).containsExactly("mail");
        assertThat(around.receivers(null)).extracting(ReceiverSettings::name).containsExactly("mail");
    }

    @Test
    void receivers_have_their_settings_and_no_text_of_them_has_a_secret() {
        Map<String, ReceiverSettings> receivers = fixture().load(YAML).around().receivers();

        Webhook chat = (Webhook) receivers.get("chat");
        assertThat(chat.url().read()).isEqualTo("https://chat.example.org:8443/hooks/s3cret?key=s3cret");
        assertThat(chat.headers().get(0).read()).isEqualTo("Authorization: Bearer s3cret");
        assertThat(chat.on()).containsExactlyInAnyOrder(Event.FAILURE, Event.SUCCESS);
        assertThat(chat.timeout()).isEqualTo(Duration.ofSeconds(3));
        Email mail = (Email) receivers.get("mail");
        assertThat(mail.port()).isEqualTo(587);
        assertThat(mail.security()).isEqualTo(Email.Security.STARTTLS);
        assertThat(mail.to()).containsExactly("ops@example.org", "dba@example.org");
        assertThat(mail.on())
                .isEqualTo(Set.of(Event.FAILURE, Event.MISSED, Event.STALE, Event.RECOVERY, Event.WARNING));
        Ping watch = (Ping) receivers.get("watch");
        assertThat(watch.start()).isNull();
        assertThat(watch.success()).isEmpty();
        assertThat(watch.failure()).isEqualTo("/fail");
        assertThat(receivers.toString()).doesNotContain("s3cret");
    }

    @Test
    void what_is_in_force_is_shown_without_secrets() {
        Configuration configuration = fixture().load(YAML);
        String shown = new EffectiveConfiguration(configuration, fixture().uris())
                .values().stream()
                        .filter(value -> value.key().matches("notify.*|.*\\.hooks\\..*|.*\\.notify"))
                        .map(value -> value.key() + " = " + value.value())
                        .collect(Collectors.joining("\n"));

        assertThat(shown).isEqualTo("""
                        notify.chat.kind = webhook
                        notify.chat.timeout = 3s
                        notify.chat.headers = Authorization: ***
                        notify.chat.template = {"text": "{{text}}"}
                        notify.chat.on = failure, success
                        notify.chat.url = https://chat.example.org:8443/***
                        notify.mail.kind = email
                        notify.mail.timeout = 10s
                        notify.mail.host = mail.example.org
                        notify.mail.security = starttls
                        notify.mail.port = 587
                        notify.mail.user = hk
                        notify.mail.from = hk@example.org
                        notify.mail.to = ops@example.org, dba@example.org
                        notify.mail.on = failure, missed, stale, recovery, warning
                        notify.mail.password-command = pass ***
                        notify.watch.kind = ping
                        notify.watch.timeout = 10s
                        notify.watch.url-file = watch.url
                        notify.watch.start-suffix = none
                        notify.watch.success-suffix =\s
                        notify.watch.failure-suffix = /fail
                        defaults.hooks.after = echo ***
                        defaults.hooks.timeout = 1m
                        defaults.notify = mail
                        plans.loud.hooks.before = /bin/freeze ***
                        plans.loud.hooks.timeout = 1m
                        plans.loud.notify = chat, watch
                        plans.plain.hooks.after = echo ***
                        plans.plain.hooks.timeout = 1m
                        plans.plain.notify = mail""");
    }

    @Test
    void what_can_not_be_is_told_with_its_line_and_without_the_url() {
        assertThatThrownBy(() -> fixture().load("""
                        notify:
                          chat:
                            kind: webhook
                            url: ftp://s3cret.example.org/x
                            template: '{"text": {{txt}}}'
                            on: [failures]
                            colour: red
                          both: {kind: webhook, url: 'http://a/s3cret', url-file: u, template: '{{text}}'}
                          mail: {kind: email, host: h, port: 99999, security: ssl, user: u}
                          watch: {kind: pink}
                          pung: {kind: ping, url: 'http://a/s3cret', start-suffix: start, on: [failure]}
                        defaults:
                          notify: [chatt]
                          hooks: {befor: x, timeout: 2d}
                        """))
                .hasMessage("""
                        the configuration has 17 problems:
                          FILE:4: notify.chat.url: this is not a URL of the form https://host/path
                          FILE:5: notify.chat.template: there is nothing called {{txt}}; did you mean 'text'? It can be one of backup, database, details, event, failure, host, plan, repository, rows, run, seconds, state, storedBytes, text, time
                          FILE:6: notify.chat.on: 'failures' is not one of failure, missed, stale, recovery, warning, skipped, success; did you mean 'failure'?
                          FILE:7: notify.chat.colour: there is no such key
                          FILE:8: notify.both.template: this is not JSON; placeholders stand within strings: '{"text": "{{text}}"}'
                          FILE:8: notify.both.url-file: a URL comes from url or from url-file, not from both
                          FILE:9: notify.mail.security: 'ssl' is not one of starttls, tls, none
                          FILE:9: notify.mail.port: '99999' is not a whole number from 1 to 65535
                          FILE:9: notify.mail.from: this key is missing
                          FILE:9: notify.mail.to: this key is missing
                          FILE:9: notify.mail.user: a user logs in with a password; give password-file or password-command
                          FILE:10: notify.watch.kind: 'pink' is not one of webhook, email, ping; did you mean 'ping'?
                          FILE:11: notify.pung.on: there is no such key
                          FILE:11: notify.pung.start-suffix: 'start' is not the end of a URL such as /fail or ?status=down, nor none
                          FILE:13: defaults.notify: there is no receiver 'chatt' below notify; did you mean 'chat'?
                          FILE:14: defaults.hooks.befor: there is no such key; did you mean 'before'?
                          FILE:14: defaults.hooks.timeout: '2d' is not a duration from 1s to 1d""".replace("FILE", folder.resolve("hyperkeep.yml").toString()));
    }

    private ConfigFixture fixture() {
        return new ConfigFixture(
                folder, Map.of("CHAT_URL", "https://chat.example.org:8443/hooks/s3cret?key=s3cret", "TOKEN", "s3cret"));
    }
}
