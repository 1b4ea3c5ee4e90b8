import { requestIdHeaders } from "@cita/process";
import { answerTime, retryAfterMs } from "../retry-after.ts";

/** A response with tokens has 2 kB. */
const maxAnswerBytes = 65_536;

type Limits = { readonly timeoutMs: number; readonly now: () => number };

/**
 * Posts a form to an authorization server. The timeout covers the whole response, with its body.
 * @returns `time`: the response's `Date` in epoch milliseconds; without one, our own time.
 * @throws where no complete response came, it is too long, or it redirects.
 */
export async function postForm(
  url: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
  { timeoutMs, now }: Limits,
) {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...requestIdHeaders(), ...headers },
    body: new URLSearchParams(form),
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  });
  const body = parseBody(await readText(response, maxAnswerBytes));
  return {
    status: response.status,
    body,
    retryAfterMs: retryAfterMs(response.headers, now()),
    time: answerTime(response.headers) ?? now(),
    cause: undefined,
  };
}

/** @throws when it is longer than `maxBytes`. */
export async function readText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Parses JSON. @returns the text itself where it isn't JSON. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
