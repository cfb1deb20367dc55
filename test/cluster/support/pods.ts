// Watches the pods of the service: which are ready, how many were replaced, how long each took from its creation until it was ready.

import { eventually } from '../../support/eventually.ts';
import { streamLines } from '../../../scripts/kubernetes/stream-lines.ts';

export type Component = 'api' | 'relay' | 'worker';
export const COMPONENTS: readonly Component[] = ['api', 'relay', 'worker'];

export type Pod = {
  readonly uid: string;
  readonly name: string;
  readonly component: string;
  readonly isReady: boolean;
  readonly isTerminating: boolean;
  /** When the watch reported it first. */
  readonly seenAtMs: number;
  readonly readyAfterMs: number | undefined;
};

const FIELDS = [
  '.type',
  '.object.metadata.uid',
  '.object.metadata.name',
  '.object.metadata.labels.app\\.kubernetes\\.io/component',
  '.object.status.conditions[?(@.type=="Ready")].status',
  '.object.metadata.deletionTimestamp',
];
const FORMAT = `jsonpath={${FIELDS.join('}|{')}}{"\\n"}`;

/** A change is seen later than it was made. */
const QUIET_MS = 1000;

/** @param release name of the Helm release */
export const watchPods = (namespace: string, release: string, onEnd: (reason: string) => void) => {
  const pods = new Map<string, Pod>();
  const started: Pod[] = [];
  const ended: Pod[] = [];
  let fewestReady = new Map<string, number>();
  let changedAt = 0;

  const live = (component?: string): Pod[] =>
    [...pods.values()].filter((pod) => component === undefined || pod.component === component);
  const ready = (component?: string): Pod[] => live(component).filter((pod) => pod.isReady && !pod.isTerminating);
  const noteFewest = (): void => {
    for (const component of COMPONENTS) {
      const count = ready(component).length;
      fewestReady.set(component, Math.min(count, fewestReady.get(component) ?? count));
    }
  };

  const onLine = (line: string): void => {
    const [type, uid = '', name = '', component = '', readyStatus, deleted] = line.split('|');
    if (!COMPONENTS.some((known) => known === component)) return;
    const now = performance.now();
    changedAt = now;
    const before = pods.get(uid);
    const { seenAtMs = now } = before ?? {};
    const isReady = readyStatus === 'True';
    const readyAfterMs = before?.readyAfterMs ?? (isReady ? now - seenAtMs : undefined);
    const pod = { uid, name, component, isReady, isTerminating: deleted !== '', seenAtMs, readyAfterMs };
    if (before === undefined) started.push(pod);
    if (type === 'DELETED') {
      pods.delete(uid);
      ended.push(pod);
    } else pods.set(uid, pod);
    noteFewest();
  };

  const selector = `app.kubernetes.io/instance=${release}`;
  const options = ['--selector', selector, '--watch', '--output-watch-events', '--output', FORMAT];
  const { stop } = streamLines(['get', 'pods', '--namespace', namespace, ...options], onLine, onEnd);
  return {
    stop,
    live,
    ready,
    /** Begins a phase. The returned function tells what happened since. */
    begin: () => {
      const [startedBefore, endedBefore] = [started.length, ended.length];
      fewestReady = new Map();
      noteFewest();
      return () => ({
        replaced: Math.min(started.length - startedBefore, ended.length - endedBefore),
        started: started.slice(startedBefore).map(({ uid, ...pod }) => pods.get(uid) ?? { uid, ...pod }),
        /** The smallest number of ready pods of a component at any moment. */
        fewestReady: (component: Component): number => fewestReady.get(component) ?? 0,
      });
    },
    /** Waits until every pod is ready and none terminates, and the watch has caught up with what was done before the call. */
    settle: (deadlineMs = 120_000): Promise<void> => {
      const calledAt = performance.now();
      return eventually(
        () => {
          if (performance.now() - Math.max(calledAt, changedAt) < QUIET_MS) throw new Error('pods are changing');
          const busy = live().filter(({ isReady, isTerminating }) => !isReady || isTerminating);
          if (live().length === 0) throw new Error('there are no pods');
          if (busy.length > 0) throw new Error(`not ready, or terminating: ${busy.map(({ name }) => name).join(', ')}`);
        },
        { deadlineMs, everyMs: 200 },
      );
    },
  };
};

export type Pods = ReturnType<typeof watchPods>;
