package io.baton.prompt.template;

import io.baton.prompt.template.Values.Callable;
import io.baton.prompt.template.Values.Namespace;
import io.baton.prompt.template.Values.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Does what statements say. For one rendering, on one thread. */
final class Renderer {
  /** How a run of statements ended. */
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  private final Budget budget = new Budget();
  private final Evaluator evaluator = new Evaluator(budget);
  private final Scope root;

  Renderer(Scope root) {
    this.root = root;
  }

  RenderedPrompt render(List<Statement> statements) throws TemplateException {
    var out = new ArrayList<Text>();
    run(statements, root, out);
    return new RenderedPrompt(Text.join(out).segments());
  }

  private Flow run(List<Statement> statements, Scope scope, List<Text> out)
      throws TemplateException {
    for (Statement statement : statements) {
      Flow flow = run(statement, scope, out);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  private Flow run(Statement statement, Scope scope, List<Text> out) throws TemplateException {
    budget.step();
    switch (statement) {
      case Statement.Write write -> write(write.text(), out);
      case Statement.Print print ->
          write(PythonText.str(evaluator.evaluate(print.value(), scope)), out);
      case Statement.If branches -> {
        return runIf(branches, scope, out);
      }
      case Statement.For loop -> runFor(loop, scope, out);
      case Statement.SetNames set ->
          assign(set.names(), evaluator.evaluate(set.value(), scope), scope, set.line());
      case Statement.SetAttribute set -> setAttribute(set, scope);
      case Statement.SetBlock set -> {
        var captured = new ArrayList<Text>();
        run(set.body(), scope.inner(), captured);
        scope.set(set.name(), Text.join(captured));
      }
      case Statement.Macro macro -> scope.set(macro.name(), callable(macro));
      case Statement.Block block -> {
        return run(block.body(), scope, out);
      }
      case Statement.Break b -> {
        return Flow.BREAK;
      }
      case Statement.Continue c -> {
        return Flow.CONTINUE;
      }
    }
    return Flow.NEXT;
  }

  private void write(Text text, List<Text> out) throws TemplateException {
    budget.output(text.length());
    out.add(text);
  }

  private Flow runIf(Statement.If branches, Scope scope, List<Text> out) throws TemplateException {
    for (var branch : branches.branches()) {
      if (Values.truthy(evaluator.evaluate(branch.getKey(), scope))) {
        return run(branch.getValue(), scope, out);
      }
    }
    return run(branches.otherwise(), scope, out);
  }

  private void runFor(Statement.For loop, Scope scope, List<Text> out) throws TemplateException {
    List<@Nullable Object> items =
        Values.iterate(evaluator.evaluate(loop.items(), scope), loop.line());
    if (loop.filter().isPresent()) {
      items = filtered(items, loop, scope);
    }
    if (items.isEmpty()) {
      run(loop.otherwise(), scope, out);
      return;
    }
    for (int i = 0; i < items.size(); i++) {
      Scope body = scope.inner();
      body.set("loop", loopVariables(items, i));
      assign(loop.targets(), items.get(i), body, loop.line());
      if (run(loop.body(), body, out) == Flow.BREAK) {
        return;
      }
    }
  }

  private List<@Nullable Object> filtered(
      List<@Nullable Object> items, Statement.For loop, Scope scope) throws TemplateException {
    var kept = new ArrayList<@Nullable Object>();
    for (Object item : items) {
      Scope candidate = scope.inner();
      assign(loop.targets(), item, candidate, loop.line());
      if (Values.truthy(evaluator.evaluate(loop.filter().orElseThrow(), candidate))) {
        kept.add(item);
      }
    }
    return kept;
  }

  private static Map<String, @Nullable Object> loopVariables(
      List<@Nullable Object> items, int index) {
    int size = items.size();
    var loop = new LinkedHashMap<String, @Nullable Object>();
    loop.put("index", index + 1L);
    loop.put("index0", (long) index);
    loop.put("revindex", (long) size - index);
    loop.put("revindex0", size - index - 1L);
    loop.put("first", index == 0);
    loop.put("last", index == size - 1);
    loop.put("length", (long) size);
    loop.put("depth", 1L);
    loop.put("previtem", index > 0 ? items.get(index - 1) : new Undefined("loop.previtem"));
    loop.put("nextitem", index + 1 < size ? items.get(index + 1) : new Undefined("loop.nextitem"));
    loop.put("cycle", (Callable) (positional, named) -> positional.get(index % positional.size()));
    return loop;
  }

  private static void assign(List<String> names, @Nullable Object value, Scope scope, int line)
      throws TemplateException {
    if (names.size() == 1) {
      scope.set(names.getFirst(), value);
      return;
    }
    List<@Nullable Object> values = Values.iterate(value, line);
    if (values.size() != names.size()) {
      throw new TemplateException(
          "cannot unpack " + values.size() + " values into " + names, false, line);
    }
    for (int i = 0; i < names.size(); i++) {
      scope.set(names.get(i), values.get(i));
    }
  }

  private void setAttribute(Statement.SetAttribute set, Scope scope) throws TemplateException {
    if (!(scope.get(set.namespace()) instanceof Namespace namespace)) {
      throw new TemplateException(
          "'" + set.namespace() + "' is no namespace, so it has no attributes to set",
          false,
          set.line());
    }
    namespace.attributes().put(set.attribute(), evaluator.evaluate(set.value(), scope));
  }

  private Callable callable(Statement.Macro macro) {
    return (positional, named) -> {
      budget.enter();
      // A macro sees what the template has set at its top, not where it is called.
      Scope body = root.inner();
      for (int i = 0; i < macro.parameters().size(); i++) {
        String parameter = macro.parameters().get(i);
        Expression otherwise = macro.defaults().get(parameter);
        Object value =
            i < positional.size()
                ? positional.get(i)
                : named.containsKey(parameter)
                    ? named.get(parameter)
                    : otherwise == null
                        ? new Undefined(parameter)
                        : evaluator.evaluate(otherwise, body);
        body.set(parameter, value);
      }
      var out = new ArrayList<Text>();
      run(macro.body(), body, out);
      budget.leave();
      return Text.join(out);
    };
  }
}
