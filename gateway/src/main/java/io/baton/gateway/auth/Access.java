package io.baton.gateway.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.baton.config.ConfigException;
import io.baton.config.FileStamp;
import io.baton.gateway.api.ApiException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets those in who have a key, or everybody where there is no file of keys. Thread-safe. */
public final class Access {
  private static final Logger LOG = LoggerFactory.getLogger(Access.class);
  private static final String BEARER = "Bearer ";
  private static final int REMEMBERED_KEYS = 10_000;
  private static final int MAX_KEY_CHARS = 512;

  private final Optional<Path> file;
  private volatile FileStamp seen;
  private volatile Keys keys;

  private record Known(KeyHash hash, Caller caller) {}

  /** One content of the file, with what was found out from it. */
  private static final class Keys {
    private final List<Known> known;

    /** Without it each request would try every key of the file; absent ones are remembered too. */
    private final Cache<String, Optional<Caller>> callers =
        Caffeine.newBuilder().maximumSize(REMEMBERED_KEYS).build();

    Keys(List<KeyFile.Entry> entries) {
      this.known =
          entries.stream().map(e -> new Known(KeyHash.parse(e.hash()), e.caller())).toList();
    }

    Optional<Caller> find(String key) {
      return callers.get(
          key,
          k -> known.stream().filter(one -> one.hash().matches(k)).map(Known::caller).findFirst());
    }
  }

  private Access(Optional<Path> file, FileStamp seen, Keys keys) {
    this.file = file;
    this.seen = seen;
    this.keys = keys;
  }

  /**
   * Reads the keys.
   *
   * @param file empty: everybody may ask for everything
   * @throws ConfigException if the file cannot be used
   */
  public static Access of(Optional<Path> file) throws ConfigException {
    FileStamp stamp = file.map(FileStamp::of).orElse(FileStamp.of(Path.of("")));
    return new Access(
        file, stamp, new Keys(file.isPresent() ? KeyFile.read(file.get()) : List.of()));
  }

  /** Whether keys are asked for at all. */
  public boolean guarded() {
    return file.isPresent();
  }

  /** How many keys are valid. */
  public int keyCount() {
    return keys.known.size();
  }

  /**
   * Who sent these headers.
   *
   * @param authorization {@code Bearer} and the key, as OpenAI's clients send it
   * @param apiKey the key alone, as Anthropic's clients send it in {@code x-api-key}
   * @throws ApiException 401 if there is no valid key
   */
  public Caller caller(@Nullable String authorization, @Nullable String apiKey)
      throws ApiException {
    if (file.isEmpty()) {
      return Caller.ANYBODY;
    }
    String key = apiKey;
    if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      key = authorization.substring(BEARER.length()).strip();
    }
    if (key == null || key.isEmpty()) {
      throw ApiException.unauthorized(
          "You did not provide an API key. Send it as `Authorization: Bearer KEY`.");
    }
    if (key.length() > MAX_KEY_CHARS) {
      throw wrongKey();
    }
    return keys.find(key).orElseThrow(Access::wrongKey);
  }

  private static ApiException wrongKey() {
    return ApiException.unauthorized("Incorrect API key provided.");
  }

  /**
   * Reads the file again if it has changed; a file that cannot be used changes nothing. Blocks; not
   * for event loops.
   */
  public void reload() {
    if (file.isEmpty()) {
      return;
    }
    FileStamp now = FileStamp.of(file.get());
    if (now.equals(seen)) {
      return;
    }
    seen = now;
    try {
      keys = new Keys(KeyFile.read(file.get()));
      LOG.info("{}: read again, {} keys are valid", file.get(), keyCount());
    } catch (ConfigException e) {
      LOG.error("{}: the keys read before stay valid: {}", file.get(), e.getMessage());
    }
  }
}
