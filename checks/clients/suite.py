"""What people's own code does with the official Python clients. run.py starts the fleet and sets what is read here."""
import json
import os
import unittest

import anthropic
import openai
from pydantic import BaseModel

URL = os.environ["BATON_URL"]
KEY = os.environ["BATON_KEY"]
LIMITED_KEY = os.environ["BATON_LIMITED_KEY"]
MODEL = "baton-demo"
UNSERVED = "nobody-serves-it"
ASK = [{"role": "user", "content": "What is the capital of France?"}]
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 12}, "days": {"type": "integer", "minimum": 1, "maximum": 9}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
TIME = {"type": "object", "properties": {}}


class City(BaseModel):
    name: str
    population: int


def functions():
    return [
        {"type": "function", "function": {"name": name, "parameters": schema}}
        for name, schema in (("get_weather", WEATHER), ("get_time", TIME))
    ]


class OpenAi(unittest.TestCase):
    def setUp(self):
        self.client = openai.OpenAI(base_url=URL + "/v1", api_key=KEY, max_retries=0)
        self.addCleanup(self.client.close)

    def chat(self, **more):
        asked = {"model": MODEL, "messages": ASK, "temperature": 0, "max_tokens": 16, **more}
        return self.client.chat.completions.create(**asked)

    def assert_call(self, call):
        self.assertTrue(call.id)
        arguments = json.loads(call.function.arguments)
        if call.function.name == "get_weather":
            self.assertLessEqual(len(arguments["city"]), 12)
            self.assertIn(arguments["days"], range(1, 10))
        else:
            self.assertEqual((call.function.name, arguments), ("get_time", {}))

    def test_chat(self):
        answer = self.chat()
        self.assertIn("Paris", answer.choices[0].message.content)
        self.assertEqual(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens)
        self.assertIsNotNone(answer.usage.prompt_tokens_details.cached_tokens)
        self.assertEqual(answer.usage.completion_tokens_details.reasoning_tokens, 0)
        self.assertTrue(answer.system_fingerprint.startswith("fp_"))
        self.assertTrue(answer._request_id)

    def test_streamed_chat_with_usage(self):
        chunks = list(self.chat(stream=True, stream_options={"include_usage": True}))
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        self.assertEqual(text, self.chat().choices[0].message.content)
        self.assertGreater(chunks[-1].usage.completion_tokens, 0)
        self.assertEqual(chunks[-1].choices, [])

    def test_stream_helper(self):
        with self.client.chat.completions.stream(model=MODEL, messages=ASK, temperature=0, max_tokens=16) as stream:
            for _ in stream:
                pass
            final = stream.get_final_completion()
        self.assertEqual(final.choices[0].message.content, self.chat().choices[0].message.content)

    def test_choices(self):
        self.assertEqual([c.index for c in self.chat(n=3).choices], [0, 1, 2])

    def test_logprobs(self):
        answer = self.chat(logprobs=True, top_logprobs=2)
        tokens = answer.choices[0].logprobs.content
        self.assertEqual("".join(t.token for t in tokens), answer.choices[0].message.content)
        self.assertTrue(all(len(t.top_logprobs) == 2 and t.logprob <= 0 for t in tokens))

    def test_stop(self):
        text = self.chat().choices[0].message.content
        stopped = self.chat(stop=[text[5:9]])
        self.assertEqual(stopped.choices[0].message.content, text[: text.index(text[5:9])])
        self.assertEqual(stopped.choices[0].finish_reason, "stop")

    def test_tools_are_taken(self):
        for choice in ("auto", "none"):
            self.assertTrue(self.chat(tools=functions(), tool_choice=choice).choices)

    def test_a_required_call_is_made(self):
        answer = self.chat(tools=functions(), tool_choice="required", parallel_tool_calls=False, max_tokens=200, temperature=1, seed=1)
        self.assertEqual(answer.choices[0].finish_reason, "tool_calls")
        self.assertEqual(len(answer.choices[0].message.tool_calls), 1)
        self.assertIsNone(answer.choices[0].message.content)
        self.assert_call(answer.choices[0].message.tool_calls[0])

    def test_a_named_call_is_made_and_streamed(self):
        named = {"type": "function", "function": {"name": "get_weather"}}
        asked = dict(tools=functions(), tool_choice=named, parallel_tool_calls=False, max_tokens=200)
        call = self.chat(**asked).choices[0].message.tool_calls[0]
        self.assertEqual(call.function.name, "get_weather")
        self.assert_call(call)
        with self.client.chat.completions.stream(model=MODEL, messages=ASK, temperature=0, **asked) as stream:
            for _ in stream:
                pass
            streamed = stream.get_final_completion().choices[0].message.tool_calls[0]
        self.assertEqual(streamed.function.arguments, call.function.arguments)

    def test_the_answer_to_a_call_is_read(self):
        call = {"id": "c1", "type": "function", "function": {"name": "get_time", "arguments": "{}"}}
        turns = ASK + [{"role": "assistant", "content": None, "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c1", "content": "noon"}]
        self.assertTrue(self.chat(messages=turns, tools=functions()).choices[0].message.content)

    def test_structured_output(self):
        answer = self.client.chat.completions.parse(model=MODEL, messages=ASK, response_format=City, max_tokens=300, temperature=0)
        self.assertIsInstance(answer.choices[0].message.parsed, City)

    def test_json_object(self):
        answer = self.chat(response_format={"type": "json_object"}, max_tokens=300)
        self.assertIsInstance(json.loads(answer.choices[0].message.content), dict)

    def test_completions(self):
        answer = self.client.completions.create(model=MODEL, prompt=["Once upon", "The sun"], max_tokens=4, logprobs=1, temperature=0)
        self.assertEqual(len(answer.choices), 2)
        self.assertEqual(len(answer.choices[0].logprobs.tokens), 4)
        chunks = list(self.client.completions.create(model=MODEL, prompt="Once upon", max_tokens=4, temperature=0, stream=True))
        self.assertEqual("".join(c.choices[0].text for c in chunks), answer.choices[0].text)

    def test_responses(self):
        asked = dict(model=MODEL, input=ASK[0]["content"], temperature=0, max_output_tokens=16)
        answer = self.client.responses.create(**asked)
        self.assertIn("Paris", answer.output_text)
        self.assertGreater(answer.usage.output_tokens, 0)
        events = list(self.client.responses.create(**asked, stream=True))
        self.assertEqual(events[0].type, "response.created")
        self.assertEqual("".join(e.delta for e in events if e.type == "response.output_text.delta"), answer.output_text)
        self.assertIn(events[-1].type, ("response.completed", "response.incomplete"))

    def test_responses_call_a_tool(self):
        tools = [{"type": "function", "name": "get_weather", "parameters": WEATHER, "strict": True}]
        asked = dict(model=MODEL, input="Weather?", tools=tools, tool_choice="required", parallel_tool_calls=False, temperature=0)
        call = self.client.responses.create(**asked).output[0]
        self.assertEqual((call.type, call.name), ("function_call", "get_weather"))
        self.assertIn("city", json.loads(call.arguments))
        with self.client.responses.stream(**asked) as stream:
            for _ in stream:
                pass
            self.assertEqual(stream.get_final_response().output[0].arguments, call.arguments)

    def test_responses_follow_a_schema(self):
        answer = self.client.responses.parse(model=MODEL, input="Paris", text_format=City, max_output_tokens=300, temperature=0)
        self.assertIsInstance(answer.output_parsed, City)

    def test_models(self):
        self.assertIn(MODEL, [m.id for m in self.client.models.list()])
        self.assertEqual(self.client.models.retrieve("gpt-4o").id, "gpt-4o")

    def test_errors(self):
        with self.assertRaises(openai.NotFoundError) as unknown:
            self.chat(model="baton-dem")
        self.assertEqual(unknown.exception.code, "model_not_found")
        self.assertIn("baton-demo", unknown.exception.message)
        with self.assertRaises(openai.BadRequestError) as wrong:
            self.chat(extra_body={"temperature": 9})
        self.assertEqual(wrong.exception.param, "temperature")
        with self.assertRaises(openai.BadRequestError) as long:
            self.chat(messages=[{"role": "user", "content": "word " * 5000}])
        self.assertEqual(long.exception.code, "context_length_exceeded")
        with self.assertRaises(openai.InternalServerError) as unserved:
            self.chat(model=UNSERVED)
        self.assertEqual((unserved.exception.status_code, unserved.exception.code), (503, "service_unavailable"))

    def test_errors_of_keys(self):
        with self.assertRaises(openai.AuthenticationError) as nobody:
            openai.OpenAI(base_url=URL + "/v1", api_key="wrong", max_retries=0).models.list()
        self.assertEqual(nobody.exception.code, "invalid_api_key")
        limited = openai.OpenAI(base_url=URL + "/v1", api_key=LIMITED_KEY, max_retries=0)
        with self.assertRaises(openai.RateLimitError) as often:
            for _ in range(3):
                limited.chat.completions.create(model=MODEL, messages=ASK, max_tokens=1)
        self.assertEqual(often.exception.code, "rate_limit_exceeded")
        self.assertGreater(int(often.exception.response.headers["retry-after"]), 0)


