package io.hyperkeep.notify;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.secret.Secret;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One HTTP request of a bounded time, of which failures are told without its URL. Thread-safe. */
final class HttpCall {
    private @Nullable HttpClient client;

    /**
     * Makes a request; only an answer with a code from 200 to 299 is a success.
     *
     * @param url where to
     * @param end what comes after it
     * @param request says method, headers and body
     * @param atMost how long it may take, to the last byte of the answer
     */
    void run(Secret url, String end, UnaryOperator<HttpRequest.Builder> request, Duration atMost)
            throws Undelivered, InterruptedException {
        HttpRequest call;
        try {
            call = request.apply(HttpRequest.newBuilder(URI.create(url.read().strip() + end))
                            .header("User-Agent", "hyperkeep"))
                    .build();
        } catch (IllegalArgumentException e) {
            // its message would repeat the URL, or a header
            throw new Undelivered("its URL is not one of the form https://host/path, or a header of it is none", false);
        } catch (BackupException e) {
            throw new Undelivered(e.getMessage(), false);
        }
        // not the request's own timeout: that one ends with the head of the answer
        CompletableFuture<HttpResponse<Void>> answer = client().sendAsync(call, HttpResponse.BodyHandlers.discarding());
        try {
            int code = answer.get(atMost.toMillis(), TimeUnit.MILLISECONDS).statusCode();
            if (code < 200 || code > 299) {
                throw new Undelivered("it answered " + code, code == 408 || code == 429 || code >= 500);
            }
        } catch (TimeoutException e) {
            throw new Undelivered("it did not answer in time", true);
        } catch (ExecutionException e) {
            throw undelivered(e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private static Undelivered undelivered(@Nullable Throwable cause) {
        for (@Nullable Throwable found = cause; found != null; found = found.getCause()) {
            if (found instanceof UnresolvedAddressException) {
                return new Undelivered("its host is not known", true);
            }
        }
        if (cause instanceof HttpConnectTimeoutException || cause instanceof HttpTimeoutException) {
            return new Undelivered("it did not answer in time", true);
        }
        if (cause instanceof ConnectException) {
            return new Undelivered("it can not be connected to", true);
        }
        if (cause instanceof SSLException) {
            return new Undelivered("no TLS connection to it: " + cause.getMessage(), false);
        }
        return new Undelivered(
                "the connection to it broke ("
                        + (cause == null ? "" : cause.getClass().getSimpleName()) + ")",
                true);
    }

    /** Made when it is needed first: it costs more than most commands do. */
    private synchronized HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            made = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    // a redirected POST would arrive as a GET without its body
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
            client = made;
        }
        return made;
    }
}
