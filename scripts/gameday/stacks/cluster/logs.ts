// What the pods of the service print, also those that are replaced or that end at once.

import { streamLines } from '../../../kubernetes/stream-lines.ts';
import { NAMESPACE, RELEASE } from './place.ts';

type Stream = ReturnType<typeof streamLines>;

/** One line per change of a pod: name, component, and the id of its container, which a restart changes. */
const FIELDS = String.raw`{.metadata.name} {.metadata.labels.app\.kubernetes\.io/component} {.status.containerStatuses[0].containerID}{"\n"}`;
const SELECTOR = `app.kubernetes.io/instance=${RELEASE},app.kubernetes.io/component in (api, relay, worker)`;

/** Reads until `close`. */
export const followLogs = () => {
  const texts = new Map<string, string>();
  const followed = new Set<string>();
  const streams = new Set<Stream>();
  let closed = false;
  const keep = (args: readonly string[], onLine: (line: string) => void, onEnd: () => void): void => {
    const stream = streamLines(['--namespace', NAMESPACE, ...args], onLine, () => {
      streams.delete(stream);
      if (!closed) onEnd();
    });
    streams.add(stream);
  };
  const onPod = (line: string): void => {
    const [pod = '', component = '', container = ''] = line.split(' ');
    if (container === '' || followed.has(container)) return;
    followed.add(container);
    const append = (text: string): void => {
      texts.set(component, `${texts.get(component) ?? ''}${text}\n`);
    };
    keep(['logs', '--follow', pod, '--container', component], append, () => undefined);
  };
  const watch = (): void => {
    const pods = ['get', 'pods', '--selector', SELECTOR, '--watch', '--output', `jsonpath=${FIELDS}`];
    keep(pods, onPod, watch);
  };
  watch();
  return {
    textOf: (component: string): string => texts.get(component) ?? '',
    close: (): void => {
      closed = true;
      for (const stream of streams) stream.stop();
    },
  };
};
