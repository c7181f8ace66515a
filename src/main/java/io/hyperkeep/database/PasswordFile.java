package io.hyperkeep.database;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The format of libpq's password file: {@code host:port:database:user:password}, the first line that fits counts. */
final class PasswordFile {
    private PasswordFile() {}

    /**
     * The password for this address, or null.
     *
     * <p>As libpq does: {@code *} fits everything, {@code \} escapes a colon or a backslash, and a connection through
     * a socket in one of the default folders is called {@code localhost}, else by its folder.
     */
    static @Nullable String find(List<String> lines, DatabaseAddress address) {
        List<String> wanted =
                List.of(host(address), Integer.toString(address.port()), address.database(), address.user());
        for (String line : lines) {
            if (line.startsWith("#")) {
                continue;
            }
            List<String> fields = fields(line);
            if (fields.size() == 5 && fits(fields, wanted)) {
                return fields.get(4);
            }
        }
        return null;
    }

    /** A line that fits every connection. */
    static String forEveryHost(String password) {
        return "*:*:*:*:" + password.replace("\\", "\\\\").replace(":", "\\:");
    }

    private static String host(DatabaseAddress address) {
        if (address.socketFolder() == null) {
            return String.valueOf(address.host());
        }
        return ParseAddress.SOCKET_FOLDERS.contains(address.socketFolder())
                ? "localhost"
                : address.socketFolder().toString();
    }

    private static boolean fits(List<String> fields, List<String> wanted) {
        for (int i = 0; i < wanted.size(); i++) {
            if (!fields.get(i).equals("*") && !fields.get(i).equals(wanted.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** At most five fields; escapes are resolved, and the last one ends at an unescaped colon, as libpq's does. */
    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\' && i + 1 < line.length()) {
                field.append(line.charAt(++i));
            } else if (c == ':' && fields.size() < 4) {
                fields.add(field.toString());
                field.setLength(0);
            } else if (c == ':') {
                break;
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
