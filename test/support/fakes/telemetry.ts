/** Telemetry of any module that records every call, in order, as `[name, details]`. */
export const makeTelemetryRecorder = <Telemetry extends object>() => {
  const reported: [keyof Telemetry & string, Record<string, unknown>][] = [];
  const telemetry = new Proxy({} as Telemetry, {
    get: (_target, name: keyof Telemetry & string) => (details: Record<string, unknown>) =>
      reported.push([name, details]),
  });
  return { reported, telemetry };
};
