import { CodedError } from '../../errors/coded-error.ts';

/** Shown to the user of `npm start`, so the messages contain the folder and the port. */
export type EmbeddedPostgresErrorCode =
  | 'POSTGRES_IN_USE' // another running user-service uses the folder
  | 'POSTGRES_PORT_TAKEN'
  | 'POSTGRES_OTHER_VERSION' // the data was written by another major version
  | 'POSTGRES_FOLDER_CLOSED' // started as root, and the folder that the server's account could use belongs to another user
  | 'POSTGRES_PLATFORM_UNKNOWN' // no binaries for this platform
  | 'POSTGRES_NOT_STARTED';

export class EmbeddedPostgresError extends CodedError<EmbeddedPostgresErrorCode> {}
