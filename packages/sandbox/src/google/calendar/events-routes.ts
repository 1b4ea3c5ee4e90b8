import type { calendar_v3 } from "@googleapis/calendar";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type RequestParams, single } from "../../request-params.ts";
import type { CalendarAccess } from "./access.ts";
import { applyChanges, readEventChanges } from "./event-input.ts";
import { readEventQuery } from "./event-query.ts";
import { showInZone } from "./event-record.ts";
import { findEvents } from "./event-search.ts";
import type { WriteOptions } from "./event-store.ts";
import { isTimeZone } from "./event-time.ts";
import { GoogleError, googleErrorForStatus, invalid } from "./google-error.ts";
import { EVENT_FIELDS, EVENT_LIST_FIELDS, readFields } from "./partial-response.ts";

export type CalendarDependencies = { access: CalendarAccess; now: () => number };

const EVENTS = "/calendar/v3/calendars/:calendarId/events";
const EVENT = `${EVENTS}/:eventId`;

/**
 * Calendar v3's events resource: list, get, insert, patch, update and delete.
 * https://developers.google.com/workspace/calendar/api/v3/reference/events
 */
export async function calendarRoutes(
  app: FastifyInstance,
  { access, now }: CalendarDependencies,
): Promise<void> {
  app.setErrorHandler(async (error, _request, reply) => {
    const refusal = error instanceof GoogleError ? error : undefined;
    const status = refusal?.code ?? statusOf(error);
    if (status >= 500) app.log.error(error);
    reply.code(status).headers(refusal?.headers ?? {});
    return refusal?.body ?? googleErrorForStatus(status);
  });

  app.get(EVENTS, async (request) => {
    const calendar = access(request, "read", "List");
    const params = paramsOf(request);
    const project = readFields(single(params, "fields"), EVENT_LIST_FIELDS);
    const query = readEventQuery(params, calendar.owner.calendarId);
    const page = findEvents(calendar, query, now());
    const zone = query.timeZone;
    const items = page.records.map(({ resource }) => (zone ? showInZone(resource, zone) : resource));
    const list: calendar_v3.Schema$Events = {
      kind: "calendar#events",
      etag: `"p${calendar.updatedMs()}"`,
      summary: calendar.owner.calendarId,
      description: "",
      updated: new Date(calendar.updatedMs()).toISOString(),
      timeZone: zone ?? calendar.owner.timeZone,
      accessRole: "owner",
      defaultReminders: [{ method: "popup", minutes: 10 }],
      ...(page.nextPageToken && { nextPageToken: page.nextPageToken }),
      items,
    };
    return project(list);
  });

  app.get(EVENT, async (request) => {
    const calendar = access(request, "read", "Get");
    const show = presentation(request);
    const timeZone = single(paramsOf(request), "timeZone");
    if (timeZone !== undefined && !isTimeZone(timeZone)) throw invalid("Invalid time zone.", "timeZone");
    const { resource } = calendar.get(eventId(request));
    return show(timeZone ? showInZone(resource, timeZone) : resource);
  });

  app.post(EVENTS, async (request) => {
    const calendar = access(request, "write", "Insert");
    const show = presentation(request);
    const options = writeOptions(request);
    const changes = readEventChanges(request.body);
    const event = applyChanges({}, options.conferences ? changes : { ...changes, conferenceData: null });
    if (event.eventType === "fromGmail") throw invalid("Event type cannot be created.", "eventType");
    return show(calendar.insert(givenId(request.body), event, options).resource);
  });

  app.patch(EVENT, async (request) => {
    const calendar = access(request, "write", "Patch");
    const show = presentation(request);
    const changes = readEventChanges(request.body);
    return show(calendar.patch(eventId(request), changes, writeOptions(request)).resource);
  });

  app.put(EVENT, async (request) => {
    const calendar = access(request, "write", "Update");
    const show = presentation(request);
    const changes = readEventChanges(request.body);
    return show(calendar.replace(eventId(request), changes, writeOptions(request)).resource);
  });

  app.delete(EVENT, async (request, reply) => {
    const calendar = access(request, "write", "Delete");
    calendar.remove(eventId(request), writeOptions(request));
    return reply.code(204).send();
  });
}

/** Fastify's own refusals (unreadable JSON, a body too large) carry their status. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" && status >= 400 ? status : 500;
}

function paramsOf(request: FastifyRequest): RequestParams {
  return request.query as RequestParams;
}

function eventId(request: FastifyRequest): string {
  return (request.params as { eventId: string }).eventId;
}

function givenId(body: unknown): string | undefined {
  const id = typeof body === "object" && body !== null && "id" in body ? body.id : undefined;
  if (id === undefined || id === null) return undefined;
  if (typeof id !== "string") throw invalid("Invalid resource id value.");
  return id;
}

/** Checked before anything is written: a bad `fields` must not leave an event behind. */
function presentation(request: FastifyRequest): (event: calendar_v3.Schema$Event) => object {
  return readFields(single(paramsOf(request), "fields"), EVENT_FIELDS);
}

function writeOptions(request: FastifyRequest): WriteOptions {
  const params = paramsOf(request);
  const sendUpdates = single(params, "sendUpdates");
  if (sendUpdates !== undefined && !["none", "all", "externalOnly"].includes(sendUpdates)) {
    throw invalid(`Invalid value '${sendUpdates}'.`, "sendUpdates", "invalidParameter");
  }
  const version = single(params, "conferenceDataVersion");
  if (version !== undefined && version !== "0" && version !== "1") {
    throw invalid(
      `Invalid value '${version}'. Values must be within the range: [0, 1]`,
      "conferenceDataVersion",
      "invalidParameter",
    );
  }
  const informsGuests = sendUpdates === "all" || sendUpdates === "externalOnly";
  return { ifMatch: request.headers["if-match"], conferences: version === "1", informsGuests };
}
