/** One invalid setting. `detail` continues a sentence that begins with the name, and never contains the value. */
export type ConfigFault = { readonly env: string; readonly detail: string };

/** The result of reading a setting: its value, or its fault. */
export type Reading = { readonly value: unknown } | ConfigFault;

/** Exit code of a process with an invalid configuration: EX_CONFIG of sysexits.h. */
export const CONFIG_EXIT_CODE = 78;

/** All faults at once, so that fixing one does not reveal the next at the next start. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super('invalid configuration');
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** The report for standard error, one line per fault. */
export const describeFaults = ({ faults }: ConfigError): string => {
  const width = Math.max(...faults.map(({ env }) => env.length));
  return [
    `invalid configuration (${faults.length} ${faults.length === 1 ? 'error' : 'errors'})`,
    ...faults.map(({ env, detail }) => `  ${env.padEnd(width)}  ${detail}`),
    'docs/configuration.md describes every setting',
  ].join('\n');
};
