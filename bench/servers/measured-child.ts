// The child process of bench/measured-server.ts: it reports its port and its CPU time to the parent, and exits with the parent.

/** Call once, when the server is listening. */
export const reportToParent = (port: number): void => {
  process.on('message', () => process.send?.(process.cpuUsage()));
  process.on('disconnect', () => process.exit());
  process.send?.({ port });
};
