import { once } from "node:events";
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";

/** A request to `/mcp`. */
export type McpCall = { headers: Record<string, string>; body: object };

const connections = 50;

/**
 * Sends calls over 50 connections, each one's body a millisecond after its headers, so that other requests are
 * admitted in between.
 * @returns what each was answered, in the order of the calls, and how many began while others were under way.
 */
export async function callInterleaved(t: Test, mcpUrl: string, calls: readonly McpCall[]) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  t.teardown(() => agent.destroy());
  const waiting = calls.entries();
  const answers = new Map<number, ReturnType<typeof JSON.parse>>();
  let underWay = 0;
  let overlapped = 0;
  async function sendOn(): Promise<void> {
    for (const [i, call] of waiting) {
      if (++underWay > 1) overlapped++;
      answers.set(i, await postInTwo(`${mcpUrl}/mcp`, agent, call));
      underWay--;
    }
  }
  await Promise.all(Array.from({ length: connections }, sendOn));
  return { answers: calls.map((_, i) => answers.get(i)), overlapped };
}

async function postInTwo(url: string, agent: Agent, { headers, body }: McpCall) {
  const sent = request(url, {
    method: "POST",
    agent,
    headers: { ...headers, "content-type": "application/json" },
  });
  sent.flushHeaders();
  const answered = once(sent, "response");
  await sleep(1);
  sent.end(JSON.stringify(body));
  const [response] = await answered;
  return JSON.parse(await text(response));
}
