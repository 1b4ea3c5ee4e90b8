import { addPerson, login, password, send, tokenOf } from "../people.ts";
import { adminKey, type World } from "../world.ts";

type SignedIn = Awaited<ReturnType<typeof addPerson>>;

/** Whoever works with the panel: an admin, a member, a business's owner, and somebody who guesses a password. */
export async function workAsPeople(world: World): Promise<void> {
  const admin = await addPerson(world, { email: "admin@example.com", role: "admin" });
  const member = await addPerson(world, {
    ...{ email: "member@example.com", role: "member", customer_ids: ["luna", "quiet-11", "quiet-12"] },
  });
  await signIn(world, admin);
  for (const person of [admin, member]) await openPages(world, person);
  await watchLive(world, admin);
  await workWithApi(world, member);
  const { body: owner } = await world.api("POST", "/v1/customer-calendars/luna/owner-link");
  await send(world.adminUrl, "POST", "/api/auth/link", { body: { token: tokenOf(owner) } });
  await send(world.adminUrl, "POST", "/api/auth/logout", { cookie: member.cookie, headers: own(member) });
}

const own = ({ csrf }: SignedIn) => ({ "x-csrf-token": csrf, "sec-fetch-site": "same-origin" });

async function signIn(world: World, admin: SignedIn): Promise<void> {
  await login(world, { email: "admin@example.com", password: "wrong" });
  await login(world, { email: "admin@example.com", password });
  for (let i = 0; i < 2; i++)
    await send(world.adminUrl, "POST", "/api/auth/refresh", { body: { refresh_token: admin.refreshToken } });
  await send(world.adminUrl, "POST", "/api/auth/forgot-password", { body: { email: "admin@example.com" } });
  await send(world.adminUrl, "GET", "/api/auth/me", { bearer: admin.accessToken });
}

const lists = [
  ...["/", "/clientes", "/clientes?cursor=quiet-1", "/clientes?q=quiet+12", "/clientes?q=nobody"],
  ...[
    "/clientes?status=reconnect_required",
    "/clientes?status=pending&q=luna",
    "/clientes?calendar_state=ok",
  ],
  ...["/personas", "/actividad", "/cuenta", "/clientes/nuevo"],
];
const ofCustomer = ["", "/horario", "/citas", "/semana", "/agentes", "/probar", "/actividad", "/enlace"];

async function openPages(world: World, { cookie }: SignedIn): Promise<void> {
  for (const path of [...lists, ...ofCustomer.map((part) => `/clientes/luna${part}`)])
    await send(world.adminUrl, "GET", path, { cookie });
}

/** A page that is open while the business books. */
async function watchLive(world: World, { cookie }: SignedIn): Promise<void> {
  const signal = AbortSignal.timeout(1_500);
  const watching = ["/panel/live/clientes?id=luna&id=quiet-1", "/panel/live/cliente?id=luna"].map((path) =>
    send(world.adminUrl, "GET", path, { cookie, signal }),
  );
  await world.call("luna", "book", { start_iso: "2027-01-19T09:00:00-05:00", attendee_name: "Ana" });
  await Promise.allSettled(watching);
}

async function workWithApi(world: World, member: SignedIn): Promise<void> {
  const list = (query: string) =>
    send(world.adminUrl, "GET", `/v1/customer-calendars?${query}`, { bearer: member.accessToken });
  for (const query of ["", "status=connected", "calendar_state=unreadable", "q=quiet"]) await list(query);
  await world.api("GET", "/v1/users", undefined, adminKey);
  await world.api("GET", `/v1/users?q=member`, undefined, adminKey);
}
