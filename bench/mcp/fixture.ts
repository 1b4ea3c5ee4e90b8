import { generateFernetKey } from "@cita/token-store";
import { connectCustomer } from "../connect-customer.ts";
import { type HttpRequest, sendJson } from "../http-client.ts";
import { temporaryFolder, untilAnswered } from "../processes.ts";
import { launchSandbox, launchService, type Server, untilReady } from "../servers.ts";
import { type BookingSupply, createBookingSupply } from "./booking-supply.ts";
import { callTool, listTools, type McpCall, sendMcp, successTexts } from "./mcp-call.ts";
import { startUpstreamRecorder } from "./upstream-recorder.ts";

/** An upstream, a database with connected customers, and calls that succeed. */
export type Fixture = Calls & {
  readonly sandboxUrl: string;
  /** Starts mcp-calendar over the database. */
  launchService(): Promise<Server>;
  /** The same, but each question goes to Google. */
  launchWithoutCache(): Promise<Server>;
};

type Calls = {
  readonly toolsCall: McpCall;
  /** The names that `tools/list` gives. */
  readonly tools: readonly string[];
  readonly infoCall: McpCall;
  readonly listCall: McpCall;
  readonly slotsCall: McpCall;
  /** The requests that a slots call makes to the upstream. */
  readonly slotsUpstream: readonly HttpRequest[];
  readonly bookings: BookingSupply;
};

/** Nothing is booked for this customer, so that its slots are the same for all measurements. */
const slotsCustomer = "bench-slots";
const bookingCustomers = ["bench-1", "bench-2", "bench-3", "bench-4", "bench-5"] as const;

export async function createFixture(): Promise<Fixture> {
  const sandbox = await launchSandbox();
  await untilAnswered(sandbox.process, () =>
    sendJson({ method: "GET", url: `${sandbox.url}/_sandbox/calls` }),
  );
  const folder = temporaryFolder();
  const service = { folder, encryptionKey: generateFernetKey(), googleUrl: sandbox.url };

  const recorder = await startUpstreamRecorder(sandbox.url);
  const recorded = await launchService({ ...service, googleApiUrl: recorder.url, cacheSeconds: 0 });
  await untilReady(recorded);
  const calls = await prepareCalls(recorded.url, recorder.take);
  await recorded.process.stop();
  recorder.close();

  return {
    ...calls,
    sandboxUrl: sandbox.url,
    launchService: () => launchService(service),
    launchWithoutCache: () => launchService({ ...service, cacheSeconds: 0 }),
  };
}

async function prepareCalls(serviceUrl: string, takeUpstream: () => HttpRequest[]): Promise<Calls> {
  for (const customerId of [slotsCustomer, ...bookingCustomers])
    await connectCustomer(serviceUrl, customerId);
  const bookings = await createBookingSupply(serviceUrl, bookingCustomers);
  const toolsCall = listTools(slotsCustomer);
  const infoCall = callTool(slotsCustomer, "get_business_info", {});
  const listCall = callTool(bookingCustomers[0], "list_bookings", {});
  const slotsCall = callTool(slotsCustomer, "get_available_slots", { date_iso: tuesdayOfNextWeek() });

  takeUpstream();
  await sendMcp(serviceUrl, slotsCall, successTexts.get_available_slots);
  const slotsUpstream = takeUpstream();
  const list = await sendMcp(serviceUrl, toolsCall, successTexts["tools/list"]);
  const { result } = JSON.parse(list) as { result: { tools: { name: string }[] } };
  const tools = result.tools.map(({ name }) => name);
  return { toolsCall, infoCall, listCall, tools, slotsCall, slotsUpstream, bookings };
}

/** A working day ahead, in the weeks in which the sandbox gives a new account events. */
export function tuesdayOfNextWeek(): string {
  const now = new Date();
  const daysSinceMonday = (now.getUTCDay() + 6) % 7;
  return new Date(now.getTime() + (8 - daysSinceMonday) * 86_400_000).toISOString().slice(0, 10);
}
