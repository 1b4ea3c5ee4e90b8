/**
 * Live events: what happens to integrations, as streams for whoever may see it. Who watches (here and in
 * `identify-viewer.ts`), what is told (`live-message.ts`), in which order and from where (`live-feed.ts`), one connection
 * that is kept up to date (`follow-feed.ts`), over Server-Sent Events or a WebSocket (`live-routes.ts`, `web-socket.ts`).
 */

import { type BelongsTo, type Caller, mayDo, type Owner } from "../access/caller.ts";
import type { PeopleApi, SignedIn } from "../access/people-api.ts";

/** Who watches: whoever may call, and a business's owner who is signed in at the panel. */
export type Viewer = Caller | SignedIn;

/** Whether an event of an integration is a viewer's to see: people see their own, and their customers'. */
export async function maySee(viewer: Viewer, owner: Owner, belongsTo: BelongsTo): Promise<boolean> {
  if (viewer.kind === "owner") return viewer.customerId === owner.organizationId;
  return mayDo(viewer, "read", owner, belongsTo);
}

/** The viewer as they are now: a session may have ended, and a role be another one. @returns undefined: it has ended. */
export async function renewViewer(
  viewer: Viewer,
  { findSignedIn }: Pick<PeopleApi, "findSignedIn">,
): Promise<Viewer | undefined> {
  return viewer.kind === "program" ? viewer : findSignedIn({ session_id: viewer.sessionId });
}
