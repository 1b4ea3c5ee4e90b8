import t from "tap";
import { startAnotherAdminApi } from "./support/another-admin-api.ts";
import { freePort } from "./support/free-port.ts";
import { openMailbox, readMail } from "./support/mailbox.ts";
import { addPerson, password, send } from "./support/people.ts";
import { engineOfRun } from "./support/test-database.ts";
import { createWorld } from "./support/world.ts";

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
}

t.test("invitations and links to another password go by mail", async (t) => {
  const mailbox = await openMailbox(t, await freePort());
  const world = await createWorld(t, { variables: mailbox.variables });
  const { body } = await world.api("POST", "/v1/users", { email: "ana@example.com", role: "admin" });
  t.match(body.link, { url: null, sent: true });
  const linkIn = (mail = "") => readMail(mail).body.match(/https?:\S+/)?.[0] ?? "";
  t.match(readMail(mailbox.mails[0] ?? "").headers, /^To: ana@example\.com/m);
  const token = linkIn(mailbox.mails[0]).split("/invitacion/")[1];
  const joined = await send(world.adminUrl, "POST", "/api/auth/register", {
    body: { token, name: "Ana", password },
  });
  t.equal(joined.status, 201);
  const forgot = (email: string) =>
    send(world.adminUrl, "POST", "/api/auth/forgot-password", { body: { email } });
  for (let i = 0; i < 3; i++) await forgot("Ana@example.com");
  await forgot("nobody@example.com");
  await until(() => mailbox.mails.length > 1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.equal(mailbox.mails.length, 2, "one mail, however often it is asked for");
  const reset = {
    token: linkIn(mailbox.mails[1]).split("/restablecer/")[1],
    password: "cuatro gatos pardos",
  };
  t.equal((await send(world.adminUrl, "POST", "/api/auth/reset-password", { body: reset })).status, 204);
  mailbox.refuse(1);
  const { body: shown } = await world.api("POST", "/v1/users", { email: "bea@example.com", role: "viewer" });
  t.match(
    shown.link,
    { sent: false, url: /\/invitacion\// },
    "where the mail can't be sent, the link is shown",
  );
});

t.test(`admins who want it are told once of a lost connection (${engineOfRun})`, async (t) => {
  const mailbox = await openMailbox(t, await freePort());
  const world = await createWorld(t, { variables: mailbox.variables, followsEvents: true });
  await startAnotherAdminApi(t, world, mailbox.variables);
  const join = (email: string, role: "admin" | "member") => {
    // So that the link is shown.
    mailbox.refuse(1);
    return addPerson(world, { email, role, customer_ids: ["luna"] });
  };
  await join("ana@example.com", "admin");
  const bea = await join("bea@example.com", "admin");
  await join("cid@example.com", "member");
  const body = { email_notifications: false };
  await send(world.adminUrl, "PUT", "/api/auth/profile", { body, bearer: bea.accessToken });
  await world.connected("luna");
  mailbox.refuse(1);
  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  await world.sandbox("POST", "expire-access-tokens");
  await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  await until(() => mailbox.mails.length > 0);
  await world.restart();
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  t.equal(mailbox.mails.length, 1, "once, though the first attempt was refused, and two processes follow");
  const { headers, body: text } = readMail(mailbox.mails[0] ?? "");
  t.match(headers, /^To: ana@example\.com/m);
  t.match(text, `${world.adminUrl}/clientes/luna/enlace`);
});

t.test("who isn't an admin any more is told nothing that waits", async (t) => {
  const mailbox = await openMailbox(t, await freePort());
  const world = await createWorld(t, { variables: mailbox.variables, followsEvents: true });
  const join = (email: string) => {
    mailbox.refuse(1);
    return addPerson(world, { email, role: "admin" });
  };
  const ana = await join("ana@example.com");
  await join("bea@example.com");
  await world.connected("luna");
  mailbox.refuse(2);
  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  await world.sandbox("POST", "expire-access-tokens");
  await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  await world.api("PATCH", `/v1/users/${ana.user.id}`, { role: "viewer" });
  // Ana's would have come before.
  await until(() => mailbox.mails.length > 0);
  const to = mailbox.mails.map((mail) => /^To: (.*)$/m.exec(readMail(mail).headers)?.[1]?.trim());
  t.strictSame(to, ["bea@example.com"]);
});
