# Workers on processors, and `edit`. Built from the root of the repository:
#   docker build -f infra/images/worker.Dockerfile -t registry.example.com/shotline:0.1.0 .
# Give BASE with its digest (node:22-bookworm-slim@sha256:…) where images must not change under you.
ARG BASE=node:22-bookworm-slim
FROM ${BASE}
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force
COPY . .
# Compiles the code while the image can still be written to: at run time its root is read-only.
RUN node cli/shotline.mjs --version && mkdir /cache && chown 1000:1000 /cache
ENV NODE_ENV=production SHOTLINE_CACHE=/cache
USER 1000:1000
ENTRYPOINT ["node", "/app/cli/shotline.mjs"]
