/** Calls `onSilence` once when no heartbeat arrives for `silenceMs` after `start`. Does not keep the process alive. */
export const makeWatchdog = ({ silenceMs, onSilence }: { silenceMs: number; onSilence: () => void }) => {
  let timer: NodeJS.Timeout | undefined;
  return {
    start: (): void => {
      clearTimeout(timer);
      timer = setTimeout(onSilence, silenceMs).unref();
    },
    heartbeat: (): void => {
      timer?.refresh();
    },
    stop: (): void => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
};
