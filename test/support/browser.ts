import { CookieJar } from "tough-cookie";

export type Page = {
  status: number;
  url: string;
  headers: Headers;
  text: string;
  /** URLs visited, the last one is this page's. */
  visited: string[];
};

export type Browser = {
  readonly jar: CookieJar;
  /** Follows redirects by hand, keeping cookies, as a browser does. */
  open(url: string, init?: { method?: string; form?: URLSearchParams }): Promise<Page>;
  /** Sends the page's form: the first one, or the first that contains a text. Fields given replace its own. */
  submit(page: Page, fields?: FormAnswer): Promise<Page>;
};

export type FormAnswer = { action?: string; granted?: string[] | undefined; formWith?: string };

const mostRedirects = 10;

/** A browser stand-in: cookies, redirects and forms, no scripts. */
export function createBrowser(
  userAgent = "Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537.36",
  language = "en",
): Browser {
  const jar = new CookieJar();

  async function request(url: string, method: string, form?: URLSearchParams): Promise<Response> {
    const headers: Record<string, string> = { "user-agent": userAgent, accept: "text/html" };
    headers["accept-language"] = language;
    const cookies = await jar.getCookieString(url);
    if (cookies !== "") headers.cookie = cookies;
    const response = await fetch(url, { method, headers, redirect: "manual", ...(form && { body: form }) });
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url);
    return response;
  }

  async function open(
    url: string,
    { method = "GET", form }: { method?: string; form?: URLSearchParams } = {},
  ) {
    const visited = [url];
    let response = await request(url, method, form);
    for (let hops = 0; response.status >= 300 && response.status < 400; hops++) {
      if (hops >= mostRedirects) throw new Error("too many redirects");
      await response.body?.cancel();
      const next = new URL(response.headers.get("location") ?? "", visited.at(-1)).href;
      visited.push(next);
      response = await request(next, "GET");
    }
    const text = await response.text();
    return { status: response.status, url: visited.at(-1) ?? url, headers: response.headers, text, visited };
  }

  return {
    jar,
    open,
    submit: (page, fields = {}) => {
      const form = readForm(page.text, fields.formWith ?? "");
      if (fields.action !== undefined) form.data.set("action", fields.action);
      if (fields.granted !== undefined) {
        form.data.delete("granted");
        for (const scope of fields.granted) form.data.append("granted", scope);
      }
      return open(new URL(form.action, page.url).href, { method: "POST", form: form.data });
    },
  };
}

function readForm(html: string, containing: string): { action: string; data: URLSearchParams } {
  const forms = [...html.matchAll(/<form\b[^>]*\baction="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)];
  const form = forms.find(([whole]) => whole.includes(containing));
  if (form === undefined) throw new Error(`there is no such form on this page: ${html}`);
  const data = new URLSearchParams();
  for (const [input] of form[2]?.matchAll(/<input\b[^>]*>/g) ?? []) {
    const name = attribute(input, "name");
    const unticked = input.includes('type="checkbox"') && !input.includes(" checked");
    if (name !== undefined && !unticked) data.append(name, attribute(input, "value") ?? "");
  }
  return { action: decode(form[1] ?? ""), data };
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value && decode(value);
}

function decode(text: string): string {
  const named: Record<string, string> = { quot: '"', lt: "<", gt: ">", amp: "&" };
  return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (entity, code, name) =>
    code === undefined ? (named[name] ?? entity) : String.fromCodePoint(Number(code)),
  );
}
