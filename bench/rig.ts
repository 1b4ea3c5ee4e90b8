import { generateFernetKey } from "@cita/token-store";
import { type BookingSupply, createBookingSupply } from "./booking-supply.ts";
import { connectCustomer } from "./connect-customer.ts";
import { type HttpRequest, sendJson } from "./http-client.ts";
import { callTool, listTools, type McpCall, sendMcp, signOfSuccess } from "./mcp-call.ts";
import { temporaryFolder, untilAnswered } from "./processes.ts";
import { launchSandbox, launchService, type Server } from "./servers.ts";
import { startUpstreamRecorder } from "./upstream-recorder.ts";

/** A calendar service with connected customers, and its upstream. */
export type Rig = Rehearsal & {
  readonly sandboxUrl: string;
  /** Starts the service over the database with the customers in it. */
  launchService(): Promise<Server>;
  /** The same, asking Google for every question. */
  launchWithoutCache(): Promise<Server>;
};

/** What was learnt by calling everything once. */
type Rehearsal = {
  readonly toolsCall: McpCall;
  /** The names the service lists. */
  readonly tools: readonly string[];
  readonly infoCall: McpCall;
  readonly listCall: McpCall;
  readonly slotsCall: McpCall;
  /** What a slots call asks of the upstream. */
  readonly slotsUpstream: readonly HttpRequest[];
  readonly bookings: BookingSupply;
};

const asker = "bench-asker";
const bookers = ["bench-1", "bench-2", "bench-3", "bench-4", "bench-5"];

export async function createRig(): Promise<Rig> {
  const sandbox = await launchSandbox();
  await untilAnswered(sandbox.process, () =>
    sendJson({ method: "GET", url: `${sandbox.url}/_sandbox/calls` }),
  );
  const folder = temporaryFolder();
  const service = { folder, encryptionKey: generateFernetKey(), googleUrl: sandbox.url };

  const recorder = await startUpstreamRecorder(sandbox.url);
  const recorded = await launchService({ ...service, googleApiUrl: recorder.url, cacheSeconds: 0 });
  await untilAnswered(recorded.process, () => sendJson({ method: "GET", url: `${recorded.url}/ready` }));
  const rehearsal = await rehearse(recorded.url, recorder.take);
  await recorded.process.stop();
  recorder.close();

  return {
    ...rehearsal,
    sandboxUrl: sandbox.url,
    launchService: () => launchService(service),
    launchWithoutCache: () => launchService({ ...service, cacheSeconds: 0 }),
  };
}

async function rehearse(serviceUrl: string, takeUpstream: () => HttpRequest[]): Promise<Rehearsal> {
  for (const customerId of [asker, ...bookers]) await connectCustomer(serviceUrl, customerId);
  const bookings = await createBookingSupply(serviceUrl, bookers);
  const toolsCall = listTools(asker);
  const infoCall = callTool(asker, "get_business_info", {});
  const listCall = callTool(bookers[0] ?? asker, "list_bookings", {});
  const slotsCall = callTool(asker, "get_available_slots", { date_iso: tuesdayOfNextWeek() });

  takeUpstream();
  await sendMcp(serviceUrl, slotsCall, signOfSuccess.get_available_slots);
  const slotsUpstream = takeUpstream();
  const list = await sendMcp(serviceUrl, toolsCall, signOfSuccess["tools/list"]);
  const { result } = JSON.parse(list) as { result: { tools: { name: string }[] } };
  return {
    toolsCall,
    infoCall,
    listCall,
    tools: result.tools.map(({ name }) => name),
    slotsCall,
    slotsUpstream,
    bookings,
  };
}

/** A working day that is surely ahead, in the weeks for which the sandbox gives a new account its events. */
function tuesdayOfNextWeek(): string {
  const now = new Date();
  const daysSinceMonday = (now.getUTCDay() + 6) % 7;
  return new Date(now.getTime() + (8 - daysSinceMonday) * 86_400_000).toISOString().slice(0, 10);
}
