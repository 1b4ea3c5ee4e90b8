import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateFernetKey } from "@cita/token-store";
import { type BookingSupply, createBookingSupply } from "./booking-supply.ts";
import { connectCustomer } from "./connect-customer.ts";
import { type HttpRequest, sendJson } from "./http-client.ts";
import { callTool, changesOf, listTools, type McpCall, sendMcp, signOfSuccess } from "./mcp-call.ts";
import { temporaryFolder, untilAnswered } from "./processes.ts";
import { launchBare, launchSandbox, launchSdkServer, launchService, type Server } from "./servers.ts";
import { startUpstreamRecorder } from "./upstream-recorder.ts";

/** A calendar service with connected customers, its upstream, and the bare handler it is compared with. */
export type Rig = Rehearsal & {
  readonly sandboxUrl: string;
  /** Starts the service over the database with the customers in it. */
  launchService(): Promise<Server>;
  /** The same, asking Google for every question. */
  launchWithoutCache(): Promise<Server>;
  launchBare(): Promise<Server>;
  launchSdkServer(): Promise<Server>;
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
  /** What the bare handler is to answer, by tool or method. */
  readonly answers: Readonly<Record<string, string>>;
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

  const answersFile = join(folder, "answers.json");
  writeFileSync(answersFile, JSON.stringify(rehearsal.answers));
  return {
    ...rehearsal,
    sandboxUrl: sandbox.url,
    launchService: () => launchService(service),
    launchWithoutCache: () => launchService({ ...service, cacheSeconds: 0 }),
    launchBare: () => launchBare(answersFile),
    launchSdkServer: () => launchSdkServer(answersFile),
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
  const slots = await sendMcp(serviceUrl, slotsCall, signOfSuccess.get_available_slots);
  const slotsUpstream = takeUpstream();
  const list = await sendMcp(serviceUrl, toolsCall, signOfSuccess["tools/list"]);
  const info = await sendMcp(serviceUrl, infoCall, signOfSuccess.get_business_info);
  const [toMove, other] = bookings.takeTwo();
  const book = await sendMcp(serviceUrl, toMove, signOfSuccess.book);
  const listed = await sendMcp(serviceUrl, listCall, signOfSuccess.list_bookings);
  const [moveCall, cancelCall] = changesOf(toMove, book, other);
  const moved = await sendMcp(serviceUrl, moveCall, signOfSuccess.reschedule_booking);
  const cancelled = await sendMcp(serviceUrl, cancelCall, signOfSuccess.cancel_booking);
  await sendMcp(serviceUrl, toMove, signOfSuccess.book);
  const { result } = JSON.parse(list) as { result: { tools: { name: string }[] } };
  return {
    toolsCall,
    infoCall,
    listCall,
    tools: result.tools.map(({ name }) => name),
    slotsCall,
    slotsUpstream,
    bookings,
    answers: {
      "tools/list": list,
      get_business_info: info,
      get_available_slots: slots,
      book,
      list_bookings: listed,
      reschedule_booking: moved,
      cancel_booking: cancelled,
    },
  };
}

/** A working day that is surely ahead, in the weeks for which the sandbox gives a new account its events. */
function tuesdayOfNextWeek(): string {
  const now = new Date();
  const daysSinceMonday = (now.getUTCDay() + 6) % 7;
  return new Date(now.getTime() + (8 - daysSinceMonday) * 86_400_000).toISOString().slice(0, 10);
}
