// What docker-compose.yml promises, each rule a function from the file to sentences. test/compose starts it.

import { ROOMS } from '../../src/config/schema.ts';
import { settingsOf, type Setting } from '../../src/config/setting.ts';
import { environmentOf, type ComposeFile, type Service } from './compose-file.ts';

export type ComposeRule = (file: ComposeFile) => string[];

const CORE_LIMIT_BYTES = 2.5e9;
/** Of the service, and of the example. */
const MANAGEMENT_PORTS = /:(?:8081|8083)$/;

const each =
  (find: (name: string, service: Service) => string[]): ComposeRule =>
  (file) =>
    [...file].flatMap(([name, service]) => find(name, service).map((fault) => `${name} ${fault}`));

/** In bytes; undefined: there is none. */
const memoryLimit = ({ deploy }: Service): number | undefined => {
  const [, number, unit] = /^(\d+)([MG])$/.exec(deploy?.resources?.limits?.memory ?? '') ?? [];
  if (number === undefined) return undefined;
  return Number(number) * (unit === 'G' ? 1024 ** 3 : 1024 ** 2);
};

/** What starts without a profile fits into 2.5 GB even if every container uses all it may. */
export const limitsAddUp: ComposeRule = (file) => {
  const limits = [...file].map(([name, service]) => ({ name, service, bytes: memoryLimit(service) }));
  const core = limits.filter(({ service }) => service.profiles === undefined);
  const sum = core.reduce((total, { bytes }) => total + (bytes ?? 0), 0);
  return [
    ...limits.filter(({ bytes }) => bytes === undefined).map(({ name }) => `${name} has no memory limit in M or G`),
    ...limits
      .filter(({ service }) => service.deploy?.resources?.limits?.cpus === undefined)
      .map(({ name }) => `${name} has no limit of processors`),
    ...(sum < CORE_LIMIT_BYTES ? [] : [`the memory limits add up to ${(sum / 1e9).toFixed(2)} GB`]),
  ];
};

/** An image has a version, or is built here. */
export const imagesArePinned: ComposeRule = (file) => {
  const built = new Set([...file.values()].filter(({ build }) => build !== undefined).map(({ image }) => image));
  const isPinned = (image: string): boolean => built.has(image) || /:v?\d[\w.-]*$|@sha256:[\da-f]{64}$/.test(image);
  return each((_, { image }) => (isPinned(image) ? [] : [`runs ${image}, which has no version`]))(file);
};

/** Only this machine reaches what is published, and what is for the platform is not published at all. */
export const portsAreLocal: ComposeRule = each((_, { ports = [] }) =>
  ports.flatMap((port) => [
    ...(typeof port === 'string' && port.startsWith('127.0.0.1:')
      ? []
      : [`publishes ${JSON.stringify(port)} to others`]),
    ...(typeof port === 'string' && MANAGEMENT_PORTS.test(port) ? [`publishes its management port, ${port}`] : []),
  ]),
);

const SECRET_NAME = /(?:PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIALS?|KEYS?)$/;
/** An account in an address, or a long text of mixed letters and digits. */
const SECRET_VALUES = [/:\/\/[^/\s:@]*:[^/\s@]*@/, /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w+/=-]{20,}$/];

/** A secret is a file, made by the service `secrets`. */
export const secretsAreFiles: ComposeRule = each((_, service) => [
  ...environmentOf(service)
    .filter(([name, value]) => SECRET_NAME.test(name) || SECRET_VALUES.some((pattern) => pattern.test(value)))
    .map(([name]) => `has a secret in ${name}`),
  ...(service.command ?? [])
    .filter((part) => SECRET_VALUES.some((pattern) => pattern.test(part)))
    .map(() => 'has a secret in its command'),
]);

const settings: Setting[] = Object.values(ROOMS).flatMap((room) => settingsOf(room).map(([, setting]) => setting));
const OURS = new Set(settings.flatMap(({ env, secret }) => (secret ? [`${env}_FILE`] : [env])));

/** A service is one of our processes, or the example. */
const isService = ({ image }: Service): boolean => image.endsWith('/service:local');
const isExample = ({ image }: Service): boolean => image.endsWith('/notification-service:local');

/** @param namesOfExample the variables that the example reads */
export const settingsExist = (namesOfExample: ReadonlySet<string>): ComposeRule =>
  each((_, service) => {
    const known = isService(service) ? OURS : namesOfExample;
    if (!isService(service) && !isExample(service)) return [];
    return environmentOf(service)
      .filter(([name]) => !known.has(name) && name !== 'DD_TRACE_ENABLED')
      .map(([name]) => `is given ${name}, which it does not know`);
  });

/** Our containers can't write to their image, hold no capability and gain none. */
export const ownServicesAreHardened: ComposeRule = each((_, service) =>
  isService(service) || isExample(service)
    ? [
        ...(service.read_only === true ? [] : ['can write to its image']),
        ...(service.cap_drop?.includes('ALL') === true ? [] : ['keeps capabilities']),
        ...(service.security_opt?.includes('no-new-privileges:true') === true ? [] : ['may gain privileges']),
      ]
    : [],
);

/** A server comes back by itself; the engine kills it only after it had the time that it was promised. */
export const endsAreOrderly: ComposeRule = each((_, service) => {
  const promised = Number(service.environment?.LIFECYCLE_SHUTDOWN_TIMEOUT_MS ?? (isExample(service) ? 10_000 : 0));
  const given = Number(/^(\d+)s$/.exec(service.stop_grace_period ?? '10s')?.[1]) * 1000;
  const isServer = service.restart !== 'no';
  return [
    ...(service.restart === undefined ? ['has no restart policy'] : []),
    ...(isServer && promised >= given ? [`is killed after ${given} ms and was promised ${promised} ms`] : []),
  ];
});
