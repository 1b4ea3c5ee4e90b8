import { request as httpRequest } from "node:http";
import t from "tap";
import { type Browser, createBrowser } from "./support/browser.ts";
import { createWorld, type World } from "./support/world.ts";

const minute = 60_000;
const hour = 60 * minute;

type AttemptRow = { id: number; link_id: number; returned_at: string | null; started_at: string };

const attemptsOf = (world: World): Promise<AttemptRow[]> =>
  world.mcp.db
    .withTables<{ consent_attempts: AttemptRow }>()
    .selectFrom("consent_attempts")
    .selectAll()
    .orderBy("id")
    .execute();

const stateOf = async (world: World, customerId = "luna") =>
  (await world.api("GET", `/v1/customer-calendars/${customerId}`)).body;

const cookiesOf = async (browser: Browser, url: string) => {
  const all = await browser.jar.getCookies(url);
  return all.filter(({ key }) => key.includes("cita-state-"));
};

/** What a client gets that isn't a browser with cookies. Node's own, since fetch sets some of the headers itself. */
function visit(url: string, headers: Record<string, string>, method = "GET") {
  return new Promise<{ status: number; cookies: string[]; location: string | undefined; text: string }>(
    (resolve, reject) => {
      const request = httpRequest(url, { method, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            cookies: response.headers["set-cookie"] ?? [],
            location: response.headers.location,
            text,
          }),
        );
      });
      request.on("error", reject).end();
    },
  );
}

t.test(
  "two tabs of one browser finish in either order, and so does a start that was prefetched",
  async (t) => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const world = await createWorld(t);
      const { body } = await world.connect("luna");
      const browser = createBrowser();
      // One by the button, one by the address that goes straight to Google.
      const tabs = [
        await browser.submit(await browser.open(body.shareable_link)),
        await browser.open(body.authorization_url),
      ];
      t.equal((await cookiesOf(browser, world.mcpUrl)).length, 2);
      for (const [at, tab] of order.map((which) => tabs[which]).entries()) {
        if (tab === undefined) throw new Error("no such tab");
        const page = await browser.submit(tab, { action: "allow" });
        t.match(page, { status: 200, text: /Your calendar is connected/ }, `${order}, return ${at}`);
      }
      t.equal((await cookiesOf(browser, world.mcpUrl)).length, 0, "each takes its own cookie with it");
      t.match(await stateOf(world), { status: "connected" });
      const { body: log } = await world.api("GET", "/v1/customer-calendars/luna/activity");
      t.equal(log.activity.filter(({ kind }: { kind: string }) => kind === "connected").length, 1);
    }
  },
);

t.test("two tabs that finish at once are both told that the calendar is connected", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  const browser = createBrowser();
  const tabs = [await browser.open(body.authorization_url), await browser.open(body.authorization_url)];
  // The link is live when both codes are exchanged, and used when the second grant is to be stored.
  await world.sandbox("POST", "faults", { path: "/token", latency_ms: 200 });
  for (const page of await Promise.all(tabs.map((tab) => browser.submit(tab, { action: "allow" }))))
    t.match(page, { status: 200, text: /Your calendar is connected/ });
  const { body: log } = await world.api("GET", "/v1/customer-calendars/luna/activity");
  t.equal(log.activity.filter(({ kind }: { kind: string }) => kind === "connected").length, 1);
});

t.test("one tab that is refused leaves the other as it was", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  const browser = createBrowser();
  const first = await browser.submit(await browser.open(body.shareable_link));
  const second = await browser.open(body.authorization_url);
  t.equal((await browser.submit(second, { action: "deny" })).status, 403);
  t.equal((await browser.submit(first, { action: "allow" })).status, 200);
});

