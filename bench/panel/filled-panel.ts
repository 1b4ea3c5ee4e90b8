import { generateFernetKey } from "@cita/token-store";
import { addAdminCustomers, addCalendarCustomers } from "../../test/support/quiet-customers.ts";
import { connectCustomer } from "../connect-customer.ts";
import { send, sendJson } from "../http-client.ts";
import { temporaryFolder, untilAnswered } from "../processes.ts";
import {
  adminKey,
  launchAdmin,
  launchSandbox,
  launchService,
  type Server,
  serviceKey,
  untilReady,
} from "../servers.ts";

/** Both services over databases with so many customers, and an admin who is signed in. */
export type FilledPanel = {
  readonly customers: number;
  readonly admin: Server;
  readonly calendar: Server;
  /** Of the admin's session. */
  readonly cookie: string;
  /** Begins another session of the admin's. @returns its cookie. */
  signIn(): Promise<string>;
  /** Adds a customer. @returns its consent link */
  addCustomer(customerId: string): Promise<string>;
  stop(): Promise<void>;
};

export type DatabaseUrls = { readonly calendar: string; readonly admin: string };

/** Is connected to a calendar of the sandbox. The others are as if they were. */
export const connectedCustomer = "luna";

const password = "tres tristes tigres";
const adminEmail = "admin@example.com";

export async function fillPanel(databases: DatabaseUrls, customers: number): Promise<FilledPanel> {
  const google = await launchSandbox();
  await untilAnswered(google.process, () => sendJson({ method: "GET", url: `${google.url}/_sandbox/calls` }));
  const folder = temporaryFolder();
  const encryptionKey = generateFernetKey();
  const startCalendar = async () => {
    const variables = { DATABASE_URL: databases.calendar, LINK_PAGES_PER_MINUTE: "1000000" };
    return untilReady(await launchService({ folder, encryptionKey, googleUrl: google.url, variables }));
  };
  const startAdmin = async ({ url: calendarUrl }: Server) => {
    const variables = { ADMIN_DATABASE_URL: databases.admin };
    return untilReady(await launchAdmin({ folder, calendarUrl, variables }));
  };
  const before = await startCalendar();
  const adminBefore = await startAdmin(before);
  await connectEmptyCalendar(google.url, before.url, adminBefore.url);
  const cookie = await addAdmin(adminBefore.url);
  // They would wait for SQLite's lock, and admin-api would read what has happened to each.
  for (const { process } of [adminBefore, before]) await process.stop();
  const now = Date.now();
  await addCalendarCustomers(databases.calendar, { customers, like: connectedCustomer, now });
  const calendar = await startCalendar();
  await addAdminCustomers(databases.admin, { customers, now, cursor: await readCursor(calendar.url) });
  const admin = await startAdmin(calendar);
  return {
    ...{ customers, admin, calendar, cookie },
    addCustomer: (customerId) => addCustomer(admin.url, customerId),
    signIn: () => beginSession(admin.url, "login", { email: adminEmail, password }),
    async stop() {
      for (const { process } of [admin, calendar, google]) await process.stop();
    },
  };
}

async function connectEmptyCalendar(googleUrl: string, calendarUrl: string, adminUrl: string): Promise<void> {
  await send({
    method: "POST",
    url: `${googleUrl}/_sandbox/accounts`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: `${connectedCustomer}@example.com`, events: [] }),
  });
  await addCustomer(adminUrl, connectedCustomer);
  await connectCustomer(calendarUrl, connectedCustomer);
  await asProgram(calendarUrl, serviceKey, "PUT", `/customers/${connectedCustomer}/schedule`, {});
}

async function addCustomer(adminUrl: string, customerId: string): Promise<string> {
  const named = { customer_id: customerId, customer_name: "Barbería Luna" };
  const body = { ...named, customer_email: `${customerId}@example.com` };
  const added = await asProgram(adminUrl, adminKey, "POST", "/v1/customer-calendars/connect", body);
  return (added as { shareable_link: string }).shareable_link;
}

/** @returns the cookie of the session that begins with the invitation. */
async function addAdmin(adminUrl: string): Promise<string> {
  const invitation = await send({
    ...{ method: "POST", url: `${adminUrl}/v1/users`, headers: asJson(adminKey) },
    body: JSON.stringify({ email: adminEmail, role: "admin" }),
  });
  const { link } = JSON.parse(invitation.text) as { link: { url: string } };
  return beginSession(adminUrl, "register", { token: link.url.split("/").at(-1), name: "Ana", password });
}

async function beginSession(adminUrl: string, by: "register" | "login", body: object): Promise<string> {
  const response = await fetch(`${adminUrl}/api/auth/${by}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const cookies = response.headers.getSetCookie().flatMap((one) => one.split(";")[0] ?? []);
  if (cookies.length === 0) throw new Error(`Nobody is signed in: ${await response.text()}`);
  return cookies.join("; ");
}

async function readCursor(calendarUrl: string): Promise<string> {
  const page = await asProgram(calendarUrl, serviceKey, "GET", "/internal/events");
  return (page as { cursor: string }).cursor;
}

const asJson = (key: string) => ({ authorization: `Bearer ${key}`, "content-type": "application/json" });

function asProgram(url: string, key: string, method: string, path: string, body?: object): Promise<unknown> {
  const request = { method, url: `${url}${path}`, headers: asJson(key) };
  return sendJson(body === undefined ? request : { ...request, body: JSON.stringify(body) });
}
