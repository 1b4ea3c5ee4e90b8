import { maxErasedEvents } from "@cita/calendar-api";
import { createReconnectLinks, noticeLostConnections, type ReconnectLinks } from "@cita/consent";
import type { CallToolDeps } from "@cita/mcp-endpoint";
import { createMcpServerFactory, type McpServerFactory } from "@cita/mcp-endpoint";
import type { Logger } from "@cita/process";
import type { GoogleClientConfig } from "@cita/providers";
import { createGoogleIdentity, type GoogleIdentity } from "@cita/providers";
import type { KeepAlive, RefreshGrant } from "@cita/token-store";
import { createStrandedNote, type NoteStranded, recordBookings } from "./activity/booking-activity.ts";
import type { RecordActivity } from "./activity/recorder.ts";
import { createAttendeeData } from "./bookings/attendee-data.ts";
import { type BookingTiming, defaultTiming } from "./bookings/booking-timing.ts";
import type { Ledger } from "./bookings/ledger.ts";
import { createChangePurge, createHoldPurge } from "./bookings/purges.ts";
import { createSettledDoubts } from "./bookings/settled-doubts.ts";
import { createSweeper, type Sweeper } from "./bookings/sweeper.ts";
import { type CalendarChecks, createCalendarChecks } from "./calendar-states/calendar-checks.ts";
import { createCalendarStates } from "./calendar-states/calendar-states.ts";
import { defaultStateTiming } from "./calendar-states/judge-reading.ts";
import type { WatchTiming } from "./calendar-states/watch-calendars.ts";
import type { Calendar } from "./calendars/calendar.ts";
import type { createGoogleCalendar } from "./calendars/google-calendar.ts";
import { withKnownTimeZones } from "./calendars/known-time-zones.ts";
import { checksPerMinute, openGoogleCalendar } from "./calendars/open-google-calendar.ts";
import { withRecentReadings } from "./calendars/recent-readings.ts";
import type { UpstreamPolicyOptions } from "./calendars/upstream-policy.ts";
import { type Config, googleOf } from "./config.ts";
import { createHeartbeat, type Heartbeat } from "./instances/heartbeat.ts";
import { createInstructions, generalInstructions } from "./instructions/instructions.ts";
import { createFindLanguage } from "./language/find-language.ts";
import { createManagedAttendees, type ManagedAttendees } from "./management/attendees.ts";
import { type CustomerBookings, createCustomerBookings } from "./management/bookings.ts";
import { type Connections, createConnections } from "./management/connections.ts";
import type { Storage } from "./open-storage.ts";
import { prompts } from "./prompts/prompts.ts";
import { createResources } from "./resources/resources.ts";
import { createConsentPurges } from "./retention/consent-purges.ts";
import { createPurger, type Purger, type PurgerTiming } from "./retention/purger.ts";
import { createRemoveCustomer, type RemoveCustomer } from "./retention/remove-customer.ts";
import { openHolidays } from "./schedules/holidays.ts";
import { createSchedules, findSchedule, type Schedules } from "./schedules/schedules.ts";
import { createTools } from "./tools/tools.ts";

/** The configuration that HTTP and stdio have in common. */
export type ServiceConfig = Pick<
  Config,
  | keyof Parameters<typeof googleOf>[0]
  | "GOOGLE_USER_QUOTA"
  | "GOOGLE_PROJECT_QUOTA"
  | "CONSENT_LINK_DAYS"
  | "RETENTION_DAYS"
  | "CALENDAR_CACHE_SECONDS"
>;

/** Who watches what is done; the same is done without. */
export type Observers = {
  toolCall: CallToolDeps["observe"];
  calendar(calendar: Calendar): Calendar;
  refreshes(refreshGrant: RefreshGrant): RefreshGrant;
};

export type ServiceParts = {
  storage: Storage;
  record: RecordActivity;
  logger: Logger;
  createCalendar: typeof createGoogleCalendar;
  observers: Observers;
  timing?: BookingTiming;
  /** How long one request to Google may take. */
  timeoutMs?: number;
  refreshLeaseMs?: number;
  purging?: PurgerTiming;
  upstream?: Partial<UpstreamPolicyOptions>;
  /** How soon calendars are read that nobody asks about. Left out: never. */
  calendarWatch?: WatchTiming | undefined;
  now: () => number;
};

/** What serves agents and owners, over HTTP and over stdio. */
export type AssembledService = {
  readonly google: GoogleClientConfig;
  readonly identity: GoogleIdentity;
  readonly connections: Connections;
  readonly schedules: Schedules;
  readonly ledger: Ledger;
  /** For admins. */
  readonly bookings: CustomerBookings;
  readonly attendees: ManagedAttendees;
  readonly removeCustomer: RemoveCustomer;
  readonly noteStranded: NoteStranded;
  readonly createServer: McpServerFactory;
  /** What a host tells its model of a customer. */
  readonly writeInstructions: (customerId: string) => Promise<string>;
  readonly sweeper: Sweeper;
  /** To be started before anything is held. */
  readonly heartbeat: Heartbeat;
  readonly keepAlive: KeepAlive;
  readonly purger: Purger;
  readonly calendarChecks: CalendarChecks;
  /** To be waited for before the database is closed: an access that Google has renewed is saved. */
  finishRenewals(): Promise<void>;
};

const dayMs = 86_400_000;

