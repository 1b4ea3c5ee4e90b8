import { readText } from "../oauth/post-form.ts";
import type { Send } from "./send-request.ts";

/** Sends to a provider's own hosts. The timeout covers the whole response, with its body; a redirect is an error. */
export const sendByFetch: Send = async (url, { method, headers, body }, { timeoutMs, maxBytes }) => {
  const response = await fetch(url, {
    ...{ method, headers, redirect: "error", signal: AbortSignal.timeout(timeoutMs) },
    ...(body !== undefined && { body }),
  });
  return {
    status: response.status,
    headers: response.headers,
    text: await readText(response, maxBytes),
  };
};
