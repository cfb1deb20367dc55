# syntax=docker/dockerfile:1
# One image for api, relay, worker and migrate: compiled JavaScript, production dependencies, a numeric non-root user, no writes to the root file system.
# The command selects the program: `docker run … dist/bin/relay.js`.

ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# JavaScript is platform-independent: both stages run on the build platform, whatever the target platform is.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --workspaces=false
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build -- --sourceMap false
COPY scripts/image ./scripts/image
RUN node scripts/image/bundle-typebox.ts /bundle/typebox

# Removes what is never used at run time: type declarations, source maps and Markdown files of dependencies, and dd-trace's native modules for other
# platforms and other versions of Node. docs/image.md has the sizes. The files of typebox are replaced by a bundle.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS dependencies
ARG TARGETARCH
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm cpu=$(echo "$TARGETARCH" | sed s/amd64/x64/) \
  && npm ci --workspaces=false --omit=dev --os=linux --libc=glibc --cpu="$cpu" \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) -delete \
  && find node_modules/@datadog -type d -path '*/prebuilds/*-*' ! -name "linux-$cpu" ! -name "linuxglibc-$cpu" -prune -exec rm -r {} + \
  && abi=$(node -p process.versions.modules) \
  && find node_modules/@datadog \( -name 'node-[0-9]*.node' -o -name '*.abi[0-9]*.node' \) ! -name "node-$abi.node" ! -name "dd_pprof.node.abi$abi.node" -delete \
  && rm -r node_modules/typebox/build

# New Relic's agent, only for the target `service-newrelic`. Optional native modules (garbage collection metrics, profiles) are left out, and the
# ES-module copies of packages that the agent requires as CommonJS.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS new-relic
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY apm/new-relic/package.json ./apm/new-relic/
RUN --mount=type=cache,target=/root/.npm npm ci --workspace=apm/new-relic --omit=dev --omit=optional --ignore-scripts \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) -delete \
  && rm -r node_modules/@opentelemetry/*/build/esm node_modules/@opentelemetry/*/build/esnext

FROM ${NODE_IMAGE} AS service
ARG NODE_IMAGE
ARG VERSION=unknown
ARG COMMIT=unknown
# URL of the repository: registries link to it
ARG SOURCE
LABEL org.opencontainers.image.title="user-service" \
  org.opencontainers.image.description="api, relay, worker and migrate in one image" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${COMMIT}" \
  org.opencontainers.image.source="${SOURCE}" \
  org.opencontainers.image.base.name="docker.io/library/${NODE_IMAGE}" \
  org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
  DD_VERSION=${VERSION} \
  SERVICE_COMMIT=${COMMIT}
# Package managers of the base image are not needed at run time.
RUN cd /usr/local/bin && rm -rf npm npx corepack yarn yarnpkg ../lib/node_modules /opt/yarn-*
WORKDIR /app
COPY --from=dependencies --link /app/node_modules ./node_modules
COPY --from=build --link /bundle/typebox ./node_modules/typebox/build
COPY --link package.json ./
COPY --link migrations ./migrations
COPY --link api-specs/events ./api-specs/events
COPY --from=build --link /app/dist ./dist
USER 10001:10001
EXPOSE 8080 8081
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "--no-warnings", "-e", "const { HTTP_MANAGEMENT_PORT: port } = process.env; fetch(`http://127.0.0.1:${/^[0-9]+$/.test(port) ? port : 8081}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node runs as PID 1 and receives signals directly: the service handles SIGTERM and starts no child processes.
ENTRYPOINT ["node", "--import", "./dist/observability/tracer.js"]
CMD ["dist/bin/api.js"]

# `docker build --target service-newrelic`: the same image with the other agent. docs/new-relic.md
FROM service AS service-newrelic
COPY --from=new-relic --link /app/node_modules ./apm/new-relic/node_modules
COPY --link apm/new-relic/newrelic.cjs apm/new-relic/package.json ./apm/new-relic/
ENV APM=newrelic

# Without --target: the image without New Relic.
FROM service
