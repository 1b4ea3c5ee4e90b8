import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import t, { type Test } from "tap";
import { loadEvals } from "../../evals/conversation.ts";
import { chooseLanguageModel } from "../../evals/model/choose-language-model.ts";
import { converseAll } from "../../evals/model/converse.ts";
import type { LanguageModel } from "../../evals/model/language-model.ts";
import { parseOptions } from "../../evals/options.ts";
import { toModelReport } from "../../evals/report.ts";
import { openWorld } from "../../evals/world.ts";
import { runScript } from "../support/command.ts";

/** One answer of the model. */
type Reply = { say: string } | { call: string; args: object };

type Asked = { url: string; headers: IncomingMessage["headers"]; body: Record<string, unknown> };

/** A vendor's API on this machine, whose model gives these replies in turn and then repeats the last one. */
async function startVendor(
  t: Test,
  toAnswer: (reply: Reply, id: string) => object,
  replies: readonly Reply[],
) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    asked.push({
      url: request.url ?? "",
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()),
    });
    const reply = replies[asked.length - 1] ?? replies.at(-1);
    response.setHeader("content-type", "application/json");
    if (reply === undefined) response.statusCode = 529;
    response.end(
      JSON.stringify(reply === undefined ? { error: "overloaded" } : toAnswer(reply, `c${asked.length}`)),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.teardown(() => server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const anthropicAnswer = (reply: Reply, id: string) =>
  "say" in reply
    ? { stop_reason: "end_turn", content: [{ type: "text", text: reply.say }] }
    : {
        stop_reason: "tool_use",
        content: [
          { type: "text", text: "Un momento." },
          { type: "tool_use", id, name: reply.call, input: reply.args },
        ],
      };

const openAiAnswer = (reply: Reply, id: string) => {
  const called = (name: string, args: object) => [
    { id, type: "function", function: { name, arguments: JSON.stringify(args) } },
  ];
  const message =
    "say" in reply ? { content: reply.say } : { content: null, tool_calls: called(reply.call, reply.args) };
  return { choices: [{ message: { role: "assistant", ...message } }] };
};

const askForSlots: Reply = {
  call: "get_available_slots",
  args: { date_iso: "2027-01-18", service: "corte" },
};
const book: Reply = {
  call: "book",
  args: {
    start_iso: "2027-01-18T10:00:00-05:00",
    service: "corte",
    attendee_name: "Ana Ruiz",
    attendee_phone: "+573001234567",
  },
};
const goodReplies = [askForSlots, { say: "Lunes 18 a las 10, ¿confirmo?" }, book, { say: "Listo." }];

async function converseOnce(t: Test, model: LanguageModel | undefined, id = "es-manana-a-las-diez") {
  if (model === undefined) throw new Error("no model was chosen");
  const { conversations, businesses } = loadEvals();
  const chosen = { businesses, conversations: conversations.filter((one) => one.id === id) };
  const [result] = await converseAll(await openWorld(t), chosen, model, "fake");
  if (result === undefined) throw new Error("there was no conversation");
  return result;
}

t.test(
  "a model of Anthropic's shape gets the whole prompt, calls tools, and the bookings it leaves are checked",
  async (t) => {
    const { asked, url } = await startVendor(t, anthropicAnswer, goodReplies);
    const model = chooseLanguageModel("claude-test", { ANTHROPIC_API_KEY: "k1", ANTHROPIC_BASE_URL: url });
    const result = await converseOnce(t, model);
    t.strictSame(result.problems, []);
    t.strictSame(
      result.calls.map(({ tool }) => tool),
      ["get_available_slots", "book"],
    );
    t.match(toModelReport([result]), /language +conversations +passed +failed\nes +1 +1 +0/);

    const [first, second, third, fourth] = asked;
    t.equal(asked.length, 4, "it ends once the expected bookings are there");
    t.match(first, {
      url: "/v1/messages",
      headers: { "x-api-key": "k1", "anthropic-version": "2023-06-01" },
      body: { model: "claude-test", max_tokens: Number, system: /llama a book/ },
    });
    t.match(first?.body.system, "Today is Sunday 2027-01-17.");
    t.match(first?.body.tools, { length: 6, 0: { name: String, input_schema: { type: "object" } } });
    t.match(first?.body.messages, [{ role: "user", content: /mañana a las 10/ }]);
    t.match(second?.body.messages, {
      1: { role: "assistant", content: [{ type: "text" }, { type: "tool_use", id: "c1" }] },
      2: {
        role: "user",
        content: [{ type: "tool_result", tool_use_id: "c1", content: /"slots"/, is_error: false }],
      },
    });
    t.match(third?.body.messages, { 4: { role: "user", content: /A nombre de Ana Ruiz/ } });
    t.match(fourth?.body.messages, { 6: { content: [{ content: /"status":"confirmed"/ }] } });
  },
);

t.test("a model of OpenAI's shape does the same", async (t) => {
  const { asked, url } = await startVendor(t, openAiAnswer, goodReplies);
  const model = chooseLanguageModel("some-model", { OPENAI_API_KEY: "k2", OPENAI_BASE_URL: `${url}/v1` });
  t.strictSame((await converseOnce(t, model)).problems, []);
  const [first, second] = asked;
  t.match(first, {
    url: "/v1/chat/completions",
    headers: { authorization: "Bearer k2" },
    body: {
      model: "some-model",
      messages: [{ role: "system", content: /llama a book/ }, { role: "user" }],
    },
  });
  t.match(first?.body.tools, {
    length: 6,
    0: { type: "function", function: { name: String, parameters: { type: "object" } } },
  });
  t.match(second?.body.messages, {
    2: { role: "assistant", tool_calls: [{ id: "c1", function: { name: "get_available_slots" } }] },
    3: { role: "tool", tool_call_id: "c1", content: /"slots"/ },
  });
});

t.test("a model's mistakes are reported: false statements, unknown tools, repetition, errors", async (t) => {
  const converseWith = async (replies: readonly Reply[], id?: string) => {
    const { url, asked } = await startVendor(t, anthropicAnswer, replies);
    const model = chooseLanguageModel("m", { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: url });
    return { asked, ...(await converseOnce(t, model, id)) };
  };
  const untrue = await converseWith([{ say: "¡Listo, reservado!" }]);
  t.match(untrue.problems, [/^not booked: 2027-01-18T15:00/]);
  t.equal(untrue.asked.length, 4, "two sentences, and insisting twice");
  const last = untrue.asked.at(-1)?.body.messages as object[];
  t.match(last.at(-1), { role: "user", content: "Sí, por favor." });

  const inventing = await converseWith([{ call: "create_event", args: {} }, ...goodReplies]);
  t.strictSame(inventing.problems, []);
  t.match(inventing.asked[1]?.body.messages, { 2: { content: [{ is_error: true, content: /no tool/ }] } });

  const repeating = await converseWith([askForSlots]);
  t.match(repeating.problems, [/didn't come to an end in 20 turns/, /^not booked/]);
  t.equal(repeating.asked.length, 20);

  t.match((await converseWith([])).problems, [/it broke off: the model answered 529/, /^not booked/]);

  const late = await converseWith([askForSlots, book, { say: "Esa ya la tomaron." }], "es-se-la-ganaron");
  t.strictSame(
    late.calls.map(({ code }) => code),
    [undefined, "slot_taken"],
    "an external change comes before the tool of its call",
  );
});

t.test("both keys: the model's name decides; none: nobody is asked", async (t) => {
  const keys = { ANTHROPIC_API_KEY: "a", OPENAI_API_KEY: "b" };
  const answerOf = async (name: string) => {
    const anthropic = await startVendor(t, anthropicAnswer, [{ say: "a" }]);
    const openAi = await startVendor(t, openAiAnswer, [{ say: "o" }]);
    const urls = { ANTHROPIC_BASE_URL: anthropic.url, OPENAI_BASE_URL: openAi.url };
    const model = chooseLanguageModel(name, { ...keys, ...urls });
    return (await model?.generate({ system: "", tools: [], turns: [{ by: "person", text: "?" }] }))?.text;
  };
  t.equal(await answerOf("claude-x"), "a");
  t.equal(await answerOf("gpt-x"), "o");
  t.equal(chooseLanguageModel("claude-x", { OPENAI_API_KEY: "" }), undefined);
});

t.test("the command says what it can't do", async (t) => {
  const command = runScript(t, "evals/run.ts", {
    cwd: process.cwd(),
    env: {},
    args: ["--model", "claude-x"],
  });
  t.equal(await command.ended, 2);
  t.match(
    command.output(),
    /^No model was asked: that takes --model and, in the environment, ANTHROPIC_API_KEY/,
  );
  const read = (...args: string[]) => parseOptions(args, loadEvals());
  t.match(read("--only", "nobody"), /^There is no conversation "nobody"/);
  t.match(read("--agent", "nobody"), /^There is no agent "nobody": choose from .*a-day-off/);
  t.match(read("--some"), /^Unknown option/);
  t.match(read("--only", "es-cancelar", "--agent", "no-offset"), { only: "es-cancelar", agent: "no-offset" });
});

t.test("the command holds a conversation with a model, and exits 1 where it went wrong", async (t) => {
  const run = async (replies: readonly Reply[]) => {
    const { url } = await startVendor(t, openAiAnswer, replies);
    const env = { OPENAI_API_KEY: "a-key-of-a-test", OPENAI_BASE_URL: url };
    const args = ["--model", "some-model", "--only", "es-manana-a-las-diez"];
    const command = runScript(t, "evals/run.ts", { cwd: process.cwd(), env, args });
    const code = await command.ended;
    t.notMatch(command.output(), "a-key-of-a-test");
    return { code, output: command.output() };
  };
  t.match(await run(goodReplies), { code: 0, output: /topic +conversations +passed +failed\ndays +1 +1 +0/ });
  t.match(await run([{ say: "Listo." }]), {
    code: 1,
    output: /es-manana-a-las-diez, some-model:\n {2}not booked/,
  });
});
