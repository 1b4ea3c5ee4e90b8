import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import t, { type Test } from "tap";
import { loadEvals } from "../../evals/conversation.ts";
import { chooseProvider } from "../../evals/model/choose-provider.ts";
import { converseAll } from "../../evals/model/converse-all.ts";
import type { Provider } from "../../evals/model/provider.ts";
import { openWorld } from "../../evals/open-world.ts";
import { readOptions } from "../../evals/options.ts";
import { toModelReport } from "../../evals/report.ts";
import { runScript } from "../support/command.ts";

/** What the model does when it is its turn. */
type Move = { say: string } | { call: string; args: object };

type Asked = { url: string; headers: IncomingMessage["headers"]; body: Record<string, unknown> };

/** A vendor's API on this machine, whose model makes these moves one after another, then the last one for ever. */
async function startVendor(t: Test, toAnswer: (move: Move, id: string) => object, moves: readonly Move[]) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    asked.push({
      url: request.url ?? "",
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()),
    });
    const move = moves[asked.length - 1] ?? moves.at(-1);
    response.setHeader("content-type", "application/json");
    if (move === undefined) response.statusCode = 529;
    response.end(
      JSON.stringify(move === undefined ? { error: "overloaded" } : toAnswer(move, `c${asked.length}`)),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.teardown(() => server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const anthropicAnswer = (move: Move, id: string) =>
  "say" in move
    ? { stop_reason: "end_turn", content: [{ type: "text", text: move.say }] }
    : {
        stop_reason: "tool_use",
        content: [
          { type: "text", text: "Un momento." },
          { type: "tool_use", id, name: move.call, input: move.args },
        ],
      };

const openAiAnswer = (move: Move, id: string) => {
  const called = (name: string, args: object) => [
    { id, type: "function", function: { name, arguments: JSON.stringify(args) } },
  ];
  const message =
    "say" in move ? { content: move.say } : { content: null, tool_calls: called(move.call, move.args) };
  return { choices: [{ message: { role: "assistant", ...message } }] };
};

const look: Move = { call: "get_available_slots", args: { date_iso: "2027-01-18", service: "corte" } };
const book: Move = {
  call: "book",
  args: {
    start_iso: "2027-01-18T10:00:00-05:00",
    service: "corte",
    attendee_name: "Ana Ruiz",
    attendee_phone: "+573001234567",
  },
};
const goodMoves = [look, { say: "Lunes 18 a las 10, ¿confirmo?" }, book, { say: "Listo." }];

async function converseOnce(t: Test, provider: Provider | undefined, id = "es-manana-a-las-diez") {
  if (provider === undefined) throw new Error("no provider was chosen");
  const { conversations, businesses } = loadEvals();
  const chosen = { businesses, conversations: conversations.filter((one) => one.id === id) };
  const [played] = await converseAll(await openWorld(t), chosen, provider, "fake");
  if (played === undefined) throw new Error("nothing was played");
  return played;
}

t.test(
  "a model of Anthropic's shape is told everything, calls tools, and what it leaves is checked",
  async (t) => {
    const { asked, url } = await startVendor(t, anthropicAnswer, goodMoves);
    const provider = chooseProvider("claude-test", { ANTHROPIC_API_KEY: "k1", ANTHROPIC_BASE_URL: url });
    const played = await converseOnce(t, provider);
    t.strictSame(played.problems, []);
    t.strictSame(
      played.calls.map(({ tool }) => tool),
      ["get_available_slots", "book"],
    );
    t.match(toModelReport([played]), /language +conversations +passed +failed\nes +1 +1 +0/);

    const [first, second, third, fourth] = asked;
    t.equal(asked.length, 4, "it ends when what was wanted is done");
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
  const { asked, url } = await startVendor(t, openAiAnswer, goodMoves);
  const provider = chooseProvider("some-model", { OPENAI_API_KEY: "k2", OPENAI_BASE_URL: `${url}/v1` });
  t.strictSame((await converseOnce(t, provider)).problems, []);
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

t.test("what a model does wrong is told: claims, refusals, circles, silence", async (t) => {
  const play = async (moves: readonly Move[], id?: string) => {
    const { url, asked } = await startVendor(t, anthropicAnswer, moves);
    const provider = chooseProvider("m", { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: url });
    return { asked, ...(await converseOnce(t, provider, id)) };
  };
  const claims = await play([{ say: "¡Listo, reservado!" }]);
  t.match(claims.problems, [/^not booked: 2027-01-18T15:00/]);
  t.equal(claims.asked.length, 4, "two sentences, and insisting twice");
  const last = claims.asked.at(-1)?.body.messages as object[];
  t.match(last.at(-1), { role: "user", content: "Sí, por favor." });

  const invents = await play([{ call: "create_event", args: {} }, ...goodMoves]);
  t.strictSame(invents.problems, []);
  t.match(invents.asked[1]?.body.messages, { 2: { content: [{ is_error: true, content: /no tool/ }] } });

  const circles = await play([look]);
  t.match(circles.problems, [/didn't come to an end in 20 turns/, /^not booked/]);
  t.equal(circles.asked.length, 20);

  t.match((await play([])).problems, [/it broke off: the model answered 529/, /^not booked/]);

  const late = await play([look, book, { say: "Esa ya la tomaron." }], "es-se-la-ganaron");
  t.strictSame(
    late.calls.map(({ code }) => code),
    [undefined, "slot_taken"],
    "what happens meanwhile happens before the same tool",
  );
});

t.test("both keys: the model's name decides; none: nobody is asked", async (t) => {
  const keys = { ANTHROPIC_API_KEY: "a", OPENAI_API_KEY: "b" };
  const at = async (model: string) => {
    const anthropic = await startVendor(t, anthropicAnswer, [{ say: "a" }]);
    const openAi = await startVendor(t, openAiAnswer, [{ say: "o" }]);
    const urls = { ANTHROPIC_BASE_URL: anthropic.url, OPENAI_BASE_URL: openAi.url };
    const provider = chooseProvider(model, { ...keys, ...urls });
    return (await provider?.next({ system: "", tools: [], turns: [{ by: "person", text: "?" }] }))?.text;
  };
  t.equal(await at("claude-x"), "a");
  t.equal(await at("gpt-x"), "o");
  t.equal(chooseProvider("claude-x", { OPENAI_API_KEY: "" }), undefined);
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
  const read = (...args: string[]) => readOptions(args, loadEvals());
  t.match(read("--only", "nobody"), /^There is no conversation "nobody"/);
  t.match(read("--agent", "nobody"), /^There is no agent "nobody": choose from .*a-day-off/);
  t.match(read("--some"), /^Unknown option/);
  t.match(read("--only", "es-cancelar", "--agent", "no-offset"), { only: "es-cancelar", agent: "no-offset" });
});

t.test("the command holds a conversation with a model, and exits 1 where it went wrong", async (t) => {
  const run = async (moves: readonly Move[]) => {
    const { url } = await startVendor(t, openAiAnswer, moves);
    const env = { OPENAI_API_KEY: "a-key-of-a-test", OPENAI_BASE_URL: url };
    const args = ["--model", "some-model", "--only", "es-manana-a-las-diez"];
    const command = runScript(t, "evals/run.ts", { cwd: process.cwd(), env, args });
    const code = await command.ended;
    t.notMatch(command.output(), "a-key-of-a-test");
    return { code, output: command.output() };
  };
  t.match(await run(goodMoves), { code: 0, output: /topic +conversations +passed +failed\ndays +1 +1 +0/ });
  t.match(await run([{ say: "Listo." }]), {
    code: 1,
    output: /es-manana-a-las-diez, some-model:\n {2}not booked/,
  });
});
