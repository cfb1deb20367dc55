// Rules for docker-compose.yml, each a function from the file to sentences. test/compose starts the file.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { SECTIONS } from '../../src/config/schema.ts';
import { settingsOf, type Setting } from '../../src/config/setting.ts';
import { environmentOf, type ComposeFile, type Service } from './compose-file.ts';

export type ComposeRule = (file: ComposeFile) => string[];

const CORE_LIMIT_BYTES = 2.5e9;
const PROFILE_LIMIT_BYTES = 1e9;
/** Management ports of the service and of the example. */
const MANAGEMENT_PORTS = /:(?:8081|8083)$/;

const each =
  (find: (name: string, service: Service) => string[]): ComposeRule =>
  (file) =>
    [...file].flatMap(([name, service]) => find(name, service).map((fault) => `${name} ${fault}`));

/** In bytes; undefined without a limit. */
const memoryLimit = ({ deploy }: Service): number | undefined => {
  const [, number, unit] = /^(\d+)([MG])$/.exec(deploy?.resources?.limits?.memory ?? '') ?? [];
  if (number === undefined) return undefined;
  return Number(number) * (unit === 'G' ? 1024 ** 3 : 1024 ** 2);
};

/** The memory limits of the services without a profile add up to less than 2.5 GB, those that a profile adds to less than 1 GB. */
export const limitsAddUp: ComposeRule = (file) => {
  const limits = [...file].map(([name, service]) => ({ name, service, bytes: memoryLimit(service) }));
  const sumOf = (profile?: string): number =>
    limits
      .filter(({ service }) => (profile === undefined ? !service.profiles : service.profiles?.includes(profile)))
      .reduce((total, { bytes }) => total + (bytes ?? 0), 0);
  const sum = sumOf();
  const profiles = new Set([...file.values()].flatMap((service) => service.profiles ?? []));
  return [
    ...limits.filter(({ bytes }) => bytes === undefined).map(({ name }) => `${name} has no memory limit in M or G`),
    ...limits
      .filter(({ service }) => service.deploy?.resources?.limits?.cpus === undefined)
      .map(({ name }) => `${name} has no CPU limit`),
    ...(sum < CORE_LIMIT_BYTES ? [] : [`the memory limits add up to ${(sum / 1e9).toFixed(2)} GB`]),
    ...[...profiles]
      .filter((profile) => sumOf(profile) >= PROFILE_LIMIT_BYTES)
      .map((profile) => `the memory limits of ${profile} add up to ${(sumOf(profile) / 1e9).toFixed(2)} GB`),
  ];
};

/** An image has a version or digest, or is built from this repository. */
export const imagesArePinned: ComposeRule = (file) => {
  const built = new Set([...file.values()].filter(({ build }) => build !== undefined).map(({ image }) => image));
  const isPinned = (image: string): boolean => built.has(image) || /:v?\d[\w.-]*$|@sha256:[\da-f]{64}$/.test(image);
  return each((_, { image }) => (isPinned(image) ? [] : [`runs ${image}, which has no version`]))(file);
};

/** Ports are published on 127.0.0.1 only, and management ports are not published. */
export const portsAreLocal: ComposeRule = each((_, { ports = [] }) =>
  ports.flatMap((port) => [
    ...(typeof port === 'string' && port.startsWith('127.0.0.1:')
      ? []
      : [`publishes ${JSON.stringify(port)}, not on 127.0.0.1 only`]),
    ...(typeof port === 'string' && MANAGEMENT_PORTS.test(port) ? [`publishes its management port, ${port}`] : []),
  ]),
);

const SECRET_NAME = /(?:PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIALS?|KEYS?)$/;
/** Credentials in a URL, or a long text of mixed letters and digits. */
const SECRET_VALUES = [/:\/\/[^/\s:@]*:[^/\s@]*@/, /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w+/=-]{20,}$/];

/** Secrets are files, created by the service `secrets`. */
export const secretsAreFiles: ComposeRule = each((_, service) => [
  ...environmentOf(service)
    .filter(([name, value]) => SECRET_NAME.test(name) || SECRET_VALUES.some((pattern) => pattern.test(value)))
    .map(([name]) => `has a secret in ${name}`),
  ...(service.command ?? [])
    .filter((part) => SECRET_VALUES.some((pattern) => pattern.test(part)))
    .map(() => 'has a secret in its command'),
]);

const settings: Setting[] = Object.values(SECTIONS).flatMap((room) => settingsOf(room).map(([, setting]) => setting));
const OURS = new Set(settings.flatMap(({ env, secret }) => (secret ? [`${env}_FILE`] : [env])));

