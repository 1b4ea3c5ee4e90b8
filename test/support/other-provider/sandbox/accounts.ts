import { createDiary, type Diary } from "./diary.ts";

export type Account = {
  readonly mail: string;
  /** The provider's own id of the account. */
  readonly number: string;
  readonly zone: string;
  /** By the calendar's id; the account's own is `main`. */
  readonly diaries: ReadonlyMap<string, Diary>;
};

export type Accounts = ReturnType<typeof createAccounts>;

export function createAccounts() {
  const accounts = new Map<string, Account>();
  let tags = 0;
  const nextTag = () => `W/"${++tags}"`;

  function make(
    mail: string,
    more: { number?: string | undefined; zone?: string; calendars?: string[] } = {},
  ) {
    const { number = `no-${mail}`, zone = "America/Bogota", calendars = [] } = more;
    const diaries = new Map(["main", ...calendars].map((id) => [id, createDiary(nextTag)] as const));
    const account: Account = { mail, number, zone, diaries };
    accounts.set(mail.toLowerCase(), account);
    return account;
  }

  return {
    make,
    find: (mail: string) => accounts.get(mail.toLowerCase()),
    findOrMake: (mail: string) => accounts.get(mail.toLowerCase()) ?? make(mail),
  };
}
