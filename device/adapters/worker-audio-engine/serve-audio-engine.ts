/** The worker's side: an engine that takes its intents from the thread that started this one. */
import type { MessagePort } from 'node:worker_threads';
import type { AudioEngine } from '#device/core/ports/audio-engine';
import type { FromAudioWorker, ToAudioWorker } from './worker-messages.ts';

/**
 * Serves until `close` is asked for.
 * @param closing what else to close, after the engine
 */
export function serveAudioEngine(engine: AudioEngine, port: MessagePort, closing: () => Promise<void>): void {
  const tell = (message: FromAudioWorker): void => port.postMessage(message);
  engine.listen((event) => tell({ kind: 'event', event }));
  port.on('message', (message: ToAudioWorker) => {
    if (message.kind === 'intent') {
      engine.send(message.intent);
      return;
    }
    if (message.kind === 'areYouAlive') {
      tell({ kind: 'alive' });
      return;
    }
    void engine.close().then(async () => {
      await closing();
      tell({ kind: 'closed' });
      port.close();
    });
  });
}