class Anthropic(unittest.TestCase):
    def setUp(self):
        self.client = anthropic.Anthropic(base_url=URL, api_key=KEY, max_retries=0)
        self.addCleanup(self.client.close)
        # Newer clients do not know temperature any more; the API still takes it.
        self.ask = dict(model=MODEL, messages=ASK, max_tokens=16, extra_body={"temperature": 0})

    def test_message(self):
        message = self.client.messages.create(**self.ask, system="Be brief.")
        self.assertEqual(message.content[0].type, "text")
        self.assertIn(message.stop_reason, ("end_turn", "max_tokens"))
        self.assertGreater(message.usage.output_tokens, 0)

    def test_streamed_message(self):
        with self.client.messages.stream(**self.ask) as stream:
            text = "".join(stream.text_stream)
            final = stream.get_final_message()
        self.assertEqual(text, final.content[0].text)
        self.assertEqual(text, self.client.messages.create(**self.ask).content[0].text)
        self.assertIn("Paris", text)

    def test_stop_sequence(self):
        text = self.client.messages.create(**self.ask).content[0].text
        stopped = self.client.messages.create(**self.ask, stop_sequences=[text[5:9]])
        self.assertEqual((stopped.stop_reason, stopped.stop_sequence), ("stop_sequence", text[5:9]))

    def test_tools_are_taken(self):
        tools = [{"name": "get_weather", "input_schema": WEATHER}]
        self.assertTrue(self.client.messages.create(**self.ask, tools=tools).content)

    def test_a_tool_that_must_be_used_is(self):
        tools = [{"name": "get_weather", "input_schema": WEATHER}, {"name": "get_time", "input_schema": TIME}]
        for kind in ({"type": "any"}, {"type": "tool", "name": "get_weather"}):
            asked = {**self.ask, "max_tokens": 200, "tools": tools, "tool_choice": {**kind, "disable_parallel_tool_use": True}}
            message = self.client.messages.create(**asked)
            self.assertEqual(message.stop_reason, "tool_use")
            self.assertEqual([block.type for block in message.content], ["tool_use"])
            with self.client.messages.stream(**asked) as stream:
                final = stream.get_final_message()
            self.assertEqual(final.content[0].input, message.content[0].input)

    def test_count_tokens(self):
        self.assertGreater(self.client.messages.count_tokens(model=MODEL, messages=ASK).input_tokens, 5)

    def test_errors(self):
        with self.assertRaises(anthropic.NotFoundError):
            self.client.messages.create(**{**self.ask, "model": "nobody"})
        with self.assertRaises(anthropic.BadRequestError):
            self.client.messages.create(**{**self.ask, "messages": [{"role": "owner", "content": "x"}]})
        with self.assertRaises(anthropic.AuthenticationError):
            anthropic.Anthropic(base_url=URL, api_key="wrong", max_retries=0).messages.create(**self.ask)
        with self.assertRaises(anthropic.APIStatusError) as unserved:
            self.client.messages.create(**{**self.ask, "model": UNSERVED})
        self.assertEqual(unserved.exception.body["error"]["type"], "overloaded_error")


if __name__ == "__main__":
    unittest.main()
