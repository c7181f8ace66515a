package io.hyperkeep.notify;

import java.time.Duration;

/** A way to a receiver. Thread-safe. */
@FunctionalInterface
interface Channel {
    /**
     * Tries once to deliver.
     *
     * @param event as what the receiver hears it
     * @param atMost how long it may take; an interrupt ends it earlier
     * @throws Undelivered when the receiver did not take it
     * @throws InterruptedException when this thread was interrupted
     */
    void send(Notice notice, Event event, Duration atMost) throws Undelivered, InterruptedException;
}
