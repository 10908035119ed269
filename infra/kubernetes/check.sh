#!/usr/bin/env bash
# Renders both overlays and the chart, and checks what comes out against the schemas of Kubernetes. Needs kubectl and Python; helm
# where it is installed. PodMonitor and ScaledObject have no schema there: they are reported as unknown and not checked.
set -euo pipefail
cd "$(dirname "$0")"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
python3 -m venv "$out/venv"
"$out/venv/bin/pip" install --quiet kubernetes-validate==1.37.0
for overlay in overlays/*; do kubectl kustomize "$overlay" >"$out/$(basename "$overlay").yaml"; done
if command -v helm >/dev/null; then helm template shotline ../helm/shotline >"$out/chart.yaml"; else echo 'no helm: the chart is not rendered'; fi
for file in "$out"/*.yaml; do "$out/venv/bin/kubernetes-validate" --strict "$file"; done
