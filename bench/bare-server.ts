import { readFileSync } from "node:fs";
import fastify from "fastify";

/**
 * The ceiling: a JSON-RPC handler on bare Fastify that answers bytes recorded before. It reads the
 * request, knows the method and the tool, and does nothing else.
 */
const [port, answersFile = ""] = process.argv.slice(2);
const answers: ReadonlyMap<string, string> = new Map(
  Object.entries(JSON.parse(readFileSync(answersFile, "utf8"))),
);

type RpcRequest = { method: string; params?: { name?: string } };

const app = fastify();
app.post("/mcp", (request, reply) => {
  const { method, params } = request.body as RpcRequest;
  const answer = answers.get(params?.name ?? method);
  if (answer === undefined) return reply.code(404).send();
  return reply.type("application/json").send(answer);
});
process.once("SIGTERM", () => app.close());
await app.listen({ host: "127.0.0.1", port: Number(port) });