/** Puts the parts together that HTTP and stdio share; it opens and starts nothing. */
export function assembleService(config: ServiceConfig, parts: ServiceParts): AssembledService {
  const { storage, record, logger, observers, timing = defaultTiming, timeoutMs, now } = parts;
  const { store } = storage;
  const { consentLinks } = store;
  const google = { ...googleOf(config), timeoutMs };
  const { publicUrl } = google;
  const identity = createGoogleIdentity({ ...google, now });
  const linkLifetimeMs = config.CONSENT_LINK_DAYS * dayMs;
  const reconnectLinks = createReconnectLinks({ consentLinks, record, lifetimeMs: linkLifetimeMs });
  const calendars = assembleCalendars(config, parts, { identity, reconnectLinks });
  const { calendar, knownTimeZoneOf, lastTimeZoneOf, calendarChecks } = calendars;
  const connections = createConnections({
    store,
    identity,
    record,
    publicUrl,
    reconnectLinks,
    linkLifetimeMs,
  });
  const ledger = recordBookings(storage.ledger, { record, by: "agent", now });
  const holidays = openHolidays();
  const schedules = createSchedules({ store: storage.schedules, holidays, ...calendarChecks });
  const scheduleOf = schedules.of;
  const accountOf = async (customerId: string) =>
    (await store.connections.statuses([customerId], "google"))[0]?.accountId ?? null;
  const sweeper = createSweeper({ ledger, calendar, accountOf, logger, timing });
  const findLanguage = createFindLanguage({ scheduleOf, lastTimeZoneOf, logger });
  const toolDeps = {
    calendar,
    ledger,
    holidays,
    scheduleOf,
    accountOf,
    knownTimeZoneOf,
    doubts: createSettledDoubts(),
    settleSoon: sweeper.wake,
    holdMs: timing.holdMs,
    now,
  };
  const createServer = createMcpServerFactory(
    {
      tools: createTools(toolDeps),
      resources: createResources(toolDeps),
      prompts,
      instructions: generalInstructions,
    },
    { isKnown: connections.isKnown, findLanguage, observe: observers.toolCall },
  );
  const purges = [
    ...createConsentPurges({ consentLinks, retentionDays: config.RETENTION_DAYS }),
    createHoldPurge(ledger),
    createChangePurge(ledger),
  ];
  return {
    google,
    identity,
    connections,
    schedules,
    ledger,
    bookings: createCustomerBookings({
      ...toolDeps,
      ledger: recordBookings(storage.ledger, { record, by: "admin", now }),
    }),
    attendees: createManagedAttendees({
      data: createAttendeeData({ db: storage.db, maxEvents: maxErasedEvents, now }),
      accountOf,
      now,
    }),
    removeCustomer: createRemoveCustomer({ db: storage.db, connections, now }),
    noteStranded: createStrandedNote({ ledger, record, now }),
    createServer,
    writeInstructions: createInstructions({ scheduleOf, knownTimeZoneOf, findLanguage, logger, now }),
    sweeper,
    heartbeat: createHeartbeat({
      store: storage.instances,
      instanceId: storage.instanceId,
      timing,
      logger,
      onGone: sweeper.wake,
    }),
    keepAlive: calendars.keepAlive,
    purger: createPurger({ purges, logger, ...parts.purging, now }),
    calendarChecks,
    finishRenewals: calendars.finishRenewals,
  };
}

type ConsentParts = { readonly identity: GoogleIdentity; readonly reconnectLinks: ReconnectLinks };

/** The calendar that agents ask, and what finds out whether it answers. */
function assembleCalendars(
  config: ServiceConfig,
  parts: ServiceParts,
  { identity, reconnectLinks }: ConsentParts,
) {
  const { storage, record, logger, observers, timeoutMs, now } = parts;
  const { store } = storage;
  const findBusyCalendars = async (customerId: string) =>
    (await findSchedule(storage.schedules, customerId)).busy_calendars;
  const { noteReading } = createCalendarStates({
    store: store.calendarStates,
    findBusyCalendars,
    record,
    logger,
    timing: parts.calendarWatch ?? defaultStateTiming,
    now,
  });
  const {
    calendar: googleCalendar,
    calendarForChecks,
    keepAlive,
    finishRenewals,
  } = openGoogleCalendar({
    createCalendar: parts.createCalendar,
    apiUrl: config.GOOGLE_API_URL,
    quota: { user: config.GOOGLE_USER_QUOTA, project: config.GOOGLE_PROJECT_QUOTA },
    connections: noticeLostConnections(store.connections, { record, reconnectLinks, logger }),
    refreshGrant: observers.refreshes(identity.refresh),
    onReading: noteReading,
    logger,
    timeoutMs,
    refreshLeaseMs: parts.refreshLeaseMs,
    upstream: parts.upstream,
    now,
  });
  const readingAgeMs = config.CALENDAR_CACHE_SECONDS * 1_000;
  const zonedCalendar = withKnownTimeZones(observers.calendar(googleCalendar), {
    connections: store.connections,
    logger,
  });
  const calendar = withRecentReadings(zonedCalendar, readingAgeMs);
  const calendarChecks = createCalendarChecks({
    calendar: withKnownTimeZones(calendarForChecks, { connections: store.connections, logger }),
    store: store.calendarStates,
    findBusyCalendars,
    perMinute: checksPerMinute(config.GOOGLE_PROJECT_QUOTA),
    watch: parts.calendarWatch,
    logger,
    now,
  });
  const { knownTimeZoneOf, lastTimeZoneOf } = zonedCalendar;
  return { calendar, knownTimeZoneOf, lastTimeZoneOf, calendarChecks, keepAlive, finishRenewals };
}
