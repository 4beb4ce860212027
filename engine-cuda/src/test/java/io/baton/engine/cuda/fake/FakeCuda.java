package io.baton.engine.cuda.fake;

import io.baton.engine.cuda.driver.CublasLtApi;
import io.baton.engine.cuda.driver.CudaApi;
import io.baton.engine.cuda.driver.DriverApi;
import io.baton.engine.cuda.driver.LaunchApi;
import io.baton.engine.cuda.driver.NvrtcApi;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Notes every call, does what it can on the host ({@link FakeDriver}, {@link FakeLaunches}, {@link
 * FakeNvrtc}, {@link FakeCublasLt}), and fails where it was told to. One thread, but for the list
 * of calls.
 */
public final class FakeCuda implements CudaApi {

  /** A call as it came. */
  public record Call(String function, List<Object> arguments) {
    /** An argument as a number. */
    public long number(int index) {
      return ((Number) arguments.get(index)).longValue();
    }
  }

  private final List<Call> calls = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Integer> failures = new HashMap<>();
  private int broken;

  private final FakeDriver driver;
  private final FakeLaunches launches;
  private final DriverApi driverApi;
  private final LaunchApi launchApi;
  private final NvrtcApi nvrtcApi;
  private final CublasLtApi cublasLtApi;

  /** A device with so much memory. */
  public FakeCuda(long totalBytes) {
    launches = new FakeLaunches();
    driver = new FakeDriver(totalBytes, launches);
    driverApi = proxy(DriverApi.class, driver);
    launchApi = proxy(LaunchApi.class, launches);
    nvrtcApi = proxy(NvrtcApi.class, new FakeNvrtc());
    cublasLtApi = proxy(CublasLtApi.class, new FakeCublasLt(launches));
  }

  /** A device with a gigabyte. */
  public FakeCuda() {
    this(1L << 30);
  }

  private <T> T proxy(Class<T> type, Object model) {
    var methods = new HashMap<String, Method>();
    for (Method method : model.getClass().getDeclaredMethods()) {
      method.setAccessible(true);
      methods.put(method.getName(), method);
    }
    Object made =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answer(model, methods, method, arguments));
    return type.cast(made);
  }

  private Object answer(
      Object model, Map<String, Method> methods, Method method, Object[] arguments)
      throws Throwable {
    String name = method.getName();
    calls.add(new Call(name, arguments == null ? List.of() : List.of(arguments)));
    if (broken != 0 && !name.startsWith("cuGetError")) {
      return broken;
    }
    Integer failure = failures.get(name);
    if (failure != null) {
      return failure;
    }
    Method body = methods.get(name);
    if (body == null) {
      throw new UnsupportedOperationException(name + " is not in the stand-in");
    }
    try {
      return body.invoke(model, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** From now on this function returns this code. */
  public FakeCuda fail(String function, int code) {
    failures.put(function, code);
    return this;
  }

  /** From now on everything returns this code, as after a sticky error. */
  public FakeCuda breakWith(int code) {
    broken = code;
    return this;
  }

  /** Says what a kernel does; others do nothing. */
  public FakeCuda kernel(String name, FakeLaunches.Kernel body) {
    launches.kernel(name, body);
    return this;
  }

  /** Says what a kernel of so many arguments does; they are kept as they are at each launch. */
  public FakeCuda kernel(String name, int arguments, FakeLaunches.Kernel body) {
    launches.kernel(name, arguments, body);
    return this;
  }

  /** All calls so far. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** The calls of a function so far. */
  public List<Call> calls(String function) {
    return calls().stream().filter(call -> call.function().equals(function)).toList();
  }

  /** The kernels launched so far, by graphs too. */
  public List<FakeLaunches.Launch> launched() {
    return launches.launched();
  }

  /** Handles and memory that were made and not given back. */
  public List<String> leftOpen() {
    var open = new ArrayList<>(driver.leftOpen());
    open.addAll(launches.leftOpen());
    return open;
  }

  @Override
  public String binding() {
    return "fake";
  }

  @Override
  public DriverApi driver() {
    return driverApi;
  }

  @Override
  public LaunchApi launches() {
    return launchApi;
  }

  @Override
  public NvrtcApi nvrtc() {
    return nvrtcApi;
  }

  @Override
  public CublasLtApi cublasLt() {
    return cublasLtApi;
  }
}
