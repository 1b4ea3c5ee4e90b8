import { once } from "node:events";
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import { bearer, callSlots, connectBoth, makeKey, openWorld, ownerOf, toolCall } from "./agent-key-calls.ts";
import { callWith, makeKey as makeAttendeeKey, mondayAt } from "./attendee-calls.ts";
import { readToolResult } from "./world.ts";

type ToolResult = ReturnType<typeof readToolResult>;

/** A call of the tools, and what is wrong with its result, if anything. */
type Call = {
  readonly headers: Record<string, string>;
  readonly body: object;
  judge(result: ToolResult): string | undefined;
};

/** `crossed`: what was wrong. `overlapped`: how many calls began while others were under way. */
export type Interleaved = { readonly crossed: string[]; readonly overlapped: number };

const atOnce = 50;

/**
 * Sends calls, fifty at a time. The body of each is sent a millisecond after its headers, so that other requests
 * are admitted in between.
 */
async function interleave(t: Test, mcpUrl: string, calls: number, callAt: (i: number) => Call) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  t.teardown(() => agent.destroy());
  const crossed: string[] = [];
  let [next, underWay, overlapped] = [0, 0, 0];
  async function callOn(): Promise<void> {
    for (let i = next++; i < calls; i = next++) {
      if (++underWay > 1) overlapped++;
      const { headers, body, judge } = callAt(i);
      const all = { ...headers, "content-type": "application/json" };
      const sent = request(`${mcpUrl}/mcp`, { method: "POST", agent, headers: all });
      sent.flushHeaders();
      const answered = once(sent, "response");
      await sleep(1);
      sent.end(JSON.stringify(body));
      const [response] = await answered;
      underWay--;
      const wrong = judge(readToolResult(JSON.parse(await text(response)).result));
      if (wrong !== undefined) crossed.push(wrong);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, callOn));
  return { crossed, overlapped };
}

/** Two customers' calls, with a key of each and the platform's. */
export async function interleaveTenants(t: Test, calls: number): Promise<Interleaved> {
  const world = await openWorld(t);
  await connectBoth(world);
  const platform: string = (await makeKey(world)).key;
  const tenants: { customer: string; key: string }[] = [];
  for (const customer of ["luna", "sol"]) {
    tenants.push({ customer, key: (await makeKey(world, customer)).key });
  }
  return interleave(t, world.mcpUrl, calls, (i) => {
    const { customer = "", key = "" } = tenants[i % tenants.length] ?? {};
    const headers = i % 3 === 0 ? { ...bearer(platform), "x-customer-id": customer } : bearer(key);
    const judge = ({ answer }: ToolResult) => {
      const seen = ownerOf(answer);
      return seen === customer ? undefined : `${customer} saw ${seen}`;
    };
    return { headers, body: callSlots, judge };
  });
}

const people = [
  { name: "Ana", headers: { "x-attendee-phone": "+57 300 123 4567" } },
  { name: "Bea", headers: { "x-attendee-ref": "tg:bea" } },
  { name: "Cleo", headers: { "x-attendee-phone": "+57 322 222 2222", "x-attendee-ref": "tg:cleo" } },
] as const;

/** Three persons' calls under one key: each lists appointments, and now and then tries to cancel another's. */
export async function interleavePersons(t: Test, calls: number): Promise<Interleaved> {
  const world = await openWorld(t, { GOOGLE_USER_QUOTA: "100000", GOOGLE_PROJECT_QUOTA: "100000" });
  await world.connected("luna");
  const key = await makeAttendeeKey(world, "luna", "attendee");
  const ids: string[] = [];
  for (const [i, { name, headers }] of people.entries()) {
    const args = { start_iso: mondayAt(i), attendee_name: name };
    const { answer } = await callWith(world, { ...key, ...headers }, "book", args);
    ids.push(answer.booking_id);
  }
  return interleave(t, world.mcpUrl, calls, (i) => {
    const who = i % people.length;
    const { name, headers } = people[who] ?? people[0];
    const cancels = i % 5 === 0;
    const body = cancels
      ? toolCall("cancel_booking", { booking_id: ids[(who + 1) % ids.length] })
      : toolCall("list_bookings", { attendee_phone: people[0].headers["x-attendee-phone"] });
    const judge = ({ answer, error }: ToolResult) => {
      const names = (answer?.bookings ?? []).map(
        (booking: { attendee_name: string }) => booking.attendee_name,
      );
      const seen = error?.code ?? names.join();
      return seen === (cancels ? "booking_not_found" : name) ? undefined : `${name} got ${seen}`;
    };
    return { headers: { ...key, ...headers }, body, judge };
  });
}