t.test("prefetchers, previews and link checkers get the link's page, and start nothing", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  const chrome = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36";
  const visitors: Record<string, string>[] = [
    { "sec-purpose": "prefetch" },
    { "sec-purpose": "prefetch;prerender" },
    { "sec-purpose": "prefetch;anonymous-client-ip" },
    { purpose: "prefetch" },
    { purpose: "Prefetch" },
    { "x-purpose": "preview" },
    { "x-sec-purpose": "prefetch" },
    { "x-moz": "prefetch" },
    { "sec-fetch-dest": "image" },
    { "sec-fetch-dest": "iframe" },
    { "sec-fetch-dest": "empty" },
    { "sec-fetch-dest": "" },
    { "user-agent": "WhatsApp/2.23.20.0 A" },
    { "user-agent": "WhatsApp/2.2336.9 N" },
    { "user-agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)" },
    { "user-agent": "meta-externalagent/1.1" },
    { "user-agent": "TelegramBot (like TwitterBot)" },
    { "user-agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)" },
    { "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" },
    { "user-agent": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5" },
  ];
  for (const headers of visitors) {
    const seen = await visit(body.authorization_url, { "user-agent": chrome, ...headers });
    t.match(seen, { status: 200, cookies: [], text: /<form method="post"/ }, JSON.stringify(headers));
  }
  const head = await visit(body.authorization_url, { "user-agent": chrome }, "HEAD");
  t.match(head, { status: 200, cookies: [], text: "", location: undefined });
  t.strictSame(await attemptsOf(world), []);

  const people = [
    chrome,
    "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 50) Chrome/140 Mobile Safari/537.36",
    "",
  ];
  for (const agent of people) {
    const seen = await visit(body.authorization_url, { "user-agent": agent, "sec-fetch-dest": "document" });
    t.match(
      seen,
      { status: 303, location: new RegExp(`^${world.googleUrl}`), cookies: [/^cita-state-/] },
      agent,
    );
  }
  t.equal((await attemptsOf(world)).length, people.length);
});

t.test("a robot that follows every link takes nothing from the consent under way", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  const browser = createBrowser();
  const asked = await browser.submit(await browser.open(body.shareable_link));
  // One that pretends to be a browser, keeps no cookies, and one that shares the browser's.
  for (let i = 0; i < 5; i++) await visit(body.authorization_url, { "user-agent": "Mozilla/5.0 Chrome/140" });
  await browser.open(body.authorization_url);
  t.equal((await browser.submit(asked, { action: "allow" })).status, 200);
});

t.test("a hundred starts leave a bounded number of rows, and a short Cookie header", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  const { body: other } = await world.connect("sol");
  const elsewhere = createBrowser();
  const waiting = await elsewhere.open(other.authorization_url);
  const browser = createBrowser();
  let last = "";
  let longest = 0;
  for (let i = 0; i < 100; i++) {
    const cookie = await browser.jar.getCookieString(world.mcpUrl);
    longest = Math.max(longest, cookie.length);
    const response = await fetch(body.authorization_url, { redirect: "manual", headers: { cookie } });
    for (const set of response.headers.getSetCookie()) await browser.jar.setCookie(set, world.mcpUrl);
    last = response.headers.get("location") ?? "";
    await response.body?.cancel();
  }
  t.ok(longest < 1_000, `${longest} characters`);
  t.equal((await cookiesOf(browser, world.mcpUrl)).length, 5);
  t.equal((await attemptsOf(world)).length, 21, "20 of this link, and the other's");
  t.equal(
    (await browser.submit(await browser.open(last), { action: "allow" })).status,
    200,
    "the newest counts",
  );
  t.equal((await elsewhere.submit(waiting, { action: "allow" })).status, 200, "so does another customer's");
});

t.test("refusing over and over leaves a bounded number of rows too", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  for (let i = 0; i < 30; i++)
    t.equal((await world.consent(body.shareable_link, { action: "deny" })).status, 403);
  t.ok((await attemptsOf(world)).length <= 21);
  t.match(await stateOf(world), { link: { last_attempt: { outcome: "access_denied" } } });
});

