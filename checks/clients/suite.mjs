// What people's own code does with the official Node clients. run.py starts the fleet and sets what is read here.
import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const { BATON_URL: url, BATON_KEY: apiKey } = process.env;
const model = "baton-demo";
const messages = [{ role: "user", content: "What is the capital of France?" }];
const weather = {
  type: "object",
  properties: { city: { type: "string", maxLength: 12 } },
  required: ["city"],
  additionalProperties: false,
};
const tools = [{ type: "function", function: { name: "get_weather", parameters: weather } }];

const openai = new OpenAI({ baseURL: url + "/v1", apiKey, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
const chat = (more = {}) => openai.chat.completions.create({ model, messages, temperature: 0, max_tokens: 16, ...more });
const ask = { model, messages, max_tokens: 16, temperature: 0 };

test("chat, whole and streamed, with usage", async () => {
  const whole = await chat();
  assert.match(whole.choices[0].message.content, /Paris/);
  let text = "";
  let usage;
  for await (const chunk of await chat({ stream: true, stream_options: { include_usage: true } })) {
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.deepEqual(usage.completion_tokens, whole.usage.completion_tokens);
});

test("choices, log-probabilities and stop strings", async () => {
  assert.equal((await chat({ n: 2 })).choices.length, 2);
  const { message, logprobs } = (await chat({ logprobs: true, top_logprobs: 2 })).choices[0];
  assert.equal(logprobs.content.map((t) => t.token).join(""), message.content);
  const stop = message.content.slice(5, 9);
  assert.equal((await chat({ stop })).choices[0].message.content, message.content.split(stop)[0]);
});

test("a call that must be made is made, and streamed", async () => {
  const asked = { tools, tool_choice: "required", parallel_tool_calls: false, max_tokens: 200 };
  const choice = (await chat(asked)).choices[0];
  assert.equal(choice.finish_reason, "tool_calls");
  const call = choice.message.tool_calls[0].function;
  assert.equal(typeof JSON.parse(call.arguments).city, "string");
  const stream = openai.chat.completions.stream({ model, messages, temperature: 0, ...asked });
  const final = await stream.finalChatCompletion();
  assert.equal(final.choices[0].message.tool_calls[0].function.arguments, call.arguments);
});

test("structured output", async () => {
  const response_format = { type: "json_schema", json_schema: { name: "w", strict: true, schema: weather } };
  const answer = await chat({ response_format, max_tokens: 200 });
  assert.deepEqual(Object.keys(JSON.parse(answer.choices[0].message.content)), ["city"]);
});

test("responses, whole and streamed, with tools", async () => {
  const asked = { model, input: messages[0].content, temperature: 0, max_output_tokens: 16 };
  const whole = await openai.responses.create(asked);
  assert.match(whole.output_text, /Paris/);
  let text = "";
  for await (const event of await openai.responses.create({ ...asked, stream: true })) {
    text += event.type === "response.output_text.delta" ? event.delta : "";
  }
  assert.equal(text, whole.output_text);
  const named = { type: "function", name: "get_weather" };
  const forced = { model, input: "Weather?", temperature: 0, tool_choice: named, parallel_tool_calls: false };
  const called = await openai.responses.create({ ...forced, tools: [{ ...named, parameters: weather, strict: true }] });
  assert.equal(called.output[0].type, "function_call");
});

test("messages, whole, streamed and with tools", async () => {
  const whole = await anthropic.messages.create(ask);
  assert.match(whole.content[0].text, /Paris/);
  const final = await anthropic.messages.stream(ask).finalMessage();
  assert.equal(final.content[0].text, whole.content[0].text);
  const used = await anthropic.messages.create({
    ...ask,
    max_tokens: 200,
    tools: [{ name: "get_weather", input_schema: weather }],
    tool_choice: { type: "any", disable_parallel_tool_use: true },
  });
  assert.equal(used.stop_reason, "tool_use");
  assert.equal(typeof used.content[0].input.city, "string");
  assert.ok((await anthropic.messages.countTokens({ model, messages })).input_tokens > 5);
});

test("models", async () => {
  const ids = [];
  for await (const one of openai.models.list()) ids.push(one.id);
  assert.ok(ids.includes(model));
});

test("each error is the right exception", async () => {
  const wrongKey = new OpenAI({ baseURL: url + "/v1", apiKey: "wrong", maxRetries: 0 });
  const limited = new OpenAI({ baseURL: url + "/v1", apiKey: process.env.BATON_LIMITED_KEY, maxRetries: 0 });
  await assert.rejects(chat({ model: "baton-dem" }), OpenAI.NotFoundError);
  await assert.rejects(chat({ temperature: 9 }), (e) => e instanceof OpenAI.BadRequestError && e.param === "temperature");
  await assert.rejects(chat({ model: "nobody-serves-it" }), OpenAI.InternalServerError);
  await assert.rejects(wrongKey.models.list(), OpenAI.AuthenticationError);
  await assert.rejects(async () => {
    for (let i = 0; i < 3; i++) await limited.chat.completions.create({ model, messages, max_tokens: 1 });
  }, OpenAI.RateLimitError);
  await assert.rejects(anthropic.messages.create({ ...ask, model: "nobody" }), Anthropic.NotFoundError);
  await assert.rejects(anthropic.messages.create({ ...ask, messages: [] }), Anthropic.BadRequestError);
});
