// The child's side of bench/measured-server.ts: it says where it listens, tells what CPU time it has used, and ends with its parent.

/** To be called once, when the server listens. */
export const reportToParent = (port: number): void => {
  process.on('message', () => process.send?.(process.cpuUsage()));
  process.on('disconnect', () => process.exit());
  process.send?.({ port });
};
