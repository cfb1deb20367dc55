/** Barks once when no sign of life came for `silenceMs` while it was on guard. */
export const makeWatchdog = ({ silenceMs, bark }: { silenceMs: number; bark: () => void }) => {
  let timer: NodeJS.Timeout | undefined;
  return {
    guard: (): void => {
      clearTimeout(timer);
      timer = setTimeout(bark, silenceMs).unref();
    },
    sign: (): void => {
      timer?.refresh();
    },
    rest: (): void => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
};
