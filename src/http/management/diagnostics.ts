import { Socket } from 'node:net';

import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';

import type { DiagnosticsFile, Profiles } from '../../observability/diagnostics/profiles.ts';
import { diagnosticReport, type DiagnosticReport } from '../../observability/diagnostics/report.ts';
import type { Api } from '../api.ts';
import type { AuditAction } from './audit-action.ts';

type Deps = {
  readonly report: () => Promise<DiagnosticReport>;
  readonly profiles: Profiles;
  readonly auditAction: AuditAction;
};

const PERSONAL_DATA =
  'The file contains personal data and secrets: everything that was in memory. Delete it after use.';

const SILENCE_MS = 120_000;

const fileParams = Type.Object({ name: Type.String() });
const cpuProfile = Type.Object({ seconds: Type.Integer({ minimum: 1, maximum: 60 }) }, { additionalProperties: false });
const heapSnapshot = Type.Object({}, { additionalProperties: false });

/** No byte is sent while a profile is taken or a snapshot is written, and the connection must last. */
const expectSilence = ({ raw: { socket } }: FastifyRequest): void => {
  if (socket instanceof Socket) socket.setTimeout(SILENCE_MS);
};

const addFiles = (api: Api, { profiles, auditAction }: Deps): void => {
  api.get('/diagnostics/:name', { schema: { params: fileParams } }, async (request, reply) => {
    const file = await profiles.read(request.params.name);
    auditAction({ action: 'diagnostics-file' });
    return reply.type('application/octet-stream').send(file);
  });
  api.delete('/diagnostics/:name', { schema: { params: fileParams } }, async (request, reply) => {
    await profiles.remove(request.params.name);
    auditAction({ action: 'diagnostics-file' });
    return reply.code(204).send();
  });
};

export const addDiagnostics = (api: Api, deps: Deps): void => {
  const { report, profiles, auditAction } = deps;
  const toBody = (file: DiagnosticsFile) => ({ ...file, url: `/management/diagnostics/${file.name}` });

  api.get('/report', { schema: { response: { 200: diagnosticReport } } }, async () => {
    auditAction({ action: 'diagnostic-report' });
    return report();
  });
  api.post('/cpu-profile', { schema: { body: cpuProfile } }, async (request, reply) => {
    expectSilence(request);
    auditAction({ action: 'cpu-profile' });
    return reply.code(201).send(toBody(await profiles.cpuProfile(request.body.seconds)));
  });
  api.post('/heap-snapshot', { schema: { body: heapSnapshot } }, async (request, reply) => {
    expectSilence(request);
    auditAction({ action: 'heap-snapshot' });
    return reply.code(201).send({ ...toBody(await profiles.heapSnapshot()), warning: PERSONAL_DATA });
  });
  addFiles(api, deps);
};
