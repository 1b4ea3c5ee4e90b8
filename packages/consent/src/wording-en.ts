/** The texts of a result page: what happened, and what to do. */
export type ResultText = { readonly title: string; readonly text: string };

/** The English texts. Their type is that of the other languages. */
export const english = {
  connectTitle: (business: string) => `Connect the calendar of ${business}`,
  connectTitleNameless: "Connect your calendar",
  connectText:
    "Your appointments can then be booked by message, into your own Google Calendar, at times when you are free.",
  willDo: "What this allows:",
  willDoList: [
    "See when you are busy (never the titles or guests of your events)",
    "Add, move and cancel the appointments it booked itself",
  ],
  account: (email: string) =>
    `Choose the Google account ${email} on the next page, and leave the calendar box ticked.`,
  accountAny: "Choose the account of your business on the next page, and leave the calendar box ticked.",
  continueButton: "Continue to Google",
  blockedHint: (email: string) =>
    `If Google says "Access blocked", ask whoever sent you this link to add ${email} to the test users.`,
  yourAddress: "your address",
  stopAnyTime: "You can end this at any time at myaccount.google.com/permissions.",
  inAppTitle: "Open this page in your browser",
  inAppText:
    "Google doesn't allow signing in inside this app. Open the menu (three dots, or the share icon) and choose Open in browser, Chrome or Safari. Or copy the link from the message and paste it into your browser.",
  tryAgain: "Try again",
  results: {
    connected: {
      title: "Your calendar is connected",
      text: "That's all: appointments can now be booked for you. You can close this page.",
    },
    calendar_missing: {
      title: "This account has no calendar yet",
      text: "You gave the permission, but this Google account doesn't use Google Calendar. Open calendar.google.com once with it: nothing else is needed, appointments can be booked a few minutes later. If you meant another account, ask whoever sent you the link for a new one.",
    },
    calendar_blocked: {
      title: "Your organisation doesn't allow it",
      text: "You gave the permission, but the administrator of your Google Workspace doesn't let apps use the calendar. Ask your administrator to allow this app, or ask whoever sent you the link for a new one and choose another account.",
    },
    calendar_not_set_up: {
      title: "Something is missing on our side",
      text: "You gave the permission, but the Google Calendar API isn't switched on in our Google Cloud project. You needn't do anything: tell whoever sent you the link, who has to enable it.",
    },
    calendar_unusable: {
      title: "Your calendar can't be used yet",
      text: "You gave the permission, but the calendar can't be read. You needn't give it again: tell whoever sent you the link, who can see why.",
    },
    link_unknown: {
      title: "This link doesn't work",
      text: "Check that you opened the whole link from the message, or ask whoever sent it for a new one.",
    },
    link_expired: { title: "This link has expired", text: "Ask whoever sent it for a new one." },
    link_revoked: {
      title: "This link was replaced",
      text: "Use the newest link you were sent, or ask for a new one.",
    },
    link_used: {
      title: "This link has already been used",
      text: "If your calendar is connected there is nothing left to do. Otherwise ask whoever sent it for a new one.",
    },
    access_denied: {
      title: "Nothing was connected",
      text: "You chose not to allow it. If that was a mistake, try again.",
    },
    scope_missing: {
      title: "The calendar box was not ticked",
      text: "Without it your free times can't be seen, so nothing was connected. Try again and leave the calendar box ticked.",
    },
    no_refresh_token: {
      title: "Google gave no lasting permission",
      text: "Nothing was connected. Please try again.",
    },
    exchange_failed: {
      title: "Google didn't confirm it",
      text: "Nothing was connected. Please try again. If it happens again, tell whoever sent you the link.",
    },
    client_refused: {
      title: "Google doesn't accept this program's client",
      text: "Nothing was connected. The client ID or the client secret in the configuration is wrong: check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, and start the program again.",
    },
    state_invalid: {
      title: "Please start again",
      text: "This page was opened in another browser than the one you started in, twice, or too late. Open the link from the message again.",
    },
    server_error: {
      title: "Something went wrong on our side",
      text: "Nothing was connected. Please try again in a few minutes.",
    },
    too_many_visits: {
      title: "Please wait a minute",
      text: "This page was opened too often in a short time. Wait a minute and load it again: nothing is lost.",
    },
  },
  wrongAccount: (chosen: string, expected: string): ResultText => ({
    title: "That was another Google account",
    text: `You chose ${chosen}, but this link is for ${expected}. Nothing was connected. Try again and choose ${expected}, or ask whoever sent the link to change the address.`,
  }),
  readdressedAccount: (address: string): ResultText => ({
    title: "That was another Google account",
    text: `${address} now belongs to another Google account than the one that was connected before. Nothing was connected. If you still have that one, try again and choose it; otherwise tell whoever sent you the link.`,
  }),
};

export type Wording = typeof english;
