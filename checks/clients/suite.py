"""What people's own code does with the official clients. Needs BATON_URL; run.py sets it."""
import os
import unittest

import anthropic
import openai

URL = os.environ["BATON_URL"]
MODEL = "baton-demo"
ASK = [{"role": "user", "content": "What is the capital of France?"}]
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


class OpenAi(unittest.TestCase):
    def setUp(self):
        self.client = openai.OpenAI(base_url=URL + "/v1", api_key="none", max_retries=0)
        self.addCleanup(self.client.close)

    def chat(self, **more):
        return self.client.chat.completions.create(model=MODEL, messages=ASK, temperature=0, max_tokens=16, **more)

    def test_chat(self):
        answer = self.chat()
        self.assertIn("Paris", answer.choices[0].message.content)
        self.assertEqual(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens)
        self.assertTrue(answer.system_fingerprint.startswith("fp_"))

    def test_streamed_chat_with_usage(self):
        chunks = list(self.chat(stream=True, stream_options={"include_usage": True}))
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        self.assertEqual(text, self.chat().choices[0].message.content)
        self.assertGreater(chunks[-1].usage.completion_tokens, 0)
        self.assertEqual(chunks[-1].choices, [])

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
        tools = [{"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}}]
        for choice in ("auto", "none"):
            self.assertTrue(self.chat(tools=tools, tool_choice=choice).choices)

    def test_completions(self):
        answer = self.client.completions.create(model=MODEL, prompt=["Once upon", "The sun"], max_tokens=4, logprobs=1, temperature=0)
        self.assertEqual(len(answer.choices), 2)
        self.assertEqual(len(answer.choices[0].logprobs.tokens), 4)

    def test_responses(self):
        answer = self.client.responses.create(model=MODEL, input=ASK[0]["content"], temperature=0, max_output_tokens=16)
        self.assertIn("Paris", answer.output_text)
        events = list(self.client.responses.create(model=MODEL, input=ASK[0]["content"], temperature=0, max_output_tokens=16, stream=True))
        self.assertEqual(events[0].type, "response.created")
        self.assertEqual("".join(e.delta for e in events if e.type == "response.output_text.delta"), answer.output_text)
        self.assertIn(events[-1].type, ("response.completed", "response.incomplete"))

    def test_models(self):
        self.assertIn(MODEL, [m.id for m in self.client.models.list()])
        self.assertEqual(self.client.models.retrieve("gpt-4o").id, "gpt-4o")

    def test_errors(self):
        with self.assertRaises(openai.NotFoundError) as unknown:
            self.client.chat.completions.create(model="baton-dem", messages=ASK)
        self.assertEqual(unknown.exception.code, "model_not_found")
        self.assertIn("baton-demo", unknown.exception.message)
        with self.assertRaises(openai.BadRequestError) as wrong:
            self.chat(extra_body={"temperature": 9})
        self.assertEqual(wrong.exception.param, "temperature")
        with self.assertRaises(openai.BadRequestError) as long:
            self.client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "word " * 5000}])
        self.assertEqual(long.exception.code, "context_length_exceeded")


class Anthropic(unittest.TestCase):
    def setUp(self):
        self.client = anthropic.Anthropic(base_url=URL, api_key="none", max_retries=0)
        self.addCleanup(self.client.close)
        self.ask = dict(model=MODEL, messages=ASK, max_tokens=16, temperature=0)

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

    def test_tools_are_taken(self):
        tools = [{"name": "get_weather", "input_schema": WEATHER}]
        self.assertTrue(self.client.messages.create(**self.ask, tools=tools).content)

    def test_count_tokens(self):
        self.assertGreater(self.client.messages.count_tokens(model=MODEL, messages=ASK).input_tokens, 5)

    def test_errors(self):
        with self.assertRaises(anthropic.NotFoundError):
            self.client.messages.create(**{**self.ask, "model": "nobody"})
        with self.assertRaises(anthropic.BadRequestError):
            self.client.messages.create(**{**self.ask, "messages": [{"role": "owner", "content": "x"}]})


if __name__ == "__main__":
    unittest.main()
