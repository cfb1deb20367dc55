// From a cluster to a service that serves: image, namespace, volumes, the two charts.

import { join } from 'node:path';

import { areOnNodes, buildImage, loadImage, requireLoader } from '../../../kubernetes/images.ts';
import { createOwnNamespace, deleteNamespace, ownNamespace } from '../../../kubernetes/own-namespace.ts';
import { helm, run } from '../../../kubernetes/run.ts';
import { provideServerImages } from '../../../kubernetes/server-images.ts';
import { provideStorage, removeStorage } from '../../../kubernetes/storage.ts';
import { explainPods } from '../../../demo/workloads.ts';
import { ROOT } from '../stack.ts';
import { CHART, DEPENDENCIES, NAMESPACE, OWNER, RELEASE } from './place.ts';
import { chartRules } from './rules.ts';
import { dependencyValues, serviceValues } from './values.ts';

type Report = (line: string) => void;

const REPOSITORY = 'user-service-gameday';

/** Builds the image and loads it unless the nodes have it. @returns its tag: the same content has the same */
const provideImage = async (): Promise<string> => {
  await requireLoader();
  const draft = `${REPOSITORY}:build`;
  await buildImage(draft, '1.0.0');
  const id = await run('docker', ['image', 'inspect', '--format', '{{.Id}}', draft], { quiet: true });
  const tag = id.replace('sha256:', '').slice(0, 12);
  await run('docker', ['tag', draft, `${REPOSITORY}:${tag}`], { quiet: true });
  if (!(await areOnNodes([`${REPOSITORY}:${tag}`]))) await loadImage(`${REPOSITORY}:${tag}`);
  return tag;
};

/** Removes the namespace with everything in it, and its volumes. */
export const removeInstallation = async (): Promise<void> => {
  if ((await ownNamespace(NAMESPACE, OWNER)) === undefined) return;
  await removeStorage(NAMESPACE);
  await deleteNamespace(NAMESPACE, undefined, OWNER);
};

const installChart = (release: string, chart: string, values: object, files: readonly string[] = []): Promise<string> =>
  explainPods(NAMESPACE, () => {
    const args = ['install', release, chart, '--namespace', NAMESPACE, ...files, '--values', '-'];
    return helm([...args, '--wait', '--timeout', '4m'], { input: JSON.stringify(values) });
  });

/** Replaces what a run that was killed has left. */
export const install = async (report: Report): Promise<void> => {
  report('building and loading the image');
  const tag = await provideImage();
  await provideServerImages(report);
  report(`creating namespace ${NAMESPACE}`);
  await removeInstallation();
  await createOwnNamespace(NAMESPACE, OWNER);
  const image = `${REPOSITORY}:${tag}`;
  await provideStorage(NAMESPACE, image);
  const { text: rules, dropped } = await chartRules();
  report(`without kube-state-metrics these alerts can't fire: ${dropped.join(', ')}`);
  report('installing PostgreSQL, Redis, Kafka, the schema registry and Prometheus');
  await installChart(DEPENDENCIES, join(ROOT, 'helm/demo-dependencies'), dependencyValues(image, rules));
  report('installing user-service');
  await installChart(RELEASE, CHART, serviceValues(REPOSITORY, tag), ['--values', join(CHART, 'values-dev.yaml')]);
};
