import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

export type HttpRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type HttpAnswer = { readonly status: number; readonly text: string };

/** One kept connection, so that no timed request includes connecting. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** By `node:http` and not `fetch`: the client's own work is part of every measured time. */
export async function send({ method, url, headers = {}, body }: HttpRequest): Promise<HttpAnswer> {
  const sent = request(url, { method, headers, agent });
  sent.end(body);
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, text: await text(answer) };
}

/** @throws where the status isn't 200 */
export async function sendJson(httpRequest: HttpRequest): Promise<unknown> {
  const answer = await send(httpRequest);
  if (answer.status !== 200) throw new Error(`${httpRequest.url} answered ${answer.status}: ${answer.text}`);
  return JSON.parse(answer.text);
}
