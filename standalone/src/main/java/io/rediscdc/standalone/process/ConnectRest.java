package io.rediscdc.standalone.process;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A Connect worker's REST interface (https://kafka.apache.org/documentation/#connect_rest). Every method throws
 * {@link ConnectRestException} with the worker's own words where it refuses. Requests that a rebalance is in the way of
 * (409) are repeated for a while.
 */
public final class ConnectRest {

    /** A field of a config that does not pass, with its message. */
    public record FieldError(String field, String message) {
        @Override
        public String toString() {
            return field + ": " + message;
        }
    }

    /**
     * Where a connector or one of its tasks stands.
     *
     * @param state UNASSIGNED, RUNNING, PAUSED, STOPPED, FAILED, RESTARTING
     * @param trace stack trace if failed, else empty
     */
    public record State(String state, String trace) {
        public boolean isFailed() {
            return state.equals("FAILED");
        }

        public boolean isRunning() {
            return state.equals("RUNNING");
        }
    }

    /** A connector's state and its tasks', by task number. */
    public record Status(State connector, List<State> tasks) {
        /** The connector runs, and at least one task, and nothing else but running tasks. */
        public boolean isRunning() {
            return connector.isRunning() && !tasks.isEmpty() && tasks.stream().allMatch(State::isRunning);
        }

        /** The trace of the first part that failed, or null. */
        public String failure() {
            if (connector.isFailed()) {
                return connector.trace();
            }
            return tasks.stream()
                    .filter(State::isFailed)
                    .map(State::trace)
                    .findFirst()
                    .orElse(null);
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration REBALANCE_PATIENCE = Duration.ofSeconds(30);

    private final URI worker;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** @param worker as in http://127.0.0.1:8083 */
    public ConnectRest(URI worker) {
        this.worker = worker;
    }

    /** Names of all connectors. */
    public List<String> connectors() {
        List<String> names = new ArrayList<>();
        request("GET", "/connectors", null).forEach(name -> names.add(name.asText()));
        return names;
    }

    /** Class names of the plugins the worker has found. */
    public List<String> plugins() {
        List<String> names = new ArrayList<>();
        request("GET", "/connector-plugins?connectorsOnly=false", null)
                .forEach(plugin -> names.add(plugin.path("class").asText()));
        return names;
    }

    /** Creates a connector or gives it a new config. */
    public void put(String connector, Map<String, String> config) {
        request("PUT", path(connector) + "/config", config);
    }

    /** The config as the worker keeps it; references to config providers are not resolved. */
    public JsonNode config(String connector) {
        return request("GET", path(connector) + "/config", null);
    }

    /** What is wrong with a config, field by field; empty if it is fine. {@code connector.class} must be in it. */
    public List<FieldError> validate(Map<String, String> config) {
        JsonNode answer = request(
                "PUT", "/connector-plugins/" + encode(config.get("connector.class")) + "/config/validate", config);
        List<FieldError> errors = new ArrayList<>();
        for (JsonNode field : answer.path("configs")) {
            JsonNode value = field.path("value");
            for (JsonNode error : value.path("errors")) {
                errors.add(new FieldError(value.path("name").asText(), error.asText()));
            }
        }
        return errors;
    }

    /** A status of UNASSIGNED without tasks if the worker has not got round to the connector yet. */
    public Status status(String connector) {
        JsonNode answer;
        try {
            answer = request("GET", path(connector) + "/status", null);
        } catch (ConnectRestException e) {
            if (e.status() == 404 && connectors().contains(connector)) {
                return new Status(new State("UNASSIGNED", ""), List.of());
            }
            throw e;
        }
        List<State> tasks = new ArrayList<>();
        answer.path("tasks").forEach(task -> tasks.add(state(task)));
        return new Status(state(answer.path("connector")), tasks);
    }

    /** Ends the tasks and keeps config and offsets; returns before they have ended, see {@link #status}. */
    public void stop(String connector) {
        request("PUT", path(connector) + "/stop", null);
    }

    public void pause(String connector) {
        request("PUT", path(connector) + "/pause", null);
    }

    public void resume(String connector) {
        request("PUT", path(connector) + "/resume", null);
    }

    /** Restarts the connector and all its tasks. */
    public void restart(String connector) {
        request("POST", path(connector) + "/restart?includeTasks=true", null);
    }

    public void delete(String connector) {
        request("DELETE", path(connector), null);
    }

    /** <code>{"offsets": [{"partition": {…}, "offset": {…}}]}</code> */
    public JsonNode offsets(String connector) {
        return request("GET", path(connector) + "/offsets", null);
    }

    /** Sets offsets, in the form that {@link #offsets} returns; the connector must be stopped. */
    public JsonNode patchOffsets(String connector, Object offsets) {
        return request("PATCH", path(connector) + "/offsets", offsets);
    }

    /** Forgets all offsets; the connector must be stopped. */
    public JsonNode deleteOffsets(String connector) {
        return request("DELETE", path(connector) + "/offsets", null);
    }

    /**
     * Any request.
     *
     * @param body what Jackson can write, or null
     * @return the answer, a missing node if it is empty
     */
    public JsonNode request(String method, String path, Object body) {
        long deadline = System.nanoTime() + REBALANCE_PATIENCE.toNanos();
        while (true) {
            HttpResponse<String> response = send(method, path, body);
            if (response.statusCode() == 409 && isRebalance(response.body()) && System.nanoTime() < deadline) {
                ChildProcess.pause(200);
                continue;
            }
            if (response.statusCode() >= 300) {
                throw new ConnectRestException(
                        response.statusCode(),
                        method + " " + path + ": HTTP " + response.statusCode() + ": " + message(response.body()));
            }
            return parse(response.body());
        }
    }

    private HttpResponse<String> send(String method, String path, Object body) {
        try {
            HttpRequest.BodyPublisher publisher = body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
            HttpRequest request = HttpRequest.newBuilder(worker.resolve(path))
                    .timeout(Duration.ofSeconds(100))
                    .header("Content-Type", "application/json")
                    .method(method, publisher)
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new ConnectRestException(
                    method + " " + path + ": no answer from the worker at " + worker + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectRestException(method + " " + path + ": interrupted", e);
        }
    }

    private static boolean isRebalance(String body) {
        return body.contains("rebalance");
    }

    private static String message(String body) {
        try {
            JsonNode message = parse(body).path("message");
            return message.isTextual() ? message.asText() : body;
        } catch (ConnectRestException e) {
            return body;
        }
    }

    private static JsonNode parse(String body) {
        if (body.isBlank()) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new ConnectRestException("not JSON: " + body, e);
        }
    }

    private static State state(JsonNode node) {
        return new State(
                node.path("state").asText("UNASSIGNED"), node.path("trace").asText(""));
    }

    private static String path(String connector) {
        return "/connectors/" + encode(connector);
    }

    private static String encode(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
