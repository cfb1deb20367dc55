// Produces the faults of docs/when-it-hangs.md, and compares what its commands show.

import { setTimeout as pause } from 'node:timers/promises';
import { HANGS, type Hang } from '../test/cluster/delivery-hangs.ts';
import type { Shell } from './blocks/shell.ts';

const SHOWN_WITHIN_MS = 120_000;
const PAUSE_MS = 1000;

const PREPARE = `
kubectl create namespace "$NAMESPACE"
kubectl config view --raw --minify > "$FOLDER/kubeconfig"
export KUBECONFIG="$FOLDER/kubeconfig" HELM_PID="$FOLDER/helm.pid" HELM_MAX_HISTORY=0 # the first revision is kept
kubectl config set-context --current --namespace "$NAMESPACE"
small=kafka.resources.requests.cpu=10m,postgres.resources.requests.cpu=10m,schemaRegistry.resources.requests.cpu=10m
helm install demo-dependencies helm/demo-dependencies --set image="$IMAGE:0.1.0",$small --wait --timeout 10m
helm install users helm/user-service $RELEASE --wait --timeout 10m`;

/** A healthy release again: what Helm was doing is ended, and its first revision is installed. */
const RESTORE = `
if [ -f "$HELM_PID" ]; then kill "$(cat "$HELM_PID")" || true; rm "$HELM_PID"; fi
kubectl delete job users-migrate --ignore-not-found
kubectl delete events --all
helm rollback users 1 --wait --timeout 5m`;

/** Whether the output has that text; white space counts as one space, and `…` stands for any text of a line. */
export const isShown = (text: string, output: string): boolean => {
  const lines = output.split('\n').map((line) => line.replace(/\s+/g, ' '));
  return lines.some((line) => {
    let from = 0;
    return text.split('…').every((part) => {
      const at = line.indexOf(part, from);
      from = at + part.length;
      return at !== -1;
    });
  });
};

/** Runs a command until it shows the text. @returns what it showed last if it never does */
const findSymptom = async (shell: Shell, { command, shows }: Hang['symptoms'][number]): Promise<string | undefined> => {
  const deadline = performance.now() + SHOWN_WITHIN_MS;
  for (;;) {
    const output = await shell.run(`{ ${command}; } 2>&1 || true`, { quiet: true });
    if (isShown(shows, output)) return undefined;
    if (performance.now() > deadline) return `${command} does not show "${shows}":\n${output}`;
    await pause(PAUSE_MS);
  }
};

/** @returns what is missing; an empty list if the fault shows itself as described */
const produce = async (shell: Shell, { cause, symptoms, undo = 'true' }: Hang): Promise<string[]> => {
  const missing: string[] = [];
  try {
    await shell.run(cause, { quiet: true });
    for (const symptom of symptoms) {
      const found = await findSymptom(shell, symptom);
      if (found !== undefined) missing.push(found);
    }
  } finally {
    await shell.run(`${undo}\n${RESTORE}`, { quiet: true });
  }
  return missing;
};

/**
 * @param shell with NAMESPACE, IMAGE, RELEASE (arguments of `helm upgrade`) and FOLDER, an empty one
 * @param report called after each fault, with what is missing
 */
export const produceHangs = async (
  shell: Shell,
  selected: readonly string[],
  report: (name: string, missing: readonly string[]) => void,
): Promise<void> => {
  await shell.run(PREPARE);
  for (const hang of HANGS.filter(({ name }) => selected.length === 0 || selected.some((text) => name.includes(text))))
    report(hang.name, await produce(shell, hang).catch((error: unknown) => [(error as Error).message]));
};
