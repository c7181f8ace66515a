package io.hyperkeep.crew;

/**
 * One of several workers, with what it needs for itself. Opened, used and closed by one thread; only {@link #cancel()}
 * may come from another.
 *
 * @param <T> what it works on
 */
public interface Hand<T> extends AutoCloseable {
    /**
     * Works on one item to its end.
     *
     * @throws io.hyperkeep.problem.BackupException when that fails
     * @throws InterruptedException when interrupted; the item counts as not done
     */
    void work(T item) throws InterruptedException;

    /** Makes a running {@link #work} fail soon. Called from another thread, perhaps more than once; must not throw. */
    void cancel();

    /** Gives back what it holds; must not throw, because by then the work is done or another failure is on its way. */
    @Override
    void close();
}
