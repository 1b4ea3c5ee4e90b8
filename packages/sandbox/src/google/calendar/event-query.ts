import { createHash } from "node:crypto";
import { every, type RequestParams, single } from "../../request-params.ts";
import { instantOf, isTimeZone } from "./event-time.ts";
import { GoogleError, invalid } from "./google-error.ts";
import { type Position, readPageToken } from "./page-token.ts";

/** `events.list` parameters, checked. https://developers.google.com/workspace/calendar/api/v3/reference/events/list */
export type EventQuery = {
  /** Only events that end after this. */
  timeMinMs: number;
  /** Only events that start before this. */
  timeMaxMs: number;
  updatedMinMs: number;
  singleEvents: boolean;
  showDeleted: boolean;
  orderBy: "startTime" | "updated" | undefined;
  maxResults: number;
  timeZone: string | undefined;
  iCalUID: string | undefined;
  eventTypes: string[];
  text: string | undefined;
  privateProperties: [key: string, value: string][];
  sharedProperties: [key: string, value: string][];
  /** Where the page before this one ended. */
  after: Position | undefined;
  /** What the pages of one listing must have in common. */
  fingerprint: string;
};

const DEFAULT_PAGE = 250;
const LARGEST_PAGE = 2500;

/** Reads `events.list` parameters for one calendar. Throws Google's 400 for those it would refuse. */
export function readEventQuery(params: RequestParams, calendarId: string): EventQuery {
  if (single(params, "syncToken") !== undefined) {
    throw invalid("The sandbox does not offer syncToken: list by time range instead.", "syncToken");
  }
  const timeMinMs = instant(params, "timeMin") ?? Number.NEGATIVE_INFINITY;
  const timeMaxMs = instant(params, "timeMax") ?? Number.POSITIVE_INFINITY;
  if (timeMaxMs <= timeMinMs) {
    throw new GoogleError(400, "timeRangeEmpty", "The specified time range is empty.", {
      domain: "calendar",
      location: "timeMax",
    });
  }
  const singleEvents = flag(params, "singleEvents");
  const fingerprint = fingerprintOf(params, calendarId);
  return {
    timeMinMs,
    timeMaxMs,
    updatedMinMs: instant(params, "updatedMin") ?? Number.NEGATIVE_INFINITY,
    singleEvents,
    showDeleted: flag(params, "showDeleted"),
    orderBy: readOrder(params, singleEvents),
    maxResults: readPageSize(params),
    timeZone: readTimeZone(params),
    iCalUID: single(params, "iCalUID"),
    eventTypes: every(params, "eventTypes"),
    text: single(params, "q")?.toLowerCase(),
    privateProperties: readProperties(params, "privateExtendedProperty"),
    sharedProperties: readProperties(params, "sharedExtendedProperty"),
    after: readPageToken(single(params, "pageToken"), fingerprint),
    fingerprint,
  };
}

function instant(params: RequestParams, name: string): number | undefined {
  const text = single(params, name);
  if (text === undefined) return undefined;
  const ms = instantOf(text);
  if (ms === undefined) throw invalid("Bad Request", name, "badRequest");
  return Math.floor(ms / 1000) * 1000;
}

function flag(params: RequestParams, name: string): boolean {
  const text = single(params, name)?.toLowerCase();
  if (text !== undefined && text !== "true" && text !== "false") {
    throw invalid(`Invalid boolean value: '${text}'.`, name, "invalidParameter");
  }
  return text === "true";
}

function readOrder(params: RequestParams, singleEvents: boolean): EventQuery["orderBy"] {
  const order = single(params, "orderBy");
  if (order === undefined || order === "updated") return order;
  if (order !== "startTime") throw invalid(`Invalid value '${order}'.`, "orderBy", "invalidParameter");
  if (!singleEvents) {
    throw invalid("The requested ordering is not available for the particular query.", "orderBy");
  }
  return order;
}

function readPageSize(params: RequestParams): number {
  const text = single(params, "maxResults");
  if (text === undefined) return DEFAULT_PAGE;
  if (!/^[1-9]\d*$/.test(text)) {
    throw invalid(`Invalid value '${text}'. It must be a positive number.`, "maxResults", "invalidParameter");
  }
  return Math.min(Number(text), LARGEST_PAGE);
}

function readTimeZone(params: RequestParams): string | undefined {
  const timeZone = single(params, "timeZone");
  if (timeZone !== undefined && !isTimeZone(timeZone)) throw invalid("Invalid time zone.", "timeZone");
  return timeZone;
}

function readProperties(params: RequestParams, name: string): [string, string][] {
  return every(params, name).map((pair) => {
    const split = pair.indexOf("=");
    if (split < 1) throw invalid(`Invalid value for: ${pair} is not of the form propertyName=value`, name);
    return [pair.slice(0, split), pair.slice(split + 1)];
  });
}

/** Paging may change the page size and the fields, nothing else; a token is good for its own calendar only. */
function fingerprintOf(params: RequestParams, calendarId: string): string {
  const { pageToken: _1, maxResults: _2, fields: _3, access_token: _4, ...rest } = params;
  return createHash("sha256")
    .update(JSON.stringify([calendarId, ...Object.entries(rest).sort()]))
    .digest("base64url")
    .slice(0, 12);
}
