/**
 * Who is calling this service, and which integrations they may see and change (here), how that is read from a request
 * (`identify-caller.ts`), and what admin-api says of people (`people-api.ts`).
 */

export type Caller =
  /** Whoever has ADMIN_API_KEY, or the key between services. */
  | { readonly kind: "program" }
  | { readonly kind: "user"; readonly userId: string; readonly role: Role; readonly sessionId: string };

export const roles = ["admin", "member", "viewer"] as const;
export type Role = (typeof roles)[number];

/** `read` includes nothing else; `write` includes it. */
export type Wanted = "read" | "write";

/** Whom something belongs to. `userId`: null where no person has it by themselves. */
export type Owner = { readonly userId: string | null; readonly organizationId: string | null };

/** Whether a user belongs to a customer. Looked up at each request: it may end at any time. */
export type BelongsTo = (userId: string, customerId: string) => Promise<boolean>;

/** Programs and admins may do everything; members their own, and what their customers have; viewers read these. */
export async function mayDo(
  caller: Caller,
  wanted: Wanted,
  { userId, organizationId }: Owner,
  belongsTo: BelongsTo,
): Promise<boolean> {
  if (caller.kind === "program" || caller.role === "admin") return true;
  if (wanted === "write" && caller.role === "viewer") return false;
  if (organizationId === null) return caller.userId === userId;
  return belongsTo(caller.userId, organizationId);
}
