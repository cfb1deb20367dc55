// dd-trace as its documentation starts it, for the bare route that the traced service is compared with.

// @ts-expect-error -- it has no types
await import('dd-trace/register.js');
const { tracer } = await import('dd-trace');
tracer.init({ service: 'bare-fastify', env: 'test', version: '1', runtimeMetrics: false, startupLogs: false });

export {};
