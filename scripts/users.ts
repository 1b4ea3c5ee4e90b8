import { text } from "node:stream/consumers";
import { openDatabase } from "@cita/database";
import { openEventLog } from "@cita/events";
import { createLogger, readConfig, runWithActor } from "@cita/process";
import { z } from "zod";
import { type Role, roles } from "../apps/admin-api/src/access/caller.ts";
import { serviceName, variables } from "../apps/admin-api/src/config.ts";
import { openCustomerStore } from "../apps/admin-api/src/customers/customer-store.ts";
import { checkPasswordStrength } from "../apps/admin-api/src/people/passwords.ts";
import { openPeople, type People } from "../apps/admin-api/src/people/people.ts";
import { normalizeEmail, type User } from "../apps/admin-api/src/people/user.ts";
import { developmentEnvironment, readGivenEnvironment, readSecret } from "./development-environment.ts";
import { runCommand, UsageError } from "./run-command.ts";

const usage = `npm run users -- add EMAIL [--role admin|member|viewer] --password-stdin   adds somebody; the password is read from stdin
npm run users -- list                                                  says who there is
npm run users -- reset EMAIL --password-stdin                          sets another password and ends all sessions`;

/** `npm run users`: those who sign in to the panel, where nobody can add them there yet. */
await runCommand(async (args) => {
  const [command, ...rest] = args;
  if (command === "list" && rest.length === 0) return withPeople(list);
  const [email = "", ...flags] = rest;
  if (!z.email().max(254).safeParse(email).success || !flags.includes("--password-stdin"))
    throw new UsageError(usage);
  const role = readRole(flags.filter((flag) => flag !== "--password-stdin"));
  if (command === "add") return withPeople((people) => add(people, email, role ?? "admin"));
  if (command === "reset" && role === undefined) return withPeople((people) => reset(people, email));
  throw new UsageError(usage);
});

/** @throws UsageError */
function readRole(flags: readonly string[]): Role | undefined {
  if (flags.length === 0) return undefined;
  const [flag, value, ...more] = flags;
  const role = roles.find((one) => one === value);
  if (flag !== "--role" || role === undefined || more.length > 0) throw new UsageError(usage);
  return role;
}

async function add({ users, passwords }: People, email: string, role: Role): Promise<number> {
  const passwordHash = await passwords.hash(await readPassword(email));
  const [name = email] = email.split("@");
  const user = await users.add({ email, name, role, passwordHash });
  process.stdout.write(`${user.email} may sign in as ${user.role}.\n`);
  return 0;
}

async function list({ users }: People): Promise<number> {
  let after = "";
  for (;;) {
    const page = await users.list({ after, limit: 200 });
    for (const user of page) process.stdout.write(`${describe(user)}\n`);
    const last = page.at(-1);
    if (last === undefined) return 0;
    after = last.email;
  }
}

function describe({ email, role, isActive, joinedAt }: User): string {
  const state = isActive ? (joinedAt === null ? "invited" : "active") : "deactivated";
  return `${email.padEnd(40)} ${role.padEnd(8)} ${state}`;
}

async function reset({ users, passwords, sessions, links }: People, email: string): Promise<number> {
  const user = await users.findByEmail(email);
  if (user === undefined) throw new Error("There is nobody with this address.");
  const passwordHash = await passwords.hash(await readPassword(email));
  await users.change(user.id, { passwordHash });
  await sessions.endOfUser(user.id);
  await links.revokeOf(user.id);
  process.stdout.write(`${user.email} has another password, and all sessions are ended.\n`);
  return 0;
}

/** @throws WeakPasswordError */
async function readPassword(email: string): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, "");
  checkPasswordStrength(password, normalizeEmail(email));
  return password;
}

/** The people of admin-api, by its own environment or that of `npm start`. */
async function withPeople(act: (people: People) => Promise<number>): Promise<number> {
  const { variables: environment } = await developmentEnvironment(await readGivenEnvironment(), readSecret);
  const config = readConfig(variables.pick({ ADMIN_DATABASE_URL: true }), environment);
  const db = openDatabase(config.ADMIN_DATABASE_URL, { service: serviceName });
  try {
    await openCustomerStore(db);
    const now = Date.now;
    const events = await openEventLog({ db, logger: createLogger("silent"), now });
    return await runWithActor("program", async () => act(await openPeople({ db, events, now })));
  } finally {
    await db.destroy();
  }
}
