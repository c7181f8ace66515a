package io.hyperkeep.secret;

import java.util.regex.Pattern;

/** Takes passwords out of texts that repeat what somebody else wrote: a URI in the wrong place, a program's messages. */
public final class MaskLogins {
    private static final Pattern LOGIN = Pattern.compile("(postgres(?:ql)?://)[^\\s'\"]*@", Pattern.CASE_INSENSITIVE);
    private static final Pattern PARAMETER = Pattern.compile("((?:ssl)?password=)[^\\s'\"&]*");

    private MaskLogins() {}

    /** The same text, with asterisks in the place of users and passwords of PostgreSQL's URIs. */
    public static String in(String text) {
        return PARAMETER.matcher(LOGIN.matcher(text).replaceAll("$1***@")).replaceAll("$1***");
    }
}
