# Workers on NVIDIA GPUs: CUDA 12, cuDNN 9 and ONNX Runtime's provider, which `npm ci` leaves out. Built from the root of the repository:
#   docker build -f infra/images/cuda.Dockerfile -t registry.example.com/shotline:0.1.0-cuda .
# Give both bases with their digests where images must not change under you.
ARG NODE=node:22-bookworm-slim
ARG BASE=nvidia/cuda:12.9.1-cudnn-runtime-ubuntu24.04
FROM ${NODE} AS node

FROM ${BASE}
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force
# Fetches the CUDA provider of the version in the lock file: needs the network.
RUN ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js
COPY . .
RUN node cli/shotline.mjs --version && mkdir /cache && chown 1000:1000 /cache
ENV NODE_ENV=production SHOTLINE_CACHE=/cache SHOTLINE_DEVICE=cuda:0
USER 1000:1000
ENTRYPOINT ["node", "/app/cli/shotline.mjs"]
