import type { Provider } from "@cita/providers";
import type { CalendarOpeners } from "../../apps/mcp-calendar/src/calendars/open-calendars.ts";
import type { GoogleServer } from "./local-google.ts";
import type { Owner } from "./owner.ts";
import type { ProviderCall, ProviderCalls } from "./provider-calls.ts";
import type { Lifetime } from "./world.ts";

/** A provider as tests of bookings see it: its stand-in, what of ours goes with it, and how it differs from others. */
export type TestedProvider = {
  readonly id: string;
  readonly name: string;
  /** What a service is started with. */
  readonly definitions: readonly Provider[];
  readonly calendarOpeners: CalendarOpeners;
  /** The calendar service with nothing but that changed, to be started as a process. */
  readonly main: string;
  /** Where each call goes. A fault at such a path meets no other call. */
  readonly endpoints: Readonly<Record<ProviderCall, Endpoint>> & { readonly revoke?: Endpoint };
  /** How the paths of all calls of the calendar begin. */
  readonly apiPath: string;
  /** A calendar's response that knows no such event. */
  readonly unknownEvent: object;
  /** A calendar's response that refuses the access token. */
  readonly tokenRefusal: object;
  /** A calendar's response that refuses the account, as long as nobody changes anything. */
  readonly accountRefusal: object;
  readonly faults: ProviderFaults;
  /** How many requests the reading of one calendar takes. */
  readonly requestsPerReading: number;
  /** Events may get a link to a video meeting. */
  readonly meetLinks: RegExp | null;
  /** The parameter of the authorization request that offers an account. */
  readonly accountParameter: string;
  /** A refresh whose answer got lost has ended the connection. */
  readonly rotatesStrictly: boolean;
  /** What is asked to take back an insert whose answer got lost, and that was never done. */
  readonly retiring: readonly ProviderCall[];
  createCalls(): ProviderCalls;
  start(t: Lifetime, calls: ProviderCalls, options: StandInOptions): Promise<StandIn>;
  /** What stands in an account's calendar, by time. */
  readEvents(url: string, email: string): Promise<StoredEvent[]>;
  /** Signs in apart from our service, so that nothing of it depends on ours. */
  signInOwner(url: string, email: string): Promise<Owner>;
  /** Events as the stand-in's accounts are made with. */
  toAccountEvents(events: readonly PlainEvent[]): object[];
  readonly variedEvents: VariedEvents;
};

/** Events of every kind that the provider has, as the stand-in's accounts are made with. */
export type VariedEvents = {
  readonly variants: readonly EventVariant[];
  /** A whole-day event may end on the date it starts, which it then takes. */
  readonly hasDaysWithoutLength: boolean;
  write(event: WallEvent, variant: EventVariant, account: { email: string; timeZone: string }): object;
};

/** What an event does with the minutes that it covers: `unsettled` ones block where the schedule says so. */
export type EventEffect = "blocks" | "unsettled" | "nothing";

/** One way in which events differ from plain ones. */
export type EventVariant = {
  /** In the provider's own words. */
  readonly members: object;
  readonly effect: EventEffect;
  /** No whole-day event is such a one. */
  readonly isTimed?: true;
};

/** By the wall clock of the account: times such as `2027-03-09T10:00:00`, or dates of whole days. */
export type WallEvent = {
  readonly start: string;
  /** Not part of the event. */
  readonly end: string;
  /** How often it occurs, a week apart. */
  readonly weekly: number;
};

type Endpoint = { readonly method: string; readonly path: string };

/** What goes wrong at a provider. */
export type ProviderFaults = {
  /** What no other provider answers, by name. */
  readonly own: Readonly<Record<string, object>>;
  /** Why a business has to connect again, where a fault by this name has it do so. */
  readonly reconnectReasons: Readonly<Record<string, string>>;
  /** What comes of each fault: see `checkFaultMatrix`. */
  readonly tables: Readonly<Record<"reads" | "writes" | "oauth", string>>;
};

export type StandInOptions = {
  readonly now?: (() => number) | undefined;
  readonly stateFile?: string | undefined;
  readonly rotateRefreshTokens?: boolean | undefined;
};

export type StandIn = {
  /** Where its controls are, under `/_sandbox/`. */
  readonly url: string;
  /** What says to a service where it is, and who our client there is. */
  readonly variables: Readonly<Record<string, string>>;
  readonly google?: GoogleServer;
};

/** Times with an offset. */
export type PlainEvent = { readonly title: string; readonly start: string; readonly end: string };

/** An event as a provider has stored it, its times as instants in milliseconds. */
export type StoredEvent = {
  readonly id: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
  /** Our mark; null: somebody else's. */
  readonly bookingId: string | null;
  /** Their addresses. */
  readonly guests: readonly string[];
};

/** @param path the whole of it. */
export function findCallIn(
  endpoints: TestedProvider["endpoints"],
  { method, path }: { method: string; path: string },
): ProviderCall | undefined {
  const fitting = Object.entries(endpoints).filter(
    ([, endpoint]) => endpoint.method === method && path.startsWith(endpoint.path),
  );
  const [found] = fitting.toSorted(([, a], [, b]) => b.path.length - a.path.length);
  return found?.[0] as ProviderCall | undefined;
}
