import type { Selectable } from "kysely";
import type { Role } from "../access/caller.ts";
import type { PeopleTables } from "./migrations.ts";

/** Somebody who may sign in. Times are ISO 8601 in UTC. */
export type User = {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly avatarUrl: string | null;
  readonly role: Role;
  readonly isActive: boolean;
  /** Of the panel; null: the browser's. */
  readonly language: string | null;
  /** Whether they get mail when a connection is lost. */
  readonly emailNotifications: boolean;
  readonly hasPassword: boolean;
  /** Whether a code of an authenticator is asked for beside the password. */
  readonly hasTotp: boolean;
  /** null: the invitation isn't accepted yet. */
  readonly joinedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
};

export function toUser(row: Selectable<PeopleTables["users"]>): User {
  return {
    ...{ id: row.id, email: row.email, name: row.name, avatarUrl: row.avatar_url },
    ...{ role: row.role as Role, isActive: row.is_active === 1, language: row.language },
    emailNotifications: row.email_notifications === 1,
    ...{ hasPassword: row.password_hash !== null, hasTotp: row.totp_secret !== null },
    ...{ joinedAt: row.joined_at, createdAt: row.created_at, updatedAt: row.updated_at },
  };
}

/** How addresses are stored and compared. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** There is a user with this address already. */
export class EmailTakenError extends Error {
  override readonly name = "EmailTakenError";
  readonly code = "email_taken";
  readonly statusCode = 409;
  constructor() {
    super("There is somebody with this address already.");
  }
}

/** Nobody could administer any more. */
export class LastAdminError extends Error {
  override readonly name = "LastAdminError";
  readonly code = "last_admin";
  readonly statusCode = 409;
  constructor() {
    super("This is the last active admin: make somebody else an admin first.");
  }
}

/** There is no user with this id. */
export class UserNotFoundError extends Error {
  override readonly name = "UserNotFoundError";
  readonly code = "unknown_user";
  readonly statusCode = 404;
  constructor() {
    super("There is no user with this id.");
  }
}
