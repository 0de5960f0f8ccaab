import { SwitchyardError } from '@switchyard/core'

/** The calls that are being answered, to be waited for or ended together. */
export class CallsInFlight {
  readonly #calls = new Set<AbortController>()
  #idle: (() => void) | undefined

  get size(): number {
    return this.#calls.size
  }

  begin(): AbortController {
    const controller = new AbortController()
    this.#calls.add(controller)
    return controller
  }

  end(controller: AbortController): void {
    this.#calls.delete(controller)
    if (this.#calls.size === 0) this.#idle?.()
  }

  /** Settles when all have ended; those that have not within `graceMs` are ended with an error. */
  async finish(graceMs: number): Promise<void> {
    if (this.#calls.size === 0) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(() => this.#abortAll(), graceMs)
      this.#idle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #abortAll(): void {
    const reason = new SwitchyardError('unavailable', 'The gateway is stopping and ended this answer; ask again.')
    for (const controller of this.#calls) controller.abort(reason)
  }
}
