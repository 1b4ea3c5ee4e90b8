import fastify from "fastify";
import t from "tap";
import { answerErrors, serverOptions } from "../src/index.ts";

class UnknownCustomer extends Error {
  readonly statusCode = 404;
  readonly code = "unknown_customer";
}

t.test("an error of ours tells nothing; a caller's tells what and keeps its code", async (t) => {
  const app = fastify(serverOptions(false));
  t.teardown(() => app.close());
  answerErrors(app);
  app.get("/ours", async () => {
    throw new Error("password is hunter2");
  });
  app.get("/callers", async () => {
    throw new UnknownCustomer("Nobody.");
  });
  const ask = async (url: string) => (await app.inject({ url })).json();
  t.strictSame(await ask("/ours"), {
    statusCode: 500,
    code: "internal_error",
    error: "Internal Server Error",
    message: "Something went wrong on our side. The log says what.",
  });
  t.strictSame(await ask("/callers"), {
    statusCode: 404,
    code: "unknown_customer",
    error: "Not Found",
    message: "Nobody.",
  });
  for (const url of ["/nothing?code=secret", "/%E0%A4%A?code=secret"])
    t.strictSame(await ask(url), {
      statusCode: 404,
      code: "not_found",
      error: "Not Found",
      message: "There is nothing here.",
    });
});
