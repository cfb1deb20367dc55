import { CodedError } from '../../errors/coded-error.ts';

/** Operators read these messages, so they name migrations, roles and tables, but never contain data. */
export type MigrationErrorCode =
  | 'MIGRATION_FILES_INVALID' // a file's name or shape; one fault per file
  | 'MIGRATION_HISTORY_UNSOUND' // files and database do not match; one fault per migration
  | 'MIGRATION_FAILED' // a statement failed; its transaction was rolled back
  | 'MIGRATION_LOCK_BUSY' // another run did not end in time
  | 'MIGRATION_ROLE_MISSING' // roles.sql was not applied, or the login is not a member
  | 'MIGRATION_UNKNOWN' // no file of that name
  | 'BASELINE_IMPOSSIBLE'; // the tables are missing or have another owner

export class MigrationError extends CodedError<MigrationErrorCode> {}
