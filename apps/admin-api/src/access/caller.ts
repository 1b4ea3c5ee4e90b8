/**
 * Who is calling admin-api, and what they may do: the types and the one pure function of rights (here), reading the caller
 * from a request (`identify-caller.ts`), asking it of every route (`guard-routes.ts`), forms of other sites (`csrf.ts`), and
 * the cookies of those who are signed in (`sign-in.ts`). Who there is stands in `../people`.
 */

export const roles = ["admin", "member", "viewer"] as const;
/** `member`: the customers they belong to. `viewer`: the same, reading only. */
export type Role = (typeof roles)[number];

export type Caller =
  /** Whoever has ADMIN_API_KEY. */
  | { readonly kind: "program" }
  | { readonly kind: "user"; readonly userId: string; readonly sessionId: string; readonly role: Role }
  /** A business's owner, by a one-time link. */
  | { readonly kind: "owner"; readonly customerId: string; readonly sessionId: string };

export type Action =
  /** What is listed is narrowed to what the caller may see: `scopeOf`. */
  | "list_customers"
  | "read_customer"
  /** Its schedule, its bookings, reconnecting and disconnecting it. */
  | "change_customer"
  /** Agent keys of a customer. */
  | "manage_keys"
  /** Adding, importing and removing customers, platform keys, people, personal data, everybody's activity. */
  | "administer"
  /** The caller's own account, which programs and owners don't have. */
  | "own_account"
  /** Accounts that the caller connects as their own, which belong to no customer. Whoever only reads connects none. */
  | "own_integrations";

type PersonKind = Role | "owner";

/** Where the customer is theirs, or where the action is about no customer. */
const rights: Readonly<Record<PersonKind, readonly Action[]>> = {
  admin: [
    "list_customers",
    "read_customer",
    "change_customer",
    "manage_keys",
    "administer",
    "own_account",
    "own_integrations",
  ],
  member: [
    "list_customers",
    "read_customer",
    "change_customer",
    "manage_keys",
    "own_account",
    "own_integrations",
  ],
  viewer: ["list_customers", "read_customer", "own_account"],
  owner: ["list_customers", "read_customer", "change_customer"],
};

/**
 * Decides whether a caller may do something.
 * @param isTheirs whether they belong to the customer that it is about. Programs and admins belong to all.
 */
export function mayDo(caller: Caller, action: Action, isTheirs: boolean): boolean {
  if (caller.kind === "program") return action !== "own_account" && action !== "own_integrations";
  const kind = caller.kind === "owner" ? "owner" : caller.role;
  return rights[kind].includes(action) && (isTheirs || kind === "admin" || !isAboutOne(action));
}

function isAboutOne(action: Action): boolean {
  return action === "read_customer" || action === "change_customer" || action === "manage_keys";
}

/** Which customers a caller may know of. */
export type CustomerScope =
  | { readonly kind: "all" }
  /** Those that a user belongs to. */
  | { readonly kind: "of_user"; readonly userId: string }
  | { readonly kind: "one"; readonly customerId: string };

export function scopeOf(caller: Caller): CustomerScope {
  if (caller.kind === "program") return { kind: "all" };
  if (caller.kind === "owner") return { kind: "one", customerId: caller.customerId };
  return caller.role === "admin" ? { kind: "all" } : { kind: "of_user", userId: caller.userId };
}

/** Names a caller in events: ids only. */
export function actorOf(caller: Caller): string {
  if (caller.kind === "program") return "program";
  return caller.kind === "owner" ? `owner:${caller.customerId}` : `user:${caller.userId}`;
}
