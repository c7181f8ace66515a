package io.hyperkeep.notify;

import io.hyperkeep.secret.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who is told, and how to reach them. Holds no secret that a text of it would show. */
public sealed interface ReceiverSettings {
    /** What the configuration calls it. */
    String name();

    /** How long a delivery may take in all. */
    Duration timeout();

    /** What it wants to hear of. */
    Set<Event> on();

    /**
     * An HTTP service that takes JSON.
     *
     * @param url where to POST it
     * @param headers lines {@code Name: value}
     * @param headersFile a private file with more such lines, or null
     * @param template JSON with {@code {{placeholders}}}, or null for a document of ours
     */
    record Webhook(
            String name,
            Duration timeout,
            Set<Event> on,
            Secret url,
            List<Secret> headers,
            @Nullable Path headersFile,
            @Nullable String template)
            implements ReceiverSettings {
        public Webhook {
            on = Set.copyOf(on);
            headers = List.copyOf(headers);
        }
    }

    /**
     * Somebody with an e-mail address.
     *
     * @param host the SMTP server
     * @param port its port
     * @param security how the connection is kept private
     * @param user who logs in, or null for no login
     * @param password of that user, or null
     * @param from the sender's address
     * @param to the receivers' addresses
     */
    record Email(
            String name,
            Duration timeout,
            Set<Event> on,
            String host,
            int port,
            Security security,
            @Nullable String user,
            @Nullable Secret password,
            String from,
            List<String> to)
            implements ReceiverSettings {
        /** How a connection to an SMTP server is kept private. */
        public enum Security {
            /** Plain at first, then by TLS or not at all. */
            STARTTLS,
            /** TLS from the first byte. */
            TLS,
            /** Not at all. */
            NONE
        }

        public Email {
            on = Set.copyOf(on);
            to = List.copyOf(to);
        }
    }

    /**
     * A service that raises the alarm when it is not called in time.
     *
     * @param url what it is called by
     * @param start the URL's end when a backup begins, or null for no call
     * @param success the URL's end when one was made, or null for no call
     * @param failure the URL's end when one failed, or null for no call
     */
    record Ping(
            String name,
            Duration timeout,
            Secret url,
            @Nullable String start,
            @Nullable String success,
            @Nullable String failure)
            implements ReceiverSettings {
        /** It hears of each backup that begins or ends, and of nothing else. */
        @Override
        public Set<Event> on() {
            return Set.of(Event.FAILURE, Event.SUCCESS);
        }
    }
}
