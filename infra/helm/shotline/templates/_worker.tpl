{{/* A Deployment of workers. Takes root, name, component, pool, port, replicas, tag, resources, surge, env, device and gpus. */}}
{{- define "shotline.worker" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: &labels
    app.kubernetes.io/name: shotline
    app.kubernetes.io/instance: {{ .root.Release.Name }}
    app.kubernetes.io/component: {{ .component }}
spec:
  replicas: {{ .replicas }}
  strategy:
    rollingUpdate: { maxSurge: {{ .surge }}, maxUnavailable: {{ sub 1 .surge }} }
  selector:
    matchLabels: *labels
  template:
    metadata:
      labels: *labels
      annotations:
        checksum/settings: {{ .root.Values.settings | toJson | sha256sum }}
    spec:
      serviceAccountName: {{ .root.Release.Name }}
      automountServiceAccountToken: false
      # SHOTLINE_DRAIN_SECONDS, SHOTLINE_CANCEL_GRACE_SECONDS and 30 s, and some.
      terminationGracePeriodSeconds: 75
      {{- with .root.Values.imagePullSecrets }}
      imagePullSecrets: {{ toJson . }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        runAsGroup: 1000
        fsGroup: 1000
        seccompProfile: { type: RuntimeDefault }
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: { matchLabels: *labels }
      nodeSelector: {{ toJson .root.Values.nodeSelector }}
      tolerations: {{ toJson .root.Values.tolerations }}
      containers:
        - name: worker
          image: "{{ .root.Values.image.repository }}:{{ .tag | default .root.Values.image.tag }}"
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args: [worker, {{ .pool }}]
          envFrom:
            - configMapRef: { name: {{ .root.Release.Name }}-settings }
            {{- with .root.Values.secrets.s3 }}
            - secretRef: { name: {{ . }} }
            {{- end }}
            {{- with .root.Values.secrets.temporalKey }}
            - secretRef: { name: {{ . }} }
            {{- end }}
          env:
            {{- with .device }}
            - { name: SHOTLINE_DEVICE, value: {{ . | quote }} }
            {{- end }}
            {{- range .env }}
            - {{ toJson . }}
            {{- end }}
            - { name: SHOTLINE_CACHE, value: /cache }
          ports:
            - { name: health, containerPort: {{ .port }} }
          livenessProbe:
            httpGet: { path: /livez, port: health }
            periodSeconds: 20
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /readyz, port: health }
            periodSeconds: 10
            timeoutSeconds: 5
          resources:
            requests: {{ toJson .resources.requests }}
            limits:
              {{- range $name, $value := .resources.limits }}
              {{ $name }}: {{ $value | quote }}
              {{- end }}
              {{- if gt (int .gpus) 0 }}
              nvidia.com/gpu: {{ .gpus }}
              {{- end }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          volumeMounts:
            - { name: cache, mountPath: /cache }
            - { name: tmp, mountPath: /tmp }
            {{- if .root.Values.secrets.artifactKey }}
            - { name: artifact-key, mountPath: /etc/shotline/artifact-key, readOnly: true }
            {{- end }}
            {{- if .root.Values.secrets.temporalTls }}
            - { name: temporal-tls, mountPath: /etc/shotline/temporal, readOnly: true }
            {{- end }}
            {{- if .root.Values.secrets.s3Ca }}
            - { name: s3-ca, mountPath: /etc/shotline/s3, readOnly: true }
            {{- end }}
      volumes:
        {{- if .root.Values.cache.hostPath }}
        - { name: cache, hostPath: { path: {{ .root.Values.cache.hostPath }}, type: Directory } }
        {{- else }}
        - { name: cache, emptyDir: { sizeLimit: {{ .root.Values.cache.sizeLimit }} } }
        {{- end }}
        - { name: tmp, emptyDir: { sizeLimit: 1Gi } }
        {{- with .root.Values.secrets.artifactKey }}
        - { name: artifact-key, secret: { secretName: {{ . }} } }
        {{- end }}
        {{- with .root.Values.secrets.temporalTls }}
        - { name: temporal-tls, secret: { secretName: {{ . }} } }
        {{- end }}
        {{- with .root.Values.secrets.s3Ca }}
        - { name: s3-ca, secret: { secretName: {{ . }} } }
        {{- end }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
spec:
  maxUnavailable: {{ if eq .pool "edit" }}1{{ else }}34%{{ end }}
  selector:
    matchLabels:
      app.kubernetes.io/name: shotline
      app.kubernetes.io/instance: {{ .root.Release.Name }}
      app.kubernetes.io/component: {{ .component }}
{{- end }}
