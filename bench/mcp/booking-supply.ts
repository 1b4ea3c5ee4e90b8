import { callTool, type McpCall, sendMcp, successTexts } from "./mcp-call.ts";

/** Calls of `book`, each for a slot that no other call books. */
export type BookingSupply = {
  /** Of several customers in turn. @throws when there are no more slots */
  takeMany(count: number): McpCall[];
  /** Of one customer. @throws when there are no more slots */
  takeTwo(): [McpCall, McpCall];
};

const slotsPerCustomer = 200;
const dayMs = 86_400_000;

/**
 * The slots are those that the service offers, spread evenly over the year ahead: the calendar is as full around
 * the last booking of a run as around the first.
 */
export async function createBookingSupply(
  serviceUrl: string,
  customerIds: readonly string[],
): Promise<BookingSupply> {
  const callsByCustomer: McpCall[][] = [];
  for (const customerId of customerIds) {
    const starts = spread(await readSlotStarts(serviceUrl, customerId), slotsPerCustomer);
    callsByCustomer.push(starts.map((start) => toBookCall(customerId, start)));
  }
  let turn = 0;
  const nextCustomer = () => callsByCustomer[turn++ % callsByCustomer.length];
  const take = (calls: McpCall[] | undefined): McpCall => {
    const call = calls?.shift();
    if (call === undefined) throw new Error("There are no free slots left to book.");
    return call;
  };
  return {
    takeMany: (count) => Array.from({ length: count }, () => take(nextCustomer())),
    takeTwo() {
      const calls = nextCustomer();
      return [take(calls), take(calls)];
    },
  };
}

async function readSlotStarts(serviceUrl: string, customerId: string): Promise<string[]> {
  const starts: string[] = [];
  for (let daysAhead = 2; daysAhead < 330; daysAhead += 31) {
    const date_iso = new Date(Date.now() + daysAhead * dayMs).toISOString().slice(0, 10);
    const call = callTool(customerId, "get_available_slots", { date_iso, days: 31 });
    const answer = await sendMcp(serviceUrl, call, successTexts.get_available_slots);
    const { result } = JSON.parse(answer) as {
      result: { structuredContent: { slots: { start: string }[] } };
    };
    starts.push(...result.structuredContent.slots.map(({ start }) => start));
  }
  return starts;
}

/** So many of the items, at equal distances. */
function spread<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, index) => index % step === 0).slice(0, count);
}

function toBookCall(customerId: string, start_iso: string): McpCall {
  return callTool(customerId, "book", {
    start_iso,
    attendee_name: "Ana Pérez",
    attendee_phone: "+573001234567",
  });
}
