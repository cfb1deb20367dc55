type Shown = string | number | boolean | readonly string[];

/** The settings as one flat object for the log line at start: `http.port` → 8080. A secret is a function and is shown as "[secret]". */
export const maskedView = (config: Readonly<Record<string, object>>): Record<string, Shown> =>
  Object.fromEntries(
    Object.entries(config).flatMap(([section, settings]) =>
      Object.entries(settings).map(([name, value]: [string, unknown]) => [
        `${section}.${name}`,
        typeof value === 'function' ? '[secret]' : (value as Shown),
      ]),
    ),
  );
