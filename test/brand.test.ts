import { createBrand } from "@cita/http/brand";
import { readConfig } from "@cita/process";
import t from "tap";
import { variables as adminVariables } from "../apps/admin-api/src/config.ts";
import { contrast, parseHex } from "../packages/http/src/brand/colours.ts";
import { createWorld } from "./support/world.ts";

const needed = {
  ADMIN_API_KEY: "sQRNPlDfZK06JhiL2zRnsA2W5iavA-h4",
  CALENDAR_SERVICE_KEY: "rXRVZeKRL6Pkb-QQC7hN1hPwgGHxyF7R",
};
const read = (brand: Record<string, string>) => readConfig(adminVariables, { ...needed, ...brand });

t.test("a colour with which nothing could be read is refused in one sentence", async (t) => {
  for (const [colour, why] of [
    [
      "#ffd400",
      /^The configuration has 1 problem: BRAND_COLOR must be told from a white page at 3:1 and reaches 1\.3:1: take a darker one\.$/,
    ],
    ["#ffffff", /reaches 1\.0:1/],
    ["#e07b00", /reaches 2\.7:1/],
    ["green", /BRAND_COLOR must be a colour such as #0d6250\.$/],
    ["#fff", /must be a colour such as/],
  ] as const)
    t.throws(() => read({ BRAND_COLOR: colour }), { message: why }, colour);
  for (const [logo, why] of [
    ["http://logos.example/a.png", /BRAND_LOGO_URL must be an https URL/],
    ["javascript:alert(1)", /BRAND_LOGO_URL must be an http or https URL/],
    ["data:text/html,<script>", /BRAND_LOGO_URL must be an https URL, or a data URL of an image/],
    [`data:image/png;base64,${"A".repeat(16_000)}`, /BRAND_LOGO_URL must be short/],
  ] as const)
    t.throws(() => read({ BRAND_LOGO_URL: logo }), { message: why }, logo.slice(0, 30));
  t.throws(() => read({ BRAND_NAME: " " }), { message: /BRAND_NAME/ });
});

t.test("every colour that is taken is readable in both themes, as text and behind it", async (t) => {
  const steps = ["00", "33", "66", "99", "cc", "ff"];
  const colours = steps.flatMap((red) =>
    steps.flatMap((green) => steps.map((blue) => `#${red}${green}${blue}`)),
  );
  let taken = 0;
  for (const BRAND_COLOR of colours) {
    const { success } = adminVariables.shape.BRAND_COLOR.safeParse(BRAND_COLOR);
    if (!success) continue;
    taken += 1;
    const { light, dark } = createBrand({ BRAND_NAME: "X", BRAND_COLOR }).palette;
    for (const [tones, pages] of [
      [light, ["#fbfaf8", "#ffffff", "#f4f2ee"]],
      [dark, ["#141412", "#1d1c1a", "#262522"]],
    ] as const) {
      const ratio = (one: string, other: string) => contrast(parseHex(one), parseHex(other));
      const ratios = [
        ...[...pages, tones.tint].map((page) => ratio(tones.accent, page)),
        ratio(tones.onFill, tones.fill),
        ratio(tones.onFill, tones.fillHover),
      ];
      // Rounded to eight bits, a colour may lose a hundredth.
      if (ratios.some((one) => one < 4.45) || ratio(tones.fill, pages[0]) < 3)
        t.fail(`${BRAND_COLOR}: ${JSON.stringify({ tones, ratios })}`);
    }
  }
  t.ok(taken > 100, `${taken} colours`);
});

const brand = {
  BRAND_NAME: "Agenda <Sur>",
  BRAND_LOGO_URL: "https://logos.example/sur.png",
  BRAND_COLOR: "#1d4ed8",
};

t.test(
  "panel and consent pages show the operator's name, logo and colour, and load the logo alone",
  async (t) => {
    const world = await createWorld(t, { variables: brand });
    const { body } = await world.connect("luna");
    for (const url of [body.shareable_link, `${world.adminUrl}/login`]) {
      const response = await fetch(url, { headers: { accept: "text/html" } });
      const text = await response.text();
      t.match(text, "Agenda &#60;Sur&#62;", url);
      t.match(text, `<img src="https://logos.example/sur.png" alt="">`);
      const policy = response.headers.get("content-security-policy") ?? "";
      t.match(policy, /img-src (?:'self' )?data: https:\/\/logos\.example(?:;|$)/);
      const [style] = /<link rel="stylesheet" href="([^"]*panel\.css)">/.exec(text)?.slice(1) ?? [];
      const css = style === undefined ? text : await (await fetch(new URL(style, url))).text();
      t.match(css, "#1d4ed8");
    }
  },
);

t.test("a page stays under 30 kB, with the largest logo too", async (t) => {
  const logo = `data:image/svg+xml;base64,${"A".repeat(15_900)}`;
  const world = await createWorld(t, { variables: { BRAND_LOGO_URL: logo } });
  const { body } = await world.connect("luna");
  const page = await (await fetch(body.shareable_link)).text();
  t.ok(page.length < 30_000, `${page.length}`);
  t.notMatch(page, "<script");
});

t.test("a chat's robot sees who asks, and nothing else of a link", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna", { customer_name: "Barbería <Luna>" });
  const link: string = body.shareable_link;
  const token = link.slice(link.lastIndexOf("/") + 1);
  for (const [userAgent, language, title] of [
    ["WhatsApp/2.23.20.0 A", "es-CO", "Cita te pide conectar el calendario de Barbería"],
    ["facebookexternalhit/1.1", "pt-BR", "Cita pede para conectar a agenda de Barbería"],
    ["TelegramBot (like TwitterBot)", "en", "Cita asks to connect the calendar of Barbería"],
  ] as const) {
    const response = await fetch(link, { headers: { "user-agent": userAgent, "accept-language": language } });
    const text = await response.text();
    t.equal(response.headers.get("x-robots-tag"), "noindex, nofollow");
    t.match(text, `<meta property="og:title" content="${title}`);
    t.match(text, `<meta property="og:image" content="${world.mcpUrl}/connect/card.png">`);
    t.match(text, /<meta property="og:description" content="[^"]+">/);
    for (const secret of [token, "luna@example.com", "og:url"]) t.notMatch(text, secret, userAgent);
  }
  const person = await (await fetch(link, { headers: { "accept-language": "es" } })).text();
  t.match(person, /og:title[\s\S]*luna@example\.com[\s\S]*<form/, "a person has the card and the page");

  const image = await fetch(`${world.mcpUrl}/connect/card.png`);
  t.match(Object.fromEntries(image.headers), { "content-type": "image/png", "cache-control": /max-age/ });
  const bytes = Buffer.from(await image.arrayBuffer());
  t.equal(bytes.toString("latin1", 1, 4), "PNG");
  t.ok(bytes.length < 300_000, "WhatsApp shows no larger one");
});

t.test("without a language of its own a robot is answered in the business's", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { language: "pt" });
  const text = await (
    await fetch(body.shareable_link, { headers: { "user-agent": "WhatsApp/2.23.20.0 A" } })
  ).text();
  t.match(text, "pede para conectar");
});
