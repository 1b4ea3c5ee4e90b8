import { type ConfiguredClient, google } from "@cita/providers";
import type { Config } from "../../apps/mcp-calendar/src/config.ts";
import { type Answer, ask } from "./ask.ts";
import { checkClock } from "./check-clock.ts";
import { type Finding, note, ok, problem } from "./finding.ts";

/** Whether Google can be reached, accepts our client, and has the same time. */
export async function checkGoogle(config: Config, sandbox: boolean): Promise<Finding[]> {
  const client = config.clients.find(({ providerId }) => providerId === google.id);
  if (client === undefined) return [];
  const unreachable = sandbox
    ? "Run npm start, which starts the sandbox, and leave it running."
    : "Check this machine's way to the internet, its DNS and its proxy.";
  const endpoints = {
    "authorization endpoint": config.GOOGLE_AUTHORIZATION_URL,
    "revocation endpoint": config.GOOGLE_REVOCATION_URL,
    API: config.GOOGLE_API_URL,
  };
  const others = Object.entries(endpoints).map(async ([name, url]) =>
    judgeEndpoint(name, url, await ask(url), unreachable),
  );
  const sentAt = Date.now();
  const answer = await ask(config.GOOGLE_TOKEN_URL, madeUpExchange(config, client));
  const token = judgeEndpoint("token endpoint", config.GOOGLE_TOKEN_URL, answer, unreachable);
  const more =
    answer.kind === "answered"
      ? [judgeClient(answer, config), checkClock(answer.headers, sentAt, Date.now())]
      : [];
  return [...(await Promise.all(others)), token, ...more];
}

/** A code that was never issued: Google checks the client before it refuses the code. */
function madeUpExchange(config: Config, client: ConfiguredClient): RequestInit {
  return {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: "made-up-by-doctor",
      code_verifier: "made-up-by-doctor-made-up-by-doctor-made-up",
      redirect_uri: `${config.MCP_PUBLIC_URL}/oauth/callback`,
      client_id: client.clientId,
      client_secret: client.clientSecret,
    }),
  };
}

/** Any answer but a 5xx shows that the endpoint can be reached. */
function judgeEndpoint(name: string, url: string, answer: Answer, todo: string): Finding {
  const where = `Google's ${name} ${url}`;
  if (answer.kind === "silent") return problem(`${where} can't be reached: ${answer.reason}.`, todo);
  if (answer.status < 500) return ok(`${where} can be reached.`);
  return problem(`${where} answers ${answer.status}.`, "Google has a failure: try again in a few minutes.");
}

function judgeClient(answer: Extract<Answer, { kind: "answered" }>, config: Config): Finding {
  const error = toOAuthError(answer.body);
  if (error === "invalid_grant") return ok("Google accepts the client id and its secret.");
  if (error === "redirect_uri_mismatch") {
    return note(
      "Google accepts the client id and its secret, but not the redirect URI.",
      `Check that Google's console lists exactly ${config.MCP_PUBLIC_URL}/oauth/callback for this client.`,
    );
  }
  if (error === "invalid_client" || error === "unauthorized_client") {
    return problem(
      `Google doesn't accept the client (${error}): no business can connect, and no access is renewed.`,
      "Copy GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET anew from Google's console; the client must be a web application.",
    );
  }
  return problem(
    `Whether Google accepts the client couldn't be seen: its token endpoint answered ${answer.status}${error === undefined ? "" : ` (${error})`}.`,
    "Run this again in a few minutes. If it stays, check GOOGLE_TOKEN_URL.",
  );
}

/** The `error` of an OAuth answer (RFC 6749, 5.2), if it has the form of one: other text may quote the secret. */
function toOAuthError(body: string): string | undefined {
  try {
    const { error } = Object(JSON.parse(body)) as { error?: unknown };
    return typeof error === "string" && /^[a-z_]{1,50}$/.test(error) ? error : undefined;
  } catch {
    return undefined;
  }
}
