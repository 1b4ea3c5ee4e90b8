import { connect } from "node:net";
import t from "tap";
import { z } from "zod";
import { createLogger, readConfig, secretKey } from "../src/index.ts";

t.test("every problem is listed at once, by name, without its value", async (t) => {
  const schema = z.object({ A_KEY: secretKey, B_KEY: secretKey, PORT: z.coerce.number("must be a port") });
  const error = t.throws(() => readConfig(schema, { A_KEY: "hunter2", B_KEY: "", PORT: "none" }), {
    code: "config_invalid",
    problems: [/^A_KEY is too weak/, "B_KEY is required", "PORT must be a port"],
  });
  t.notMatch(String(error), "hunter2");
  t.notMatch(String(error), "none");
});

/** What the log says of an error. */
function logged(error: unknown): { text: string; err: Record<string, unknown> } {
  const lines: string[] = [];
  createLogger("info", { write: (line) => lines.push(line) }).warn({ err: error });
  const [text = ""] = lines;
  return { text, err: JSON.parse(text).err };
}

t.test("of an error of others type, code, status and place are logged, and none of its words", async (t) => {
  const token = "ya29.a0AfH6SM-b8x";
  const stacked = `no\n    at ${token} (/srv/${token}.js:1:1)`;
  const foreign: Record<string, unknown> = {
    "an HTTP client's": Object.assign(new Error(`Bearer ${token} was refused`), {
      config: { headers: { authorization: token } },
      response: { data: token },
      status: 403,
    }),
    "fetch's": new TypeError("fetch failed", { cause: new Error(`connect to ${token}`) }),
    "a header's": new TypeError(`Headers.append: "Bearer ${token}" is an invalid header value.`),
    "a parser's": new SyntaxError(`Unexpected token 'y', "${token}" is not valid JSON`),
    "one whose message looks like a stack": new Error(stacked),
    "one whose code quotes": Object.assign(new Error("x"), { code: token }),
    "one whose code quotes in capitals": Object.assign(new Error("x"), { code: `E ${token}` }),
    "one whose name quotes": Object.assign(new Error("x"), { name: `${token}Error` }),
    "one that claims a code of Fastify's": Object.assign(new Error(token), { code: "FST_ERR_X" }),
    "one that claims a code of SQLite's": Object.assign(new Error(token), { code: "SQLITE_BUSY" }),
    "one of Node's that quotes": Object.assign(new TypeError(token), { code: "ERR_INVALID_ARG_TYPE" }),
    "a text": token,
    "a cause in a cause": new Error("a", { cause: new Error("b", { cause: new Error(token) }) }),
    "one whose message was changed": Object.assign(new Error(token), { message: "harmless" }),
    several: new AggregateError([new Error(token)], token),
  };
  for (const [kind, error] of Object.entries(foreign)) t.notMatch(logged(error).text, "ya29", kind);
  const { err } = logged(foreign["an HTTP client's"]);
  t.match(err, { type: "Error", statusCode: 403, message: "(words of others are not logged)" });
  t.match(err.stack, /^ {4}at .*service\.test\.ts:\d+/, "where it was thrown is");
  const violation = Object.assign(new Error(`Key (email)=(${token}) already exists`), { code: "23505" });
  t.match(logged(violation).err, { code: "23505", message: "(words of others are not logged)" });
  t.match(logged(foreign["fetch's"]).err, { type: "TypeError", cause: { type: "Error" } });
});

t.test("our own errors, and those of the platform that quote nobody, say what happened", async (t) => {
  class CalendarError extends Error {
    override readonly name = "CalendarError";
    readonly code = "calendar_unavailable";
  }
  const system = await new Promise<unknown>((resolve) =>
    connect(1, "127.0.0.1").once("error", (error) => resolve(error)),
  );
  t.match(logged(new CalendarError("The calendar can't be used.", { cause: system })).err, {
    type: "CalendarError",
    code: "calendar_unavailable",
    message: "The calendar can't be used.",
    stack: /^CalendarError: /,
    cause: { type: "Error", code: "ECONNREFUSED", message: "connect ECONNREFUSED 127.0.0.1:1" },
  });
  const lines: string[] = [];
  createLogger("info", { write: (line) => lines.push(line) }).warn({
    req: { method: "GET", url: "/oauth/callback?code=4/x", routeOptions: { url: "/oauth/callback" } },
  });
  t.match(JSON.parse(lines[0] ?? ""), { req: { method: "GET", route: "/oauth/callback" } });
  t.notMatch(lines[0], "4/x");
});