/** What the tracer of this release reads. */
const OF_TRACER = new Set(
  Object.keys(
    (
      JSON.parse(
        readFileSync(
          join(
            import.meta.dirname,
            '../../node_modules/dd-trace/packages/dd-trace/src/config/supported-configurations.json',
          ),
          'utf8',
        ),
      ) as { supportedConfigurations: Record<string, unknown> }
    ).supportedConfigurations,
  ),
);

const isService = ({ image }: Service): boolean => image.endsWith('/service:local');
const isExample = ({ image }: Service): boolean => image.endsWith('/notification-service:local');

/**
 * A container is given only environment variables that its process reads.
 * @param namesOfExample the variables that the example reads
 */
export const settingsExist = (namesOfExample: ReadonlySet<string>): ComposeRule =>
  each((_, service) => {
    if (!isService(service) && !isExample(service)) return [];
    const own = isService(service) ? OURS : namesOfExample;
    const reads = (name: string): boolean => own.has(name) || OF_TRACER.has(name);
    return environmentOf(service)
      .filter(([name]) => !reads(name))
      .map(([name]) => `sets ${name}, which its process does not read`);
  });

const FLAGS = 'FEATURE_FLAGS_FILE';

/** The file of feature flags is in a mounted directory: a container keeps the first version of a file that is mounted by itself and then replaced. */
export const flagsAreInADirectory: ComposeRule = each((_, service) => {
  const path = new Map(environmentOf(service)).get(FLAGS);
  const mounted = (service.volumes ?? []).map((mount) => mount.split(':')[1]);
  return path === undefined || mounted.includes(dirname(path))
    ? []
    : [`does not mount the directory of ${FLAGS}, ${dirname(path)}`];
});

/** Our containers have a read-only file system, no capabilities and no way to gain privileges. */
export const ownServicesAreHardened: ComposeRule = each((_, service) =>
  isService(service) || isExample(service)
    ? [
        // Compose copies a secret from a variable into the container, and can't do that with a read-only one
        ...(service.read_only === true || service.secrets !== undefined ? [] : ['has a writable root file system']),
        ...(service.cap_drop?.includes('ALL') === true ? [] : ['keeps capabilities']),
        ...(service.security_opt?.includes('no-new-privileges:true') === true ? [] : ['may gain privileges']),
      ]
    : [],
);

/** A server has a restart policy, and a stop grace period that is longer than its own shutdown timeout. */
export const shutdownIsGraceful: ComposeRule = each((_, service) => {
  const timeoutMs = Number(service.environment?.LIFECYCLE_SHUTDOWN_TIMEOUT_MS ?? (isExample(service) ? 10_000 : 0));
  const gracePeriodMs = Number(/^(\d+)s$/.exec(service.stop_grace_period ?? '10s')?.[1]) * 1000;
  const isServer = service.restart !== 'no';
  return [
    ...(service.restart === undefined ? ['has no restart policy'] : []),
    ...(isServer && timeoutMs >= gracePeriodMs
      ? [`has a stop grace period of ${gracePeriodMs} ms for a shutdown timeout of ${timeoutMs} ms`]
      : []),
  ];
});

/** A container's log is bounded. */
export const logsAreRotated: ComposeRule = each((_, { logging }) =>
  logging?.options?.['max-size'] !== undefined && logging.options['max-file'] !== undefined
    ? []
    : ['has a log without a limit'],
);

/** What the Dockerfiles of the images declare as VOLUME. An image that is missing here is not checked, so it is a finding. */
const VOLUMES_OF_IMAGES: ReadonlyMap<string, readonly string[]> = new Map([
  ['postgres', ['/var/lib/postgresql']],
  ['redis', ['/data']],
  ['apache/kafka', ['/etc/kafka/secrets', '/var/lib/kafka/data', '/mnt/shared/config']],
  ['apicurio/apicurio-registry', []],
  ['prom/prometheus', ['/prometheus']],
  ['datadog/agent', ['/var/run/s6', '/var/log/datadog']],
  ['prom/alertmanager', ['/alertmanager']],
  ['grafana/grafana', []],
  ['jaegertracing/jaeger', ['/tmp']],
  ['hashicorp/vault', ['/vault/file', '/vault/logs']],
]);

/** Every volume of an image has a mount: otherwise each `up` makes an anonymous volume, which `down` leaves behind. */
export const noAnonymousVolumes: ComposeRule = each((_, service) => {
  if (isService(service) || isExample(service)) return [];
  const declared = VOLUMES_OF_IMAGES.get(service.image.split(/[:@]/, 1)[0] ?? '');
  if (declared === undefined) return [`runs ${service.image}, whose volumes are not known to this rule`];
  const mounted = new Set([
    ...(service.volumes ?? []).map((mount) => mount.split(':')[1]),
    ...(service.tmpfs ?? []).map((mount) => mount.split(':')[0]),
  ]);
  return declared.filter((path) => !mounted.has(path)).map((path) => `makes an anonymous volume for ${path}`);
});
