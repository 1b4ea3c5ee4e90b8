import type { World } from "./world.ts";

export const password = "tres tristes tigres";

export type Person = Awaited<ReturnType<typeof addPerson>>;

/** What a browser keeps of somebody who has signed in. */
export type Session = Pick<Person, "cookie" | "csrf">;

type Added = {
  readonly email: string;
  readonly name?: string;
  readonly role: "admin" | "member" | "viewer";
  readonly customer_ids?: readonly string[];
};

/** The one-time token of a link. */
export const tokenOf = (link: { url: string }) => link.url.split("/").at(-1) ?? "";

/** Invites somebody with the admin key; they accept. */
export async function addPerson(world: Pick<World, "api" | "adminUrl">, added: Added) {
  const { status, body } = await world.api("POST", "/v1/users", added);
  if (status !== 201) throw new Error(`nobody was invited: ${JSON.stringify(body)}`);
  const name = added.name ?? added.email.split("@")[0] ?? "";
  const token = tokenOf(body.link);
  const joined = await send(world.adminUrl, "POST", "/api/auth/register", {
    body: { token, name, password },
  });
  if (joined.status !== 201) throw new Error(`nobody has joined: ${JSON.stringify(joined.body)}`);
  return toSignedIn(joined);
}

/** Two customers with a calendar, and somebody of each role: `member` and `viewer` belong to luna, `stranger` to sol. */
export async function addPeopleOfTwoCustomers(world: Pick<World, "api" | "adminUrl" | "connect">) {
  for (const id of ["luna", "sol"]) await world.connect(id);
  const add = (name: string, role: Added["role"], customer_ids: readonly string[] = []) =>
    addPerson(world, { email: `${name}@example.com`, role, customer_ids });
  return {
    admin: await add("ana", "admin"),
    member: await add("mia", "member", ["luna"]),
    viewer: await add("vera", "viewer", ["luna"]),
    stranger: await add("saul", "member", ["sol"]),
  };
}

/** A business's owner comes in by the link that the admin sends them. */
export async function signInOwner(
  world: Pick<World, "api" | "adminUrl">,
  customerId: string,
): Promise<Session> {
  const { body: link } = await world.api("POST", `/v1/customer-calendars/${customerId}/owner-link`);
  const { headers } = await send(world.adminUrl, "POST", "/api/auth/link", {
    body: { token: tokenOf(link) },
  });
  return { cookie: cookieOf(headers), csrf: headers.get("x-csrf-token") ?? "" };
}

export type Answer = Awaited<ReturnType<typeof send>>;

/** What somebody who has signed in has: an access token, a refresh token, a cookie, and the token that forms carry. */
export function toSignedIn({ body, headers }: Answer) {
  return {
    user: body.user as { id: string; email: string; role: string },
    accessToken: String(body.access_token),
    refreshToken: String(body.refresh_token),
    cookie: cookieOf(headers),
    csrf: headers.get("x-csrf-token") ?? "",
  };
}

/** The cookies that an answer sets, as a browser sends them. */
export function cookieOf(headers: Headers): string {
  return headers
    .getSetCookie()
    .flatMap((one) => one.split(";")[0] ?? [])
    .join("; ");
}

export type Sent = {
  readonly body?: unknown;
  readonly form?: Record<string, string>;
  readonly bearer?: string | undefined;
  readonly cookie?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
};

/** A request to admin-api. Redirects aren't followed. */
export async function send(
  adminUrl: string,
  method: string,
  path: string,
  { body, form, bearer, cookie, headers = {}, signal }: Sent = {},
) {
  const response = await fetch(`${adminUrl}${path}`, {
    method,
    redirect: "manual",
    ...(signal !== undefined && { signal }),
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(cookie !== undefined && { cookie }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(form !== undefined && { body: new URLSearchParams(form).toString() }),
  });
  const text = await readAll(response);
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== "" ? JSON.parse(text) : undefined,
  };
}

/** What has come of a stream by the time that the request is aborted. */
async function readAll({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of body ?? []) text += decoder.decode(chunk, { stream: true });
  } catch (error) {
    if ((error as Error).name !== "TimeoutError") throw error;
  }
  return text;
}

export const login = (world: Pick<World, "adminUrl">, body: object, sent: Sent = {}) =>
  send(world.adminUrl, "POST", "/api/auth/login", { body, ...sent });
