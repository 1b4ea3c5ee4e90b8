import type { FastifyReply } from "fastify";

/** What a provider answers. Who makes it knows no server. */
export type Answer =
  | {
      readonly kind: "json";
      readonly status: number;
      readonly body: object;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "page"; readonly status: number; readonly html: string }
  | { readonly kind: "redirect"; readonly url: string };

export const jsonAnswer = (body: object): Answer => ({ kind: "json", status: 200, body });

export function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.header("cache-control", "no-store");
  if (answer.kind === "redirect") return reply.redirect(answer.url, 302);
  if (answer.kind === "page")
    return reply.code(answer.status).type("text/html; charset=utf-8").send(answer.html);
  return reply
    .code(answer.status)
    .headers(answer.headers ?? {})
    .send(answer.body);
}
