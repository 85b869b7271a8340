package io.rediscdc.standalone.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs a main class of Kafka's with a properties file, in a JVM of its own. */
final class JavaServer {

    private static final String LOGGING = "log4j2.xml";

    private final String name;
    private final Home home;
    private final Path directory;
    private final String mainClass;
    private final List<String> jvmOptions;

    JavaServer(String name, Home home, Path directory, String mainClass, List<String> jvmOptions) {
        this.name = name;
        this.home = home;
        this.directory = directory;
        this.mainClass = mainClass;
        this.jvmOptions = List.copyOf(jvmOptions);
    }

    Path propertiesFile() {
        return directory.resolve(name + ".properties");
    }

    void writeProperties(Map<String, String> properties) {
        try {
            Files.createDirectories(directory);
            try (Writer out = Files.newBufferedWriter(propertiesFile(), StandardCharsets.UTF_8)) {
                for (Map.Entry<String, String> entry : new TreeMap<>(properties).entrySet()) {
                    out.write(entry.getKey() + "=" + entry.getValue().replace("\\", "\\\\") + "\n");
                }
            }
            try (InputStream logging = JavaServer.class.getResourceAsStream(LOGGING)) {
                Files.copy(logging, directory.resolve(LOGGING), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the configuration of the " + name + " in " + directory, e);
        }
    }

    ChildProcess start(Map<String, String> environment) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.add("-Dlog4j2.configurationFile=" + directory.resolve(LOGGING).toUri());
        command.add(mainClass);
        command.add(propertiesFile().toString());
        // In the environment, because a hundred jars make `ps` unreadable.
        Map<String, String> all = new HashMap<>(environment);
        all.put("CLASSPATH", home.kafkaClassPath());
        return ChildProcess.start(name, command, all, directory, directory.resolve(name + ".log"));
    }
}
