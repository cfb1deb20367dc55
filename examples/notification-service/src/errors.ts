export type NotificationErrorCode =
  'MESSAGE_UNREADABLE' | 'EVENT_FORBIDDEN' | 'EMAIL_REJECTED' | 'DEPENDENCY_UNAVAILABLE';

/** Expected failures. A transient one is retried until it succeeds; a permanent one becomes a dead letter at once. */
export class NotificationError extends Error {
  readonly code: NotificationErrorCode;

  constructor(code: NotificationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NotificationError';
    this.code = code;
  }

  /** Whether the same message succeeds once the dependency is available again. */
  get isTransient(): boolean {
    return this.code === 'DEPENDENCY_UNAVAILABLE';
  }
}

export const unavailable = (message: string, cause?: unknown): NotificationError =>
  new NotificationError('DEPENDENCY_UNAVAILABLE', message, { cause });
