"""Renders the cases with Jinja2 itself and writes what comes out to goldens.json. Needs Debian's python3-jinja2."""
import json
import pathlib
from datetime import datetime

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent
FOLDER = HERE.parent / "resources" / "templates"


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        lineno = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(lineno)

    def _body(self, caller):
        return caller()


class Raised(Exception):
    pass


def raise_exception(message):
    raise Raised(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"])
env.filters["tojson"] = tojson
env.globals["raise_exception"] = raise_exception
env.globals["strftime_now"] = lambda f: datetime(2026, 11, 26, 9, 5, 7).strftime(f)

TOOL = {"type": "function", "function": {"name": "get_weather", "description": "Weather of a \"city\" — now",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 1}}, "required": ["city"]}}}
U = lambda text: {"role": "user", "content": text}
A = lambda text: {"role": "assistant", "content": text}
S = lambda text: {"role": "system", "content": text}
CALL = {"role": "assistant", "content": "", "tool_calls": [{"id": "abc123def", "type": "function", "function": {"name": "get_weather", "arguments": {"city": "Köln", "days": 2}}}]}
RESULT = {"role": "tool", "content": "sunny, 21°", "tool_call_id": "abc123def"}
THOUGHT = A("<think>\nEasy.\n</think>\n\nFour.")
CHATS = {
    "one": [U("Hello")],
    "system": [S("  Be brief. "), U("Hi {{ name }} {% if x %}"), A("Hello!"), U("<|im_end|> bye 🌍\n")],
    "thinking": [U("2+2?"), THOUGHT, U("And 3+3?")],
    "tool": [U("Weather?"), CALL, RESULT],
    "tools_twice": [U("Weather?"), CALL, RESULT, RESULT, A("Sunny."), U("Thanks")],
}
files = []
for name in ("qwen3", "llama3", "mistral"):
    for chat, messages in CHATS.items():
        for tools in (None, [TOOL], [TOOL, TOOL]):
            for extra in ({}, {"enable_thinking": False}) if name == "qwen3" else ({},):
                variables = {"messages": messages, "add_generation_prompt": True, "bos_token": "<s>", "eos_token": "</s>", **extra}
                if tools is not None:
                    variables["tools"] = tools
                files.append((f"{name} {chat} tools={len(tools or [])} {sorted(extra)}", name + ".jinja", variables))

V = {"s": "Straße x", "n": 7, "f": 2.5, "b": True, "z": None, "l": [3, 1, 2], "e": [], "d": {"b": 1, "a": [1, {"k": "v"}]},
     "m": [{"role": "user", "content": " hi "}, {"role": "tool", "content": "x", "n": 2}], "w": "a,b,,c", "q": "it's \"q\"\n", "emoji": "a🌍b"}
