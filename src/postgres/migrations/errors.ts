import { CodedError } from '../../errors/coded-error.ts';

/** Shown to the person or the deployment that migrates, so these messages name migrations, roles and tables, never data. */
export type MigrationErrorCode =
  | 'MIGRATION_FILES_INVALID' // a file's name or shape; one fault per file
  | 'MIGRATION_HISTORY_UNSOUND' // files and database disagree; one fault per migration
  | 'MIGRATION_FAILED' // a statement was refused; nothing of its transaction stays
  | 'MIGRATION_LOCK_BUSY' // another run did not end in time
  | 'MIGRATION_ROLE_MISSING' // roles.sql was not applied, or the login is no member
  | 'MIGRATION_UNKNOWN' // no file of that name
  | 'BASELINE_IMPOSSIBLE'; // the tables to adopt are missing or belong to someone else

export class MigrationError extends CodedError<MigrationErrorCode> {}
