// Sends the bodies of a queue one after another, and decides what an answer means for the body, for the next attempt and for the health.

import { makeBackoff } from '../../resilience/backoff.ts';
import type { BodyQueue } from './body-queue.ts';
import { firstSeriesOf, halve, type Body } from './datadog-bodies.ts';
import type { Answer, DatadogIntake } from './datadog-intake.ts';
import type { ExporterHealth } from './exporter-health.ts';

type Deps = {
  readonly queue: BodyQueue;
  readonly intake: DatadogIntake;
  readonly health: ExporterHealth;
  readonly apiKey: () => string;
  /** A series that Datadog does not accept. It is not sent again. */
  readonly onRefusedSeries: (metric: string) => void;
  readonly backoff: { readonly firstMs: number; readonly maxMs: number };
};

/** With a wrong key or address. A new key is tried at once. */
const REFUSED_RETRY_MS = 60_000;
/** In a row, without any body that is accepted: an intake that accepts none must not get a request per series. */
const MAX_SPLITS = 64;
const MAX_REFUSED_SERIES = 1000;

export const makeDatadogSender = ({ queue, intake, health, apiKey, onRefusedSeries, ...options }: Deps) => {
  const backoff = makeBackoff(options.backoff);
  const refusedSeries = new Set<string>();
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let refusedKey: string | undefined;
  let splits = 0;
  /** Series of the current run that were not accepted, by key. */
  let suspects = new Map<string, string>();
  let finishing = false;

  const waitAfter = ({ outcome, reason, retryInMs = 0 }: Answer): void => {
    const lasting = outcome === 'refused';
    refusedKey = lasting ? apiKey() : undefined;
    if (finishing) return;
    health.failed({ reason, lasting });
    const ownMs = backoff.next().retryInMs;
    timer = setTimeout(retry, Math.max(retryInMs, lasting ? REFUSED_RETRY_MS : ownMs)).unref();
  };

  const drop = async (body: Body, { outcome, reason }: Answer): Promise<void> => {
    health.dropped(body.points);
    if (body.series > 1) health.failed({ reason, lasting: true });
    const series = body.series === 1 && outcome === 'invalid' ? await firstSeriesOf(body) : undefined;
    if (series !== undefined) suspects.set(series.key, series.metric);
  };
  /** Beside series that were accepted, the fault is in the series itself and not in the intake. */
  const refuseSuspects = (): void => {
    for (const [key, metric] of suspects) {
      if (refusedSeries.size >= MAX_REFUSED_SERIES) return;
      refusedSeries.add(key);
      onRefusedSeries(metric);
    }
  };

  const refuses = (key: string): boolean => refusedSeries.has(key);
  const split = async (body: Body): Promise<void> => {
    const parts = await halve(body, (key) => suspects.has(key) || refuses(key));
    health.dropped(parts.reduce((points, part) => points - part.points, body.points));
    queue.putBack(parts);
  };

  /** @returns whether the body is done with: it was sent, split or dropped */
  const settle = async (body: Body, answer: Answer): Promise<boolean> => {
    if (answer.outcome === 'accepted') {
      backoff.reset();
      splits = 0;
      health.sent(body.points);
      return true;
    }
    if (answer.outcome === 'refused' || answer.outcome === 'unavailable') {
      queue.putBack([body]);
      waitAfter(answer);
      return false;
    }
    splits += 1;
    if (body.series > 1 && splits <= MAX_SPLITS) await split(body);
    else await drop(body, answer);
    return true;
  };

  const run = async (): Promise<void> => {
    splits = 0;
    suspects = new Map();
    let isAnyAccepted = false;
    for (let body = queue.take(); body !== undefined; body = queue.take()) {
      const answer = await intake.send(body, ending.signal);
      if (!(await settle(body, answer))) return;
      isAnyAccepted ||= answer.outcome === 'accepted';
    }
    if (!isAnyAccepted) return;
    refuseSuspects();
    if (splits <= MAX_SPLITS) health.delivered();
  };

  const start = (): Promise<void> => {
    running ??= run().finally(() => (running = undefined));
    return running;
  };
  const stopWaiting = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const retry = (): void => {
    stopWaiting();
    void start();
  };

  return {
    /** There is something in the queue. */
    wake: (): void => {
      const hasNewKey = refusedKey !== undefined && apiKey() !== refusedKey;
      if (timer === undefined || hasNewKey) retry();
    },
    /** Whether not to send a series, by its key. */
    refuses,
    /** Sends what is in the queue, with one attempt. */
    finish: async (): Promise<void> => {
      finishing = true;
      stopWaiting();
      await running;
      await start();
    },
    /** Ends a request that is still open. */
    end: async (): Promise<void> => {
      finishing = true;
      ending.abort();
      await running;
    },
  };
};
