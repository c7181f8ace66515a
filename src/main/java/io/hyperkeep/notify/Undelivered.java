package io.hyperkeep.notify;

/** A receiver did not take a notice; the message is a clause that says why, without any URL. */
final class Undelivered extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean passing;

    /** @param passing whether the same may succeed when it is tried again a little later */
    Undelivered(String why, boolean passing) {
        super(why);
        this.passing = passing;
    }

    boolean isPassing() {
        return passing;
    }
}
