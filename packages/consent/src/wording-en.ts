/** The texts of a result page: what happened, and what to do. */
export type ResultText = { readonly title: string; readonly text: string };

/** The English texts. Their type is that of the other languages. */
export const english = {
  connectTitle: (business: string) => `Connect the calendar of ${business}`,
  connectTitleNameless: "Connect your calendar",
  /** Before what the provider's words say can be done then. */
  asks: (operator: string) => `${operator} asks you to connect your calendar.`,
  cardTitle: (operator: string, business: string | null) =>
    `${operator} asks to connect ${business === null ? "your calendar" : `the calendar of ${business}`}`,
  cardText: "So that appointments can be booked by message when you are free. It takes a minute.",
  willDo: "What this allows:",
  willDoList: [
    "See when you are busy (never the titles or guests of your events)",
    "Add, move and cancel the appointments it booked itself",
  ],
  yourAddress: "your address",
  chooseProvider: "Which calendar does your business use?",
  inAppTitle: "Open this page in your browser",
  tryAgain: "Try again",
  linkUsed: (account: string | null, provider: string): ResultText => ({
    title: "This link has already been used",
    text: `${account === null ? `A calendar at ${provider}` : `The calendar of ${account} (${provider})`} was connected by it, and nothing else was connected now. If that is the right one there is nothing left to do. Otherwise ask whoever sent you the link for a new one.`,
  }),
  results: {
    connected: {
      title: "Your calendar is connected",
      text: "That's all: appointments can now be booked for you. You can close this page.",
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
    wrong_provider: {
      title: "That answer came from elsewhere",
      text: "It isn't from the provider that you were sent to. Nothing was connected. Open the link from the message again.",
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
};

export type Wording = typeof english;
