import t, { type Test } from "tap";
import { type Browser, createBrowser, type Page } from "./support/browser.ts";
import { agendaProvider } from "./support/other-provider/agenda-provider.ts";
import { registration } from "./support/other-provider/registration.ts";
import { createStandInControls } from "./support/stand-in-controls.ts";
import { createWorld, type World } from "./support/world.ts";

const allow = { action: "allow" };
const monday = { date_iso: "2027-01-18" };

/** A tab that stands at the provider's question for this account. */
async function beginTab(link: string, account: string, browser: Browser = createBrowser()) {
  const question = await browser.submit(await browser.open(link), { formWith: "Google" });
  const url = new URL(question.url);
  url.searchParams.set("login_hint", account);
  const page = await browser.open(url.href);
  return { allow: () => browser.submit(page, allow) };
}

async function openAccounts(t: Test) {
  const world = await createWorld(t);
  for (const name of ["luna", "mar"])
    await world.sandbox("POST", "accounts", { email: `${name}@example.com`, time_zone: "America/Bogota" });
  return world;
}

const anyAccountLink = async (world: World, customerId = "luna"): Promise<string> =>
  (await world.connect(customerId, { any_account: true })).body.shareable_link;

const details = async (world: World, customerId = "luna") =>
  (await world.api("GET", `/v1/customer-calendars/${customerId}`)).body;

type Entry = { kind: string; detail: Record<string, unknown> };

const activity = async (world: World, kind: string): Promise<Entry[]> =>
  (await world.api("GET", "/v1/customer-calendars/luna/activity")).body.activity.filter(
    (entry: Entry) => entry.kind === kind,
  );

async function countRevocations(world: World): Promise<number> {
  return (await world.sandbox("GET", "calls")).by["POST /revoke"] ?? 0;
}

t.test("who comes second with another account reads which one is connected", async (t) => {
  for (const [language, text] of [
    ["en", /has already been used.*The calendar of luna@example.com \(Google\) was connected/s],
    ["es", /ya se usó.*se conectó el calendario de luna@example.com \(Google\)/s],
    ["pt", /já foi usado.*foi conectada a agenda de luna@example.com \(Google\)/s],
  ] as const) {
    const world = await openAccounts(t);
    const link = await anyAccountLink(world);
    const second = await beginTab(link, "mar@example.com", createBrowser(undefined, language));
    const first = await beginTab(link, "luna@example.com");
    t.match(await first.allow(), { status: 200, text: /Your calendar is connected/ });
    t.equal(await countRevocations(world), 0);
    t.match(await second.allow(), { status: 410, text });
    t.equal(await countRevocations(world), 1, "what it has granted is taken back");
    t.match(await world.call("luna", "get_available_slots", monday), { answer: { slots: Array } });
    t.match(await details(world), {
      status: "connected",
      calendar_email: "luna@example.com",
      link: { state: "used", last_attempt: { outcome: "connected", account_email: "luna@example.com" } },
    });
    t.match(await activity(world, "consent_link_used"), [{ detail: { account_email: "mar@example.com" } }]);
    t.equal((await activity(world, "connected")).length, 1);
  }
});

t.test(
  "of two accounts that come at once one is connected, and the other one's grant is ended",
  async (t) => {
    for (let round = 0; round < 5; round++) {
      const world = await openAccounts(t);
      const link = await anyAccountLink(world);
      const tabs = [await beginTab(link, "luna@example.com"), await beginTab(link, "mar@example.com")];
      const pages = await Promise.all(tabs.map((tab) => tab.allow()));
      t.strictSame(pages.map(({ status }) => status).sort(), [200, 410]);
      const { calendar_email: connected } = await details(world);
      const { text } = pages.find(({ status }) => status === 410) as Page;
      t.match(text, new RegExp(`The calendar of ${connected}`));
      t.equal(await countRevocations(world), 1);
      t.match(await world.call("luna", "get_available_slots", monday), { answer: { slots: Array } });
      t.equal((await activity(world, "consent_link_used")).length, 1);
    }
  },
);

