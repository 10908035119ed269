/** Fires at the first SIGINT or SIGTERM from now on. A second one finds no listener and ends the process as usual. */
export function interruption(signals: Pick<NodeJS.Process, 'on' | 'off'>): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    signals.off('SIGINT', abort);
    signals.off('SIGTERM', abort);
    controller.abort();
  };
  signals.on('SIGINT', abort);
  signals.on('SIGTERM', abort);
  return controller.signal;
}
