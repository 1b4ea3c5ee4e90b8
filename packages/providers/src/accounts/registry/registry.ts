/** The accounts that can be connected, a file each. A plain OAuth provider is a file here, and a line in the list. */

import type { AccountProvider } from "../definition.ts";
import { discord } from "./discord.ts";
import { facebook } from "./facebook.ts";
import { gmail } from "./gmail.ts";
import { googleAds } from "./google-ads.ts";
import { hubspot } from "./hubspot.ts";
import { instagram } from "./instagram.ts";
import { linkedin } from "./linkedin.ts";
import { mailchimp } from "./mailchimp.ts";
import { metaAds } from "./meta-ads.ts";
import { outlookMail } from "./outlook-mail.ts";
import { paypal } from "./paypal.ts";
import { salesforce } from "./salesforce.ts";
import { sendgrid } from "./sendgrid.ts";
import { shopify } from "./shopify.ts";
import { slack } from "./slack.ts";
import { stripe } from "./stripe.ts";
import { tiktok } from "./tiktok.ts";
import { tiktokAds } from "./tiktok-ads.ts";
import { twitter } from "./twitter.ts";
import { woocommerce } from "./woocommerce.ts";
import { youtube } from "./youtube.ts";
import { zapier } from "./zapier.ts";

/** In the order in which they are listed. */
export const accountProviders: readonly AccountProvider[] = [
  ...[tiktok, instagram, facebook, youtube, twitter, linkedin],
  ...[hubspot, salesforce, shopify, woocommerce],
  ...[metaAds, googleAds, tiktokAds, mailchimp, sendgrid],
  ...[stripe, paypal, zapier, slack, discord, gmail, outlookMail],
];
