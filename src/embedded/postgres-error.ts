import { CodedError } from '../errors/coded-error.ts';

/** Shown to the person who typed `npm start`, so the messages name the folder and the port. */
export type EmbeddedPostgresErrorCode =
  | 'POSTGRES_IN_USE' // the folder belongs to a server whose user-service still runs
  | 'POSTGRES_PORT_TAKEN'
  | 'POSTGRES_OTHER_VERSION' // the data was written by another major version
  | 'POSTGRES_FOLDER_CLOSED' // started as root, and somebody else holds the place that its account could reach
  | 'POSTGRES_PLATFORM_UNKNOWN' // no binaries for this system
  | 'POSTGRES_NOT_STARTED';

export class EmbeddedPostgresError extends CodedError<EmbeddedPostgresErrorCode> {}
