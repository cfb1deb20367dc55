/** What the user of `npm run secrets` can fix. The message contains no secret. */
export class SecretsError extends Error {
  /** One line each. */
  readonly faults: readonly string[];

  constructor(message: string, faults: readonly string[] = []) {
    super([message, ...faults.map((fault) => `- ${fault}`)].join('\n'));
    this.faults = faults;
  }
}
