package io.baton.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the shape of settings off a record. What is wrong here is the programmer's fault and an
 * IllegalArgumentException that names the component.
 */
final class Shapes {
  /** The records inside which we are, to notice one that contains itself. */
  private final Deque<Class<?>> open = new ArrayDeque<>();

  private Shapes() {}

  static Shape.Group of(Class<?> record) {
    return new Shapes().group(record, null);
  }

  /** snake_case of a component's name. */
  static String key(String componentName) {
    return componentName.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }

  private Shape.Group group(Class<?> record, @Nullable Object givenDefaults) {
    if (open.contains(record)) {
      throw new IllegalArgumentException(record.getName() + " contains itself");
    }
    if (!record.isRecord()) {
      throw new IllegalArgumentException(record.getName() + " is not a record");
    }
    open.push(record);
    Object defaults = givenDefaults != null ? givenDefaults : ownDefaults(record);
    List<Shape.Field> fields = new ArrayList<>();
    for (RecordComponent component : record.getRecordComponents()) {
      fields.add(field(component, defaults));
    }
    open.pop();
    return new Shape.Group(record, List.copyOf(fields));
  }

  private Shape.Field field(RecordComponent component, @Nullable Object defaults) {
    Setting setting = component.getAnnotation(Setting.class);
    Object value = defaults == null ? null : get(component, defaults);
    Shape shape = shape(component.getGenericType(), component, setting, value);
    if (setting == null && !(shape instanceof Shape.Group)) {
      throw new IllegalArgumentException(name(component) + ": no @Setting (expected: one)");
    }
    String text = setting == null ? Setting.REQUIRED : setting.def();
    if (defaults != null && !text.equals(Setting.REQUIRED)) {
      throw new IllegalArgumentException(
          name(component) + ": def beside defaults() (expected: one of them)");
    }
    return new Shape.Field(
        key(component.getName()),
        component,
        shape,
        setting == null ? "" : setting.value(),
        setting == null ? "" : setting.unit(),
        text.equals(Setting.REQUIRED) ? null : text,
        value);
  }

  private Shape shape(
      Type type, RecordComponent component, @Nullable Setting setting, @Nullable Object value) {
    if (type instanceof Class<?> plain) {
      if (plain.isRecord()) {
        return group(plain, value);
      }
      return single(plain, component, setting);
    }
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == Optional.class) {
        return new Shape.Maybe(shape(arguments[0], component, setting, null));
      } else if (generic.getRawType() == List.class) {
        return new Shape.Items(shape(arguments[0], component, setting, null));
      } else if (generic.getRawType() == Map.class && arguments[0] == String.class) {
        return new Shape.Named(shape(arguments[1], component, setting, null));
      }
    }
    throw new IllegalArgumentException(name(component) + ": " + type + " cannot be a setting");
  }

  private static Shape single(Class<?> type, RecordComponent component, @Nullable Setting setting) {
    ScalarType scalar =
        ScalarType.of(type)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    name(component) + ": " + type.getName() + " cannot be a setting"));
    ValueRange range =
        setting == null
            ? new ValueRange(Long.MIN_VALUE, Long.MAX_VALUE)
            : new ValueRange(setting.min(), setting.max());
    return new Shape.Single(scalar, range);
  }

  private static @Nullable Object ownDefaults(Class<?> record) {
    for (Method method : record.getDeclaredMethods()) {
      if (method.getName().equals("defaults")
          && Modifier.isStatic(method.getModifiers())
          && method.getParameterCount() == 0
          && method.getReturnType() == record) {
        return invoke(method, null);
      }
    }
    return null;
  }

  private static @Nullable Object get(RecordComponent component, Object record) {
    return invoke(component.getAccessor(), record);
  }

  private static @Nullable Object invoke(Method method, @Nullable Object target) {
    try {
      method.setAccessible(true);
      return method.invoke(target);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalArgumentException(method + " failed", e);
    }
  }

  private static String name(RecordComponent component) {
    return component.getDeclaringRecord().getSimpleName() + "." + component.getName();
  }
}
