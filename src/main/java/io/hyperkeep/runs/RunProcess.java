package io.hyperkeep.runs;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The process that a run lives in, told so that another process can say for certain whether it is still there.
 *
 * <p>A process number means nothing by itself: other machines and other containers have the same ones, and numbers are
 * used again. So two processes compare numbers only when they see the same ones: when kernel boot, process namespace
 * and user are the same (with {@code hidepid} a user sees no other's). The start time is the kernel's own, in clock
 * ticks since boot, which setting the clock does not change. On systems without {@code /proc} none of it is known, and
 * only the heartbeat tells.
 *
 * @param host name of the machine, for people
 * @param machine kernel boot, process namespace and user, or null where they are not known
 * @param pid process number
 * @param started clock ticks from the kernel's boot to the process's start, or null where that is not known
 */
public record RunProcess(
        String host,
        @Nullable String machine,
        long pid,
        @Nullable Long started) {
    private static final Path PROC = Path.of("/proc");

    /** Whether a process is there. */
    public enum Presence {
        THERE,
        GONE,
        /** It may be on another machine or in another container. */
        UNKNOWN
    }

    /** This process. */
    public static RunProcess current() {
        long pid = ProcessHandle.current().pid();
        try {
            return new RunProcess(hostName(), readMachine(), pid, readStart(pid));
        } catch (IOException e) {
            return new RunProcess(hostName(), null, pid, null);
        }
    }

    /** Whether this is the process that asks. */
    public boolean isCurrent() {
        return pid == ProcessHandle.current().pid() && presence() == Presence.THERE;
    }

    /** Whether the process is there, as far as this one can see. */
    public Presence presence() {
        if (machine == null || started == null || !machine.equals(readMachine())) {
            return Presence.UNKNOWN;
        }
        try {
            // another start is another process with the same number
            return started.equals(readStart(pid)) ? Presence.THERE : Presence.GONE;
        } catch (NoSuchFileException e) {
            return Presence.GONE;
        } catch (IOException e) {
            // too many open files, for one, says nothing about that process
            return Presence.UNKNOWN;
        }
    }

    /** Whether this process can see for certain that it is there. */
    public boolean isVisible() {
        return presence() == Presence.THERE;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // a machine that does not know its own name still runs backups
            return "localhost";
        }
    }

    private static @Nullable String readMachine() {
        try {
            return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip()
                    + "/" + Files.readSymbolicLink(PROC.resolve("self/ns/pid"))
                    + "/" + Files.getAttribute(PROC.resolve("self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return null;
        }
    }

    /** Field 22 of proc_pid_stat(5); null when only the process's remains are there. */
    private static @Nullable Long readStart(long pid) throws IOException {
        String stat = Files.readString(PROC.resolve(pid + "/stat"));
        // the second field is the program's name, in which anything may stand
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        boolean remains = fields[0].equals("Z") || fields[0].equals("X");
        return remains ? null : Long.valueOf(fields[19]);
    }
}
