import type { Test } from "tap";
import {
  bearer,
  callSlots,
  connectBoth,
  type Headers,
  makeKey,
  openWorld,
  ownerOf,
  toolCall,
} from "./agent-key-calls.ts";
import { ana, byPhone, byRef, openForAttendees } from "./attendee-calls.ts";
import { callInterleaved } from "./interleaved-calls.ts";
import type { TestedProvider } from "./tested-provider.ts";
import { readToolResult } from "./world.ts";

/** `crossed`: who got what was another's. `overlapped`: how many calls began while others were under way. */
type Crossed = { readonly crossed: string[]; readonly overlapped: number };

/** Two customers' calls, interleaved, with a key of each and the platform's. */
async function findCrossedCustomers(t: Test, count: number, provider: TestedProvider): Promise<Crossed> {
  const world = await openWorld(t, {}, provider);
  await connectBoth(world);
  const keys: Headers = {
    luna: (await makeKey(world, "luna")).key,
    sol: (await makeKey(world, "sol")).key,
    platform: (await makeKey(world)).key,
  };
  const customerOf = (i: number) => (i % 2 === 0 ? "luna" : "sol");
  const calls = Array.from({ length: count }, (_, i) => ({
    headers:
      i % 3 === 0
        ? { ...bearer(keys.platform ?? ""), "x-customer-id": customerOf(i) }
        : bearer(keys[customerOf(i)] ?? ""),
    body: callSlots,
  }));
  const { answers, overlapped } = await callInterleaved(t, world.mcpUrl, calls);
  const crossed = answers.flatMap(({ result }, i) => {
    const owner = ownerOf(readToolResult(result).answer);
    return owner === customerOf(i) ? [] : [`${customerOf(i)} got ${owner}'s`];
  });
  return { crossed, overlapped };
}

const attendees = [
  { name: "Ana", headers: byPhone(ana) },
  { name: "Bea", headers: byRef("tg:bea") },
  { name: "Cleo", headers: { ...byPhone("+57 322 222 2222"), ...byRef("tg:cleo") } },
] as const;

/** Three attendees' calls under one key, interleaved: each lists, and now and then tries to cancel another's. */
async function findCrossedAttendees(t: Test, count: number, provider: TestedProvider): Promise<Crossed> {
  const variables = { GOOGLE_USER_QUOTA: "100000", GOOGLE_PROJECT_QUOTA: "100000" };
  const { world, bot, book } = await openForAttendees(t, variables, { provider });
  const ids: string[] = [];
  for (const [i, { name, headers }] of attendees.entries())
    ids.push(await book({ ...bot, ...headers }, i, { attendee_name: name }));
  const attendeeOf = (i: number) => attendees[i % attendees.length] ?? attendees[0];
  const isCancelling = (i: number) => i % 5 === 0;
  const calls = Array.from({ length: count }, (_, i) => ({
    headers: { ...bot, ...attendeeOf(i).headers },
    body: isCancelling(i)
      ? toolCall("cancel_booking", { booking_id: ids[(i + 1) % ids.length] })
      : toolCall("list_bookings", { attendee_phone: ana }),
  }));
  const { answers, overlapped } = await callInterleaved(t, world.mcpUrl, calls);
  const crossed = answers.flatMap(({ result }, i) => {
    const { answer, error } = readToolResult(result);
    const found =
      error?.code ?? answer.bookings.map(({ attendee_name }: { attendee_name: string }) => attendee_name);
    const { name } = attendeeOf(i);
    return String(found) === (isCancelling(i) ? "booking_not_found" : name) ? [] : [`${name} got ${found}`];
  });
  return { crossed, overlapped };
}

/** Each sends so many interleaved calls, of callers who must not get each other's answers. */
export const interleavings: Record<
  string,
  (t: Test, count: number, provider: TestedProvider) => Promise<Crossed>
> = {
  "two customers' calls with their own keys": findCrossedCustomers,
  "three attendees' calls under one key": findCrossedAttendees,
};
