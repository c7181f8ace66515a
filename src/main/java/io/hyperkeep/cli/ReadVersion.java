package io.hyperkeep.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Says which version this is, as the build noted it. */
final class ReadVersion implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        try (InputStream in = ReadVersion.class.getResourceAsStream("/META-INF/build-info.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return new String[] {"hyperkeep " + properties.getProperty("build.version", "unknown")};
        }
    }
}
