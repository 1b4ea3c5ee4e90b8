import { callTool, type McpCall, sendMcp, signOfSuccess } from "./mcp-call.ts";

export type BookingSupply = {
  /** A booking of a time that nobody has booked. @throws when they have run out. */
  take(): McpCall;
  takeMany(count: number): McpCall[];
  /** Two of the same customer. */
  takeTwo(): [McpCall, McpCall];
};

const perCustomer = 450;
const dayMs = 86_400_000;

/**
 * Free times all over the year ahead, as the service itself offers them, of several customers in turn.
 * Spread out, the last booking of a run meets a calendar as full as the first one does.
 */
export async function createBookingSupply(
  serviceUrl: string,
  customerIds: readonly string[],
): Promise<BookingSupply> {
  const ofEach: McpCall[][] = [];
  for (const customerId of customerIds) {
    const starts = everyNth(await freeStarts(serviceUrl, customerId), perCustomer);
    ofEach.push(starts.map((start) => bookingOf(customerId, start)));
  }
  let turn = 0;
  const takeOf = (calls: McpCall[] | undefined): McpCall => {
    const call = calls?.shift();
    if (call === undefined) throw new Error("There are no free times left to book.");
    return call;
  };
  const next = () => ofEach[turn++ % ofEach.length];
  const take = () => takeOf(next());
  return {
    take,
    takeMany: (count) => Array.from({ length: count }, take),
    takeTwo() {
      const calls = next();
      return [takeOf(calls), takeOf(calls)];
    },
  };
}

async function freeStarts(serviceUrl: string, customerId: string): Promise<string[]> {
  const starts: string[] = [];
  for (let ahead = 2; ahead < 330; ahead += 31) {
    const date_iso = new Date(Date.now() + ahead * dayMs).toISOString().slice(0, 10);
    const call = callTool(customerId, "get_available_slots", { date_iso, days: 31 });
    const answer = await sendMcp(serviceUrl, call, signOfSuccess.get_available_slots);
    const { result } = JSON.parse(answer) as {
      result: { structuredContent: { slots: { start: string }[] } };
    };
    starts.push(...result.structuredContent.slots.map(({ start }) => start));
  }
  return starts;
}

function everyNth<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, index) => index % step === 0).slice(0, count);
}

function bookingOf(customerId: string, start_iso: string): McpCall {
  return callTool(customerId, "book", {
    start_iso,
    attendee_name: "Ana Pérez",
    attendee_phone: "+573001234567",
  });
}
