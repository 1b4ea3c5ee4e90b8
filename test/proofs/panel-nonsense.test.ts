import t from "tap";
import { type Form, listForms } from "../support/browser/forms.ts";
import { testInBrowser } from "../support/browser/open-browser.ts";
import { createPanel } from "../support/browser/panel.ts";
import { listPanelPages } from "../support/browser/panel-pages.ts";

t.setTimeout(300_000);

/** Some wait for what they begin, such as the delivery of a test. */
const atOnce = 6;

/** What no page sends: nothing, each field twice, each far too long, with characters that no text has, or as JSON. */
function* nonsenseOf(fields: Record<string, string>): Generator<Record<string, unknown>> {
  yield {};
  for (const [name, value] of Object.entries(fields)) {
    yield { ...fields, [name]: [value, value] };
    for (const odd of ["x".repeat(70_000), "\u0000\ud800\u202e", "-1", "__proto__", "1e999"])
      yield { ...fields, [name]: odd };
    yield { ...fields, [`${name}.constructor`]: value, [`${name}[]`]: value };
  }
}

testInBrowser(t, "no form that a page wouldn't send is a failure of ours", async (t, browser) => {
  const panel = await createPanel(t, browser, { hasIntegrations: true });
  const { world } = panel;
  const { all: admin } = await listPanelPages(panel);
  const person = await panel.openAsAdmin();
  person.expect(/status of 4\d\d/);
  const { page } = person;
  const forms = new Map<string, Form>();
  let csrf = "";
  for (const path of admin) {
    await page.goto(`${world.adminUrl}${path}`);
    for (const form of await listForms(page)) forms.set(form.action, form);
    csrf =
      (await page
        .locator("input[name=csrf]")
        .first()
        .getAttribute("value")
        .catch(() => null)) ?? csrf;
  }
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const headers = { cookie, origin: world.adminUrl, "sec-fetch-site": "same-origin", "x-csrf-token": csrf };
  const post = (action: string, body: string, type: string) =>
    fetch(action, {
      method: "POST",
      redirect: "manual",
      headers: { ...headers, "content-type": type },
      body,
    });
  let sent = 0;
  async function sendNonsense({ action, fields }: Form): Promise<void> {
    for (const nonsense of nonsenseOf(fields)) {
      const pairs = Object.entries(nonsense).flatMap(([name, value]) =>
        [value].flat().map((one) => [name, String(one)]),
      );
      for (const [body, type] of [
        [new URLSearchParams(pairs).toString(), "application/x-www-form-urlencoded"],
        [JSON.stringify(nonsense), "application/json"],
      ] as const) {
        const { status } = await post(action, body, type);
        sent++;
        if (status >= 500 || status === 403)
          t.fail(`${action} ${type} ${JSON.stringify(nonsense).slice(0, 300)}: ${status}`);
      }
    }
  }
  // Signing out, and what takes away the customer or the person, would end the walk.
  const waiting = [...forms.values()].filter((one) => !/logout|eliminar/.test(one.action));
  const sendNext = async () => {
    for (let form = waiting.pop(); form !== undefined; form = waiting.pop()) await sendNonsense(form);
  };
  await Promise.all(Array.from({ length: atOnce }, sendNext));
  t.ok(sent > 500, `${sent} forms were sent`);
});
