/** Source 000's names for two of the providers here: the calendars of both are mcp-calendar's. */
const providerIds: Readonly<Record<string, string>> = { google: "gmail", microsoft: "outlook-mail" };

const platforms = new Map(
  Object.entries(providerIds).map(([platform, providerId]) => [providerId, platform]),
);

/** The id of a provider by source 000's name, which is mostly the same. */
export function providerIdOf(platform: string): string {
  return providerIds[platform] ?? platform;
}

/** Source 000's name of a provider. */
export function platformOf(providerId: string): string {
  return platforms.get(providerId) ?? providerId;
}
