import { createHash } from "node:crypto";
import type { calendar_v3 } from "@googleapis/calendar";
import { invalid } from "./google-error.ts";

type Event = calendar_v3.Schema$Event;

/**
 * Answers a `conferenceData.createRequest` with a Meet link, done at once (Google's may be `pending` first).
 * https://developers.google.com/workspace/calendar/api/guides/create-events#conferencing
 */
export function withConference(event: Event, id: string): Event {
  const request = event.conferenceData?.createRequest;
  if (!request) return event.conferenceData ? event : withoutLink(event);
  if (!request.requestId) throw invalid("Missing conference request ID.", undefined, "required");
  const letters = createHash("sha256")
    .update(`${id} ${request.requestId}`)
    .digest("hex")
    .replaceAll(/\d/g, (digit) => String.fromCharCode(103 + Number(digit)));
  const code = `${letters.slice(0, 3)}-${letters.slice(3, 7)}-${letters.slice(7, 10)}`;
  const link = `https://meet.google.com/${code}`;
  return {
    ...event,
    hangoutLink: link,
    conferenceData: {
      createRequest: {
        requestId: request.requestId,
        conferenceSolutionKey: { type: "hangoutsMeet" },
        status: { statusCode: "success" },
      },
      entryPoints: [{ entryPointType: "video", uri: link, label: `meet.google.com/${code}` }],
      conferenceSolution: { key: { type: "hangoutsMeet" }, name: "Google Meet" },
      conferenceId: code,
    },
  };
}

function withoutLink({ hangoutLink: _, ...event }: Event): Event {
  return event;
}