SINGLE = """
{{ s }}|{{ n }}|{{ f }}|{{ b }}|{{ z }}|{{ l }}|{{ d }}|{{ e }}|{{ q }}|{{ m }}
{{ missing }}|{{ missing is defined }}|{{ z is none }}|{{ n is number }}|{{ s is string }}|{{ d is mapping }}|{{ l is iterable }}|{{ b is boolean }}|{{ b is true }}|{{ n is odd }}|{{ 8 is divisibleby 4 }}
{{ l | length }}|{{ s | length }}|{{ d | length }}|{{ emoji | length }}|{{ l | first }}|{{ l | last }}|{{ l | sort }}|{{ l | sort(reverse=true) }}|{{ l | join('-') }}|{{ l | sum }}|{{ l | max }}|{{ l | reverse | list }}
{{ s | upper }}|{{ s | lower }}|{{ 'hello world' | title }}|{{ 'hELLO' | capitalize }}|{{ '  x ' | trim }}|{{ 'xxaxx' | trim('x') }}|{{ 'a-b-c' | replace('-', '+') }}|{{ 'a-b-c' | replace('-', '+', 1) }}
{{ d | tojson }}|{{ d | tojson(indent=2) }}|{{ q | tojson }}|{{ z | tojson }}|{{ f | tojson }}|{{ e | tojson(indent=4) }}
{{ missing | default('x') }}|{{ '' | default('x', true) }}|{{ n | default(3) }}|{{ missing | default }}|{{ '5' | int + 1 }}|{{ 'x' | int }}|{{ '2.5' | float }}|{{ 2.567 | round(1) }}|{{ 2.5 | round }}|{{ -3 | abs }}
{{ m | map(attribute='role') | list }}|{{ m | map(attribute='role') | join(',') }}|{{ m | selectattr('role', 'equalto', 'user') | list | length }}|{{ m | rejectattr('n', 'defined') | list | length }}|{{ l | select('odd') | list }}|{{ l | reject('odd') | list }}|{{ ['a','B'] | map('upper') | list }}
{{ d | items | list }}|{{ d | dictsort }}|{{ d.items() | list }}|{{ d.keys() | list }}|{{ d.values() | list }}|{{ d.get('b') }}|{{ d.get('x', 'y') }}|{{ d.get('x') }}|{{ 'a' in d }}|{{ d['a'][1].k }}|{{ d.a.0 }}
{{ w.split(',') }}|{{ w.split(',', 1) }}|{{ w.rsplit(',', 1) }}|{{ ' a  b '.split() }}|{{ 'a\\nb\\r\\nc'.splitlines() }}|{{ s.startswith('Str') }}|{{ s.endswith(('y', 'x')) }}|{{ 'abcb'.find('b') }}|{{ 'abcb'.count('b') }}|{{ '-'.join(['a', 'b']) }}|{{ 'x{}y{}'.format(1, 'b') }}
{{ '  a '.strip() }}|{{ 'xxa'.lstrip('x') }}|{{ 'a\\n\\n'.rstrip('\\n') }}|{{ 'aXb'.lower() }}|{{ 'ab'.upper() }}|{{ 'ab cd'.title() }}|{{ 'ab'.capitalize() }}|{{ '12'.isdigit() }}|{{ 'a.b'.replace('.', '!') }}
{{ l[0] }}|{{ l[-1] }}|{{ l[1:] }}|{{ l[:-1] }}|{{ l[::-1] }}|{{ l[::2] }}|{{ l[5:] }}|{{ l[-2:] }}|{{ s[2:5] }}|{{ s[::-1] }}|{{ emoji[1] }}|{{ emoji[::-1] }}|{{ l[9] is defined }}
{{ 1 + 2 * 3 }}|{{ 7 // 2 }}|{{ 7 % 3 }}|{{ -7 // 2 }}|{{ -7 % 3 }}|{{ 7 / 2 }}|{{ 2 ** 10 }}|{{ 1.0 }}|{{ 1e20 }}|{{ 0.00001 }}|{{ 3 - 1 - 1 }}|{{ -n }}|{{ 'ab' * 3 }}|{{ [1] + [2] }}|{{ 1 ~ 'a' ~ none }}
{{ 1 < 2 < 3 }}|{{ 1 == 1.0 }}|{{ 'a' < 'b' }}|{{ 1 != 2 }}|{{ 'b' in 'abc' }}|{{ 2 in l }}|{{ 9 not in l }}|{{ not b }}|{{ n and 'yes' }}|{{ 0 or 'no' }}|{{ (1, 2) }}|{{ (1,) }}|{{ () }}|{{ {'a': 1}['a'] }}
{{ 'y' if n > 5 else 'n' }}|{{ 'y' if n > 9 }}|{{ ('a' if b else 'c') ~ 'd' }}|{{ 1 if z is none else 2 if b else 3 }}|{{ n is not none and b }}|{{ not z is none }}|{{ n is in [7, 8] }}
{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}:{{ x }};{% endfor %}
{% for x in l %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}{% for x in l %}{{ loop.cycle('a', 'b') }}{% endfor %}
{% for x in e %}x{% else %}empty{% endfor %}{% for x in l if x > 1 %}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}{% for x in missing %}x{% else %}none{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }}{% endfor %}{% for c in 'aé🌍' %}[{{ c }}]{% endfor %}{% for (a, c) in [(1, 2)] %}{{ a + c }}{% endfor %}
{% for x in range(5) %}{% if x == 1 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}|{{ range(2, 8, 3) | list }}|{{ range(3) | list }}
{% set x = 1 %}{% for i in l %}{% set x = x + i %}{{ x }},{% endfor %}{{ x }}{% if true %}{% set x = 9 %}{% endif %}{{ x }}
{% set ns = namespace(c=0, t='') %}{% for i in l %}{% set ns.c = ns.c + i %}{% set ns.t = ns.t ~ i %}{% endfor %}{{ ns.c }}{{ ns.t }}
{% set a, c = 1, 2 %}{{ a }}{{ c }}{% set t %}<{{ n }}>{% endset %}{{ t }}{{ t | upper }}
{% macro greet(name, mark='!', n=2) %}Hi {{ name }}{{ mark * n }}{% endmacro %}{{ greet('Bo') }}|{{ greet('Al', n=1) }}|{{ greet(name=s, mark='?') }}
{% macro tree(x) %}{% if x > 0 %}({{ tree(x - 1) }}){% endif %}{% endmacro %}{{ tree(4) }}
{% raw %}{{ not }} {% this %}{% endraw %}{# gone #}|{{ '{{' }}|{{ "}}" }}
{%- if n == 7 -%}   tight   {%- endif -%}   |  {%+ if b %}kept{% endif +%}   end
{% generation %}made {{ n }}{% endgeneration %}|{{ strftime_now('%d %b %Y') }}|{{ strftime_now('%Y-%m-%d %H:%M:%S %A %B %j') }}
{{ 'a' 'b' }}|{{ "\\u00e9\\x41\\t|" }}|{{ 'it\\'s' }}|{{ true }}{{ False }}{{ None }}|{{ 1_000 }}|{{ [1, 'a', none, [true]] }}|{{ {'x': 'y', 'z': 1.5} }}
{{ 'line1\\nline2' | indent(2) }}|{{ 'line1\\nline2' | indent(2, true) }}|{{ ['b', 'a', 'B'] | unique | list }}|{{ ['b', 'A'] | sort | list }}|{{ l | string }}|{{ 'x' | safe }}
{{ m[0].content | trim }}|{{ m[0]['content'] }}|{{ m | length > 1 }}|{{ m[-1].get('n') }}|{{ 'n' in m[1] }}|{{ m[0].n is defined }}|{{ m | selectattr('n') | list | length }}
{{ q }}|{{ [q] }}|{{ ['"'] }}|{{ ["'"] }}|{{ {'k"': "v'"} }}
{{ dict(a=1) }}|{{ [1, 2] == [1, 2] }}|{{ (1, 2) == (1, 2) }}|{{ d == {'b': 1, 'a': [1, {'k': 'v'}]} }}|{{ none == missing }}
""".strip("\n").split("\n")
MULTI = {
    "blocks strip their lines": "a\n  {% if n == 7 %}\n  b\n  {% endif %}\nc\n",
    "minus takes all blanks": "a\n\n  {%- if n -%}\n\n b \n{%- endif %}\n\nc\n\n",
    "output keeps its line": "a\n  {{ n }}\nb\n  {{- n -}}\n  c\n",
    "comments strip too": "a\n  {# c #}\nb {# c #}\nc\n",
    "plus keeps": "a\n  {%+ if n %}b{% endif %}\n  {%+ if n +%}\nc{% endif %}",
    "trailing newlines": "a\n\n\n",
    "nested": "{% for x in l %}\n  {% for y in l %}\n    {% if x < y %}\n{{ x }}{{ y }}\n    {% endif %}\n  {% endfor %}\n{% endfor %}",
    "crlf": "a\r\n{% if n %}\r\nb\r\n{% endif %}\r\nc",
}
BROKEN = ["{% if %}", "{{ 1 + }}", "{% for x l %}{% endfor %}", "{% if n %}", "{{ 'a }}", "{% frobnicate %}", "{{ n | nofilter }}", "{{ n is notest }}",
          "{{ missing.a }}", "{{ missing() }}", "{{ n() }}", "{{ 'a' + 1 }}", "{{ l.append(4) }}", "{{ 1 // 0 }}", "{% endif %}", "{{ [1 }}", "{{ raise_exception('no: ' ~ n) }}"]


def run(source, variables):
    try:
        return {"rendered": env.from_string(source).render(**variables)}
    except Raised as e:
        return {"raised": str(e)}
    except Exception as e:  # whatever Jinja2 throws
        return {"error": type(e).__name__}


cases = [{"name": name, "file": file, "variables": v, **run((FOLDER / file).read_text(), v)} for name, file, v in files]
cases += [{"name": s, "source": s, **run(s, V)} for s in SINGLE]
cases += [{"name": name, "source": s, **run(s, V)} for name, s in MULTI.items()]
cases += [{"name": "broken " + s, "source": s, **run(s, V)} for s in BROKEN]
text = json.dumps({"made_by": "jinja2 " + jinja2.__version__, "variables": V, "cases": cases}, ensure_ascii=False, indent=1)
(FOLDER / "goldens.json").write_text(text + "\n")
print(len(cases), "cases;", sum("error" in c for c in cases), "errors;", sum("raised" in c for c in cases), "raised")
print([c["name"] for c in cases if "error" in c])
