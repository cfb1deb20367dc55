export type NotificationErrorCode =
  'MESSAGE_UNREADABLE' | 'EVENT_FORBIDDEN' | 'LETTER_REFUSED' | 'DEPENDENCY_UNAVAILABLE';

/** Foreseen failures. One that passes is waited for; one that does not makes a dead letter at once. */
export class NotificationError extends Error {
  readonly code: NotificationErrorCode;

  constructor(code: NotificationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NotificationError';
    this.code = code;
  }

  /** The same message will succeed once a part is back. */
  get passes(): boolean {
    return this.code === 'DEPENDENCY_UNAVAILABLE';
  }
}

export const unavailable = (message: string, cause?: unknown): NotificationError =>
  new NotificationError('DEPENDENCY_UNAVAILABLE', message, { cause });
