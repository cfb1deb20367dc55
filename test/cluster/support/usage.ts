// CPU time and memory of a pod's first container, as its cgroup counts them. Needs no metrics-server.

import { kubectl } from '../../../scripts/kubernetes/run.ts';

export type Usage = {
  /** Since the start of the container. */
  readonly cpuMs: number;
  /** Without the page cache that the kernel can take back. */
  readonly memoryMiB: number;
  readonly atMs: number;
};

/** cgroup v2, or v1. */
const READ = `cd /sys/fs/cgroup
if [ -f cpu.stat ] && [ -f memory.current ]; then
  grep '^usage_usec' cpu.stat; grep '^inactive_file' memory.stat; echo "memory $(cat memory.current)"
else
  echo "usage_nsec $(cat cpuacct/cpuacct.usage)"
  grep '^total_inactive_file' memory/memory.stat; echo "memory $(cat memory/memory.usage_in_bytes)"
fi`;

export const readUsage = async (namespace: string, pod: string): Promise<Usage> => {
  const text = await kubectl(['exec', '--namespace', namespace, pod, '--', 'sh', '-c', READ]);
  const numbers = new Map(
    text
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name, value]) => [name, Number(value)]),
  );
  const of = (name: string): number | undefined => numbers.get(name);
  const cpuMs = (of('usage_usec') ?? Number.NaN) / 1000;
  const inactive = of('inactive_file') ?? of('total_inactive_file') ?? 0;
  return {
    cpuMs: Number.isNaN(cpuMs) ? (of('usage_nsec') ?? 0) / 1_000_000 : cpuMs,
    memoryMiB: ((of('memory') ?? 0) - inactive) / 1024 ** 2,
    atMs: performance.now(),
  };
};