t.test("the same account twice is connected once, and its grant stays", async (t) => {
  const world = await openAccounts(t);
  const link = await anyAccountLink(world);
  const tabs = [await beginTab(link, "luna@example.com"), await beginTab(link, "luna@example.com")];
  for (const tab of tabs) t.match(await tab.allow(), { status: 200, text: /Your calendar is connected/ });
  t.equal(await countRevocations(world), 0);
  t.match(await world.call("luna", "get_available_slots", monday), { answer: { slots: Array } });
  t.equal((await activity(world, "connected")).length, 1);
  t.equal((await activity(world, "consent_link_used")).length, 1);
});

t.test("the grant of an account that another customer uses stays", async (t) => {
  const world = await openAccounts(t);
  await world.connected("mar");
  const link = await anyAccountLink(world);
  const second = await beginTab(link, "mar@example.com");
  await (await beginTab(link, "luna@example.com")).allow();
  t.match(await second.allow(), { status: 410, text: /luna@example.com/ });
  t.equal(await countRevocations(world), 0);
  await world.sandbox("POST", "expire-access-tokens");
  for (const customer of ["luna", "mar"])
    t.match(await world.call(customer, "get_available_slots", monday), { answer: { slots: Array } });
});

t.test("a link that was replaced or has expired meanwhile connects nothing, and keeps nothing", async (t) => {
  const week = 7 * 86_400_000;
  const ends = {
    link_revoked: (world: World) => world.connect("luna", { renew: true }),
    link_expired: async ({ clock }: World) => {
      clock.now += 120_000;
    },
  };
  for (const [code, end] of Object.entries(ends)) {
    const world = await openAccounts(t);
    const link = await anyAccountLink(world);
    // The attempt is younger than the hour that a state is valid.
    world.clock.now += week - 60_000;
    const tab = await beginTab(link, "luna@example.com");
    await end(world);
    t.match(await tab.allow(), { status: 410, text: new RegExp(code) });
    t.match(await details(world), { status: "pending", calendar_email: null });
    t.equal(await countRevocations(world), 1);
    t.match(await activity(world, `consent_${code}`), [{ detail: { account_email: "luna@example.com" } }]);
  }
});

t.test("who comes second from another provider reads which one is connected", async (t) => {
  const { url, variables } = await agendaProvider.start(t, agendaProvider.createCalls(), {});
  const { definitions: providers, calendarOpeners } = registration;
  const agenda = createStandInControls(agendaProvider, url);
  for (const first of ["Google", "Agenda"]) {
    const world = await createWorld(t, { providers, calendarOpeners, variables: { ...variables } });
    await world.sandbox("POST", "accounts", { email: "luna@example.com" });
    await agenda.sandbox("POST", "accounts", { email: "mar@example.com" });
    const link = await anyAccountLink(world);
    const browser = createBrowser();
    const atAgenda = await browser.submit(await browser.open(link), { formWith: "Agenda" });
    const questioned = new URL(atAgenda.url);
    questioned.searchParams.set(agendaProvider.accountParameter, "mar@example.com");
    const question = await browser.open(questioned.href);
    const google = await beginTab(link, "luna@example.com");
    const answers = {
      Google: () => google.allow(),
      Agenda: () => browser.submit(question, allow),
    };
    const connected = first === "Google" ? /luna@example.com \(Google\)/ : /mar@example.com \(Agenda\)/;
    const second = first === "Google" ? "Agenda" : "Google";
    t.equal((await answers[first as "Google" | "Agenda"]()).status, 200);
    t.match(await answers[second](), { status: 410, text: connected });
    t.match(await details(world), { status: "connected", provider: first.toLowerCase() });
    t.match(await activity(world, "consent_link_used"), [{ kind: "consent_link_used" }]);
    t.equal(await countRevocations(world), first === "Google" ? 0 : 1);
  }
});
