/** One wrong setting. `detail` follows the name in a sentence and never carries the value. */
export type ConfigFault = { readonly env: string; readonly detail: string };

/** A setting that was read: its value, or what is wrong with it. */
export type Reading = { readonly value: unknown } | ConfigFault;

/** Exit code of a process whose settings are wrong: EX_CONFIG of sysexits.h. */
export const CONFIG_EXIT_CODE = 78;

/** Everything that is wrong with the settings, at once: who fixes one fault should not meet the next at the next start. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super('the settings are not valid');
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** The report for whoever starts the process, one line per fault. */
export const describeFaults = ({ faults }: ConfigError): string => {
  const width = Math.max(...faults.map(({ env }) => env.length));
  return [
    `not started, wrong settings: ${faults.length}`,
    ...faults.map(({ env, detail }) => `  ${env.padEnd(width)}  ${detail}`),
    'docs/configuration.md describes every setting',
  ].join('\n');
};
