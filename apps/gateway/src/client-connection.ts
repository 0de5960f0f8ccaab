import type { ServerResponse } from 'node:http'
import { SwitchyardError } from '@switchyard/core'

/** Ends the call as soon as its client is gone, at whatever stage that happens. */
export function abortWithClient(response: ServerResponse, controller: AbortController): void {
  const left = (): void => {
    if (!response.writableFinished)
      controller.abort(new SwitchyardError('aborted', 'The client closed the connection.'))
  }
  if (response.destroyed || response.closed) left()
  else response.once('close', left)
}

/** Settles when a slow client has taken what was written, or has left. */
export function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed || !response.writableNeedDrain) return Promise.resolve()
  return new Promise(resolve => {
    const settle = (): void => {
      response.off('drain', settle)
      response.off('close', settle)
      resolve()
    }
    response.on('drain', settle)
    response.on('close', settle)
  })
}
