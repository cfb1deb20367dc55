type Shown = string | number | boolean | readonly string[];

/** The settings as one flat object for the start line, `http.port` → 8080. Every secret is a function, and shows as "[secret]". */
export const maskedView = (config: Readonly<Record<string, object>>): Record<string, Shown> =>
  Object.fromEntries(
    Object.entries(config).flatMap(([section, settings]) =>
      Object.entries(settings).map(([name, value]: [string, unknown]) => [
        `${section}.${name}`,
        typeof value === 'function' ? '[secret]' : (value as Shown),
      ]),
    ),
  );
