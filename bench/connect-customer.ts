import { createBrowser } from "../test/support/browser.ts";
import { sendJson } from "./http-client.ts";
import { serviceKey } from "./servers.ts";

/** Connects a customer as its business does: opens the link, presses Continue, and allows it at Google. */
export async function connectCustomer(serviceUrl: string, customerId: string): Promise<void> {
  const { shareable_link } = (await sendJson({
    method: "POST",
    url: `${serviceUrl}/oauth/authorize`,
    headers: { authorization: `Bearer ${serviceKey}`, "content-type": "application/json" },
    body: JSON.stringify({ customer_id: customerId, customer_email: `${customerId}@example.com` }),
  })) as { shareable_link: string };
  const browser = createBrowser();
  const linkPage = await browser.open(shareable_link);
  const googlePage = await browser.submit(linkPage);
  const page = await browser.submit(googlePage, { action: "allow" });
  if (page.status !== 200) throw new Error(`The consent of ${customerId} failed: ${page.text}`);
}
