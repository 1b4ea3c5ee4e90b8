import type { Words } from "./words.ts";

export const en: Words = {
  title: "My connections",
  subtitle: "Your own accounts. A customer’s are on its page.",
  intro:
    "Accounts at other services. Their access is stored encrypted, renewed by itself and checked several times a day.",
  back: "Back to the connections",
  none: {
    title: "No account is connected yet",
    text: "Choose the service below, and give permission with the account that you want to connect.",
    readOnly: "Somebody who may make changes connects them here.",
  },
  tableLabel: "Connected accounts",
  account: "Account",
  state: "State",
  access: "Access",
  synced: "Last sync",
  actions: "Actions",
  states: {
    connected: "Connected",
    lost: "Needs permission",
    problem: "Has a problem",
    paused: "Paused",
    disconnected: "Disconnected",
  },
  problems: {
    lost: (provider) =>
      `${provider} has ended the permission: it was taken back, or has run out. It has to be given again.`,
    refused: (provider) =>
      `${provider} doesn’t allow it for this account. The account’s owner can see why in the settings there.`,
    misconfigured: (provider) =>
      `${provider} doesn’t accept our application. Whoever runs the service has to look at its keys and settings.`,
    rate_limited: (provider) => `${provider} has asked us to wait. It is tried again by itself.`,
    unreachable: (provider) => `${provider} doesn’t answer as it should. It is tried again by itself.`,
  },
  technical: "Technical detail",
  renewed: "Renewed by itself",
  renewedUntil: (time) => `Renewed by itself, until ${time}`,
  ends: (time) => `Ends on ${time}; then permission has to be given again`,
  endless: "Doesn’t expire",
  over: "There is no access any more",
  never: "Not yet",
  reconnect: "Reconnect",
  pause: "Pause",
  resume: "Resume",
  log: "Log",
  more: "See more accounts",
  connect: "Connect an account",
  connectHint: "We take you to the service to give permission; then you come back here.",
  categories: {
    social: "Social media",
    shops: "Shops",
    marketing: "Advertising and sales",
    payments: "Payments",
    messages: "Messages and alerts",
    mail: "E-mail",
  },
  notConfigured: "Not configured",
  notConfiguredHint:
    "These services can be connected once the integration service has their variables. The guide is docs/integrations.md.",
  nothingConfigured: {
    title: "There is no service to connect yet",
    text: "Whoever runs Cita has to configure at least one.",
  },
  variables: "Variables",
  leaving: (provider) => `On to ${provider}`,
  leavingText: (provider) =>
    `We are taking you to ${provider} to give permission. If nothing happens, use the button.`,
  goOn: (provider) => `Go on to ${provider}`,
  connected: (provider) => `${provider} is connected with this account:`,
  stillLost: "You gave permission with another account. This one is still waiting for its own:",
  failures: {
    OAUTH_FAILED:
      "Nothing was connected: not all of the permission was given, the account doesn’t suit, or it took too long. Start again.",
    PROVIDER_ERROR:
      "Nothing was connected: the service didn’t answer as it should. Try again in some minutes.",
    RATE_LIMITED: "Nothing was connected: the service asked us to wait. Try again in some minutes.",
    other: "Nobody knows what became of that attempt. Here you see how everything is now.",
  },
  unavailable:
    "The integration service doesn’t answer, so nobody knows how these accounts are. The rest of the panel goes on working. Try again in a moment.",
  notStarted: {
    provider: "That service can’t be connected here: it isn’t configured.",
    refused: "It can’t be started with what is stored of this account. Connect it as a new one.",
    returnUrl: (url) =>
      `It can’t be started: add ${url} to ALLOWED_REDIRECT_URIS of the integration service, and restart it.`,
    returnUrlForOthers: "It can’t be started: whoever runs the service has a setting missing. Tell them.",
  },
  provider: "Service",
  email: "E-mail",
  accountId: "Identifier",
  connectedBy: "Connected by",
  connectedAt: "Connected",
  permissions: "Permissions",
  facts: "Facts",
  rename: "Change the name",
  name: "Name",
  nameHint: "As you want to see it here. At the service nothing changes.",
  nameProblem: "Write a name of at most 200 characters.",
  save: "Save",
  saved: "Saved.",
  disconnect: "Disconnect",
  disconnectText:
    "The access is erased here, and nothing of this account works until permission is given again. The log stays.",
  disconnectKeys: "This service doesn’t let us take the permission back from here: take it back there too.",
  disconnectShared: (provider) =>
    `At ${provider} an account has one permission for all connections made with it. Where there are others, it stays there so as not to cut them.`,
  revokeAll: (provider) => `Take it back at ${provider} too`,
  revokeAllHint: "It cuts all connections of that account, those of other customers too.",
  disconnectConfirm: "Disconnect this account?",
  disconnected: {
    revoked: (provider) => `Disconnected, and the permission was taken back at ${provider}.`,
    shared: (provider) =>
      `Disconnected here. At ${provider} the permission stays, since other connections of the same account use it.`,
    unsupported: (provider) =>
      `Disconnected here. The permission at ${provider} can’t be taken back from here: do it there.`,
    unconfirmed: (provider) =>
      `Disconnected here, but ${provider} hasn’t confirmed that the permission was taken back: see there.`,
    nothing: () => "It was disconnected already.",
    reconnected: () => "It was connected again meanwhile, so it stays connected.",
  },
  endThere: "Take the permission back there",
  logTitle: "Log",
  logEmpty: "Nothing has been done with this account yet.",
  logAction: "What was done",
  logWhen: "When",
  logResult: "Result",
  logActions: { renew_token: "Renew the access", probe: "Check that it answers" },
  logStates: {
    PENDING: "Pending",
    IN_PROGRESS: "Under way",
    COMPLETED: "Done",
    FAILED: "Failed",
    CANCELLED: "Interrupted",
  },
  logOlder: "Older",
  logNewest: "Back to the newest",
};
