import { GoogleError, type GoogleErrorBody } from "./google-error.ts";

/**
 * What Google refuses a calendar's calls with although the access is good, in its own words.
 * https://developers.google.com/workspace/calendar/api/guides/errors
 */
export const refusalReasons = [
  "notACalendarUser",
  "domainPolicy",
  "accessNotConfigured",
  "forbidden",
  "insufficientPermissions",
  "requiredAccessLevel",
  "accountDisabled",
  "quotaExceeded",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

const messages: Record<RefusalReason, string> = {
  notACalendarUser: "The user must be signed up for Google Calendar.",
  domainPolicy: "The domain administrators have disabled Calendar apps.",
  accessNotConfigured:
    "Google Calendar API has not been used in project 123456789012 before or it is disabled. Enable it, then retry.",
  forbidden: "Forbidden",
  insufficientPermissions: "Request had insufficient authentication scopes.",
  requiredAccessLevel: "You need to have reader access to this calendar.",
  accountDisabled: "The account of the user has been disabled.",
  quotaExceeded: "Calendar usage limits exceeded.",
};

const usageLimits = new Set<RefusalReason>(["accessNotConfigured", "quotaExceeded"]);

export function refusalBody(reason: RefusalReason): GoogleErrorBody {
  const extras = { status: "PERMISSION_DENIED", ...(usageLimits.has(reason) && { domain: "usageLimits" }) };
  return new GoogleError(403, reason, messages[reason], extras).body;
}
