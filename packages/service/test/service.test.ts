import t from "tap";
import { z } from "zod";
import { createLogger, errorBody, readConfig, secretKey } from "../src/index.ts";

t.test("every problem is listed at once, by name, without its value", async (t) => {
  const schema = z.object({ A_KEY: secretKey, B_KEY: secretKey, PORT: z.coerce.number("must be a port") });
  const error = t.throws(() => readConfig(schema, { A_KEY: "hunter2", B_KEY: "", PORT: "none" }), {
    code: "config_invalid",
    problems: [/^A_KEY is too weak/, "B_KEY is required", "PORT must be a port"],
  });
  t.notMatch(String(error), "hunter2");
  t.notMatch(String(error), "none");
});

t.test("an error is logged by type, code, message and cause; what it carries besides is not", async (t) => {
  const lines: string[] = [];
  const logger = createLogger("info", { write: (line) => lines.push(line) });
  const cause = Object.assign(new Error("socket closed"), {
    code: "ECONNRESET",
    config: { authorization: "Bearer ya29" },
  });
  const error = Object.assign(new Error("refresh failed", { cause }), {
    response: { refresh_token: "1//x" },
    statusCode: 502,
  });
  logger.warn({
    err: error,
    req: { method: "GET", url: "/oauth/callback?code=4/x", routeOptions: { url: "/oauth/callback" } },
  });
  t.match(JSON.parse(lines[0] ?? ""), {
    err: { type: "Error", message: "refresh failed", statusCode: 502, cause: { code: "ECONNRESET" } },
    req: { method: "GET", route: "/oauth/callback" },
  });
  for (const secret of ["ya29", "1//x", "4/x"]) t.notMatch(lines[0], secret);
});

t.test("an error of ours tells nothing; a caller's tells what and keeps its code", async (t) => {
  t.strictSame(errorBody(new Error("password is hunter2")), {
    statusCode: 500,
    code: "internal_error",
    error: "Internal Server Error",
    message: "Something went wrong on our side. The log says what.",
  });
  t.match(errorBody({ statusCode: 404, code: "unknown_customer", message: "Nobody." }), {
    statusCode: 404,
    code: "unknown_customer",
    error: "Not Found",
    message: "Nobody.",
  });
});