t.test(
  "a return with another attempt's cookie, another browser's state, or a second time connects nothing",
  async (t) => {
    const world = await createWorld(t);
    const { body } = await world.connect("luna");
    const { body: sol } = await world.connect("sol");
    const callback = `${world.mcpUrl}/oauth/callback`;
    const stateIn = (url: string) => new URL(url).searchParams.get("state") ?? "";
    const mine = createBrowser();
    const theirs = createBrowser();
    const [myTab, theirTab] = [
      await mine.open(body.authorization_url),
      await theirs.open(sol.authorization_url),
    ];

    t.match(
      await mine.open(`${callback}?code=x&state=${stateIn(theirTab.url)}`),
      { status: 400, text: /state_invalid/ },
      "another browser's state",
    );
    const [cookie] = await cookiesOf(mine, world.mcpUrl);
    const forged = createBrowser();
    const [theirCookie] = await cookiesOf(theirs, world.mcpUrl);
    await forged.jar.setCookie(`${theirCookie?.key}=${cookie?.value}; Path=/`, world.mcpUrl);
    for (const state of [stateIn(myTab.url), stateIn(theirTab.url)]) {
      t.match(
        await forged.open(`${callback}?code=x&state=${state}`),
        { status: 400, text: /state_invalid/ },
        "one attempt's cookie under another's name",
      );
    }
    const broken = createBrowser();
    for (const value of ["", "a.b.c", `${"z".repeat(10)}.${stateIn(myTab.url)}`, "x".repeat(4_000), "%zz"]) {
      await broken.jar.setCookie(`${cookie?.key}=${value}; Path=/`, world.mcpUrl);
      t.match(
        await broken.open(`${callback}?code=x&state=${stateIn(myTab.url)}`),
        { status: 400 },
        value.slice(0, 20),
      );
    }

    const done = await mine.submit(myTab, { action: "allow" });
    t.equal(done.status, 200);
    t.match(await mine.open(done.url), { status: 400, text: /state_invalid/ }, "a reload");
    await mine.jar.setCookie(`${cookie?.key}=${cookie?.value}; Path=/`, world.mcpUrl);
    t.match(await mine.open(done.url), { status: 400, text: /state_invalid/ }, "a replay");
    t.equal((await theirs.submit(theirTab, { action: "allow" })).status, 200, "the other's still counts");
  },
);

t.test("who comes back after more than an hour is offered a fresh start", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  for (const [after, status] of [
    [hour - minute, 200],
    [hour + minute, 400],
    [-30 * minute, 200],
    [-2 * hour, 400],
  ] as const) {
    await world.connect("luna", { renew: true });
    const { shareable_link: link } = (await world.connect("luna")).body;
    const browser = createBrowser();
    const asked = await browser.submit(await browser.open(link));
    world.clock.now += after;
    const page = await browser.submit(asked, { action: "allow" });
    t.equal(page.status, status, `after ${after / minute} minutes`);
    if (status === 200) continue;
    t.match(page.text, /state_invalid/);
    const again = new URL(
      /<a class="button" href="([^"]+)"/.exec(page.text)?.[1] ?? "/nowhere",
      world.mcpUrl,
    );
    t.equal(again.href, link);
    t.equal(
      (await browser.submit(await browser.submit(await browser.open(again.href)), { action: "allow" }))
        .status,
      200,
    );
  }
  t.ok(body.shareable_link);
});

t.test("cookies are for this host and for https alone where the service is reached by https", async (t) => {
  const world = await createWorld(t, {
    variables: { MCP_PUBLIC_URL: "https://cita.example", MCP_HEADER_ONLY: "false" },
  });
  const { body } = await world.connect("luna");
  const path = new URL(body.authorization_url).pathname;
  const seen = await visit(`${world.mcpUrl}${path}`, { "user-agent": "Mozilla/5.0 Chrome/140" });
  t.equal(seen.cookies.length, 1);
  t.match(
    seen.cookies[0],
    /^__Host-cita-state-[0-9a-f]{16}=[\w.-]+; Max-Age=86400; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
});
