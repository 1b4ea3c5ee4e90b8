import type { FastifyRequest } from "fastify";
import type { Fault } from "./faults.ts";

type Answer = Pick<Fault, "body" | "headers" | "status_text">;

/** A fault's answer with what it quotes of the request filled in. */
export function fillEcho({ body, headers, status_text }: Answer, request: FastifyRequest): Answer {
  const quoted: Readonly<Record<string, string>> = {
    authorization: request.headers.authorization ?? "",
    body: typeof request.body === "object" ? JSON.stringify(request.body) : String(request.body),
    url: request.url,
  };
  const fill = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name) => quoted[name] ?? whole);
  return {
    body:
      typeof body === "string"
        ? fill(body)
        : body &&
          JSON.parse(JSON.stringify(body), (_, value) => (typeof value === "string" ? fill(value) : value)),
    headers:
      headers && Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)])),
    status_text: status_text && fill(status_text),
  };
}
