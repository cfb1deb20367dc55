// Receives metrics like Datadog's intake, as far as its documentation says: https://docs.datadoghq.com/api/latest/metrics/submit-metrics/
// It checks key, encoding, sizes and every value; a second point of the same series, host and second replaces the first one.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { inflateSync } from 'node:zlib';
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

const SERIES = '/api/v2/series';
const DISTRIBUTIONS = '/api/v1/distribution_points';
const LIMITS = { compressed: 512_000, text: 5_242_880 };
const OLDEST_SECONDS = 3600;
const FARTHEST_SECONDS = 600;

const Metric = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.]{0,199}$' });
const Tags = Type.Array(Type.String({ pattern: '^[a-z][\\w.-]*:[^\\s,]+$', maxLength: 200 }), { minItems: 3 });
const Time = Type.Integer();
const Host = Type.String({ minLength: 1, maxLength: 255 });
const closed = { additionalProperties: false };

const SeriesBody = Type.Object({
  series: Type.Array(
    Type.Object(
      {
        metric: Metric,
        type: Type.Union([Type.Literal(1), Type.Literal(3)]),
        interval: Type.Optional(Type.Integer({ minimum: 1 })),
        points: Type.Array(Type.Object({ timestamp: Time, value: Type.Number() }, closed), { minItems: 1 }),
        resources: Type.Array(Type.Object({ type: Type.Literal('host'), name: Host }, closed), { minItems: 1 }),
        tags: Tags,
      },
      closed,
    ),
  ),
});
const DistributionBody = Type.Object({
  series: Type.Array(
    Type.Object(
      {
        metric: Metric,
        points: Type.Array(Type.Tuple([Time, Type.Array(Type.Number(), { minItems: 1 })]), { minItems: 1 }),
        host: Host,
        tags: Tags,
      },
      closed,
    ),
  ),
});

type Kind = 'count' | 'gauge' | 'distribution';
type Stored = {
  readonly metric: string;
  readonly kind: Kind;
  readonly tags: readonly string[];
  readonly host: string;
  readonly interval: number | undefined;
  readonly timestamp: number;
  readonly values: readonly number[];
};
/** What to do with a request: a status with headers, an answer that never comes, or a connection that is reset before or after the data is stored. */
type Misbehaviour =
  | { readonly status: number; readonly headers?: Record<string, string> }
  | { readonly delayMs: number }
  | 'hang'
  | 'reset'
  | 'lose answer';
export type Misbehave = (text: string, index: number) => Misbehaviour | undefined;

const parse = <S extends TSchema>(schema: S, text: string): Static<S> => {
  const value: unknown = JSON.parse(text);
  if (Value.Check(schema, value)) return value;
  throw new Error(JSON.stringify(Value.Errors(schema, value)[0]));
};

const readSeries = (text: string): Stored[] =>
  parse(SeriesBody, text).series.flatMap(({ metric, type, points, resources, tags, interval }) =>
    points.map(({ timestamp, value }) => {
      if (type === 1 && interval === undefined) throw new Error('a count without an interval');
      const kind = type === 1 ? ('count' as const) : ('gauge' as const);
      return { metric, kind, tags, host: resources[0]?.name ?? '', interval, timestamp, values: [value] };
    }),
  );
const readDistributions = (text: string): Stored[] =>
  parse(DistributionBody, text).series.flatMap(({ metric, points, host, tags }) =>
    points.map(([timestamp, values]) => {
      const kind = 'distribution' as const;
      return { metric, kind, tags, host, interval: undefined, timestamp, values };
    }),
  );

export const startDatadogIntake = async ({ key = 'test-key', now = () => Date.now() / 1000 } = {}) => {
  const keys = new Set([key]);
  const limits = { ...LIMITS };
  const stored = new Map<string, Stored>();
  const statuses: number[] = [];
  const faults: string[] = [];
  const kinds = new Map<string, Kind>();
  let misbehave: Misbehave | undefined;

  const store = (point: Stored): void => {
    const known = kinds.get(point.metric) ?? point.kind;
    kinds.set(point.metric, point.kind);
    if (known !== point.kind) faults.push(`${point.metric} is ${known} and ${point.kind}`);
    const age = now() - point.timestamp;
    if (age > OLDEST_SECONDS || age < -FARTHEST_SECONDS) faults.push(`${point.metric} has a point ${age} s old`);
    const id = [point.metric, point.host, point.timestamp, ...point.tags.toSorted((a, b) => a.localeCompare(b))].join(
      '\n',
    );
    // the values of a distribution are merged
    const before = point.kind === 'distribution' ? (stored.get(id)?.values ?? []) : [];
    stored.set(id, { ...point, values: [...before, ...point.values] });
  };
  const accept = (request: IncomingMessage, bytes: Buffer): { status: number; text: string } => {
    if (!keys.has(String(request.headers['dd-api-key']))) return { status: 403, text: '' };
    if (request.headers['content-encoding'] !== 'deflate') return { status: 400, text: '' };
    if (bytes.length > limits.compressed) return { status: 413, text: '' };
    const text = inflateSync(bytes).toString();
    if (Buffer.byteLength(text) > limits.text) return { status: 413, text };
    return { status: 202, text };
  };
  const take = (path: string, text: string): number => {
    try {
      const points = path === SERIES ? readSeries(text) : readDistributions(text);
      for (const point of points) store(point);
      return 202;
    } catch (error) {
      faults.push(String(error));
      return 400;
    }
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const bytes = await buffer(request);
    const { status, text } = accept(request, bytes);
    const wrong = misbehave?.(text, statuses.length);
    const isKnown = request.method === 'POST' && [SERIES, DISTRIBUTIONS].includes(request.url ?? '');
    const answer = (code: number, headers: Record<string, string> = {}): void => {
      statuses.push(code);
      response.writeHead(code, headers).end('{"errors":[]}');
    };
    const takeOrRefuse = (): number => {
      if (!isKnown) return 404;
      return status === 202 ? take(request.url ?? '', text) : status;
    };
    if (typeof wrong === 'object' && 'delayMs' in wrong) await pause(wrong.delayMs);
    if (typeof wrong === 'object' && 'status' in wrong) answer(wrong.status, wrong.headers);
    else if (typeof wrong === 'string') {
      if (wrong === 'lose answer') takeOrRefuse();
      statuses.push(0);
      if (wrong !== 'hang') request.socket.resetAndDestroy();
    } else answer(takeOrRefuse());
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const points = (metric?: string): Stored[] => [...stored.values()].filter((p) => p.metric === (metric ?? p.metric));

  return {
    url: `http://127.0.0.1:${port}`,
    keys,
    limits,
    /** The statuses of all answers; 0 for none. */
    statuses,
    /** What Datadog would silently drop or refuse. */
    faults,
    /** From now on. Without it every request is handled as documented. */
    misbehave: (how?: Misbehave): void => {
      misbehave = how;
    },
    points,
    /** What `sum:metric{tags}` shows. */
    sum: (metric: string, ...tags: string[]): number =>
      points(metric)
        .filter((point) => tags.every((tag) => point.tags.includes(tag)))
        .reduce((sum, { values }) => sum + values.reduce((total, value) => total + value, 0), 0),
    close: (): void => {
      server.close();
      server.closeAllConnections();
    },
  };
};

export type DatadogIntake = Awaited<ReturnType<typeof startDatadogIntake>>;
