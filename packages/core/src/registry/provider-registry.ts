import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { isSwitchyardError, SwitchyardError } from '../contract/errors.ts'
import type { DisposeOptions, IAIProvider, InitializeOptions } from '../contract/provider.ts'
import type { EventHub } from '../events/event-hub.ts'

export interface ProviderRegistryOptions {
  /** Hears `provider-initialised` and `provider-disposed`. */
  readonly events?: EventHub
  /** Default: the machine's. */
  readonly clock?: Clock
}

export interface RemoveOptions extends DisposeOptions {
  /** `false` leaves the provider to whoever takes it out; default `true`. */
  readonly dispose?: boolean
}

const idPattern = /^[a-z0-9][a-z0-9._-]*$/

/** The providers of a process, by their ids. It owns them: disposing it disposes them. */
export class ProviderRegistry implements AsyncDisposable {
  readonly #providers = new Map<string, IAIProvider>()
  readonly #events: EventHub | undefined
  readonly #clock: Clock
  #disposing: Promise<void> = Promise.resolve()

  constructor(options: ProviderRegistryOptions = {}) {
    this.#events = options.events
    this.#clock = options.clock ?? systemClock
  }

  /** @throws {SwitchyardError} `invalid-request`: another contract, an id that cannot be one, or one that is taken. */
  register(provider: IAIProvider): void {
    const { id, contract } = provider
    if (contract !== 1) {
      throw new SwitchyardError(
        'invalid-request',
        `Provider ${JSON.stringify(id)} speaks contract ${contract}, and this is contract 1: install versions that match.`,
      )
    }
    if (typeof id !== 'string' || !idPattern.test(id)) {
      throw new SwitchyardError(
        'invalid-request',
        `${JSON.stringify(id)} cannot be a provider's id: use lower-case letters, digits, ".", "_" and "-", and begin with a letter or digit.`,
      )
    }
    if (this.#providers.has(id)) {
      throw new SwitchyardError(
        'invalid-request',
        `There is already a provider "${id}": give one of them another id, or remove the first.`,
      )
    }
    this.#providers.set(id, provider)
  }

  /** @throws {SwitchyardError} `not-found`, naming what there is. */
  get(id: string): IAIProvider {
    const provider = this.#providers.get(id)
    if (provider !== undefined) return provider
    const ids = [...this.#providers.keys()]
    const known = ids.length === 0 ? 'None is registered.' : `Registered: ${ids.join(', ')}.`
    throw new SwitchyardError('not-found', `There is no provider "${id}". ${known}`)
  }

  find(id: string): IAIProvider | undefined {
    return this.#providers.get(id)
  }

  /** In the order they were registered. */
  list(): readonly IAIProvider[] {
    return [...this.#providers.values()]
  }

  /** Takes a provider out and disposes it. @throws {SwitchyardError} `not-found`, or what disposing failed with. */
  async remove(id: string, options: RemoveOptions = {}): Promise<IAIProvider> {
    const { dispose = true, ...disposeOptions } = options
    const provider = this.get(id)
    this.#providers.delete(id)
    if (dispose) await this.#disposeOne(provider, disposeOptions)
    return provider
  }

  /** Initialises all, together. @throws {SwitchyardError} naming those that failed, when the others are done. */
  async initialize(options: InitializeOptions = {}): Promise<void> {
    await everyOne(this.list(), 'initialise', async provider => {
      const started = this.#clock.monotonic()
      await provider.initialize(options)
      this.#announce('provider-initialised', provider, started)
    })
  }

  /** Disposes all, together, and forgets them. @throws {SwitchyardError} naming those that failed. */
  dispose(options: DisposeOptions = {}): Promise<void> {
    const providers = this.list()
    if (providers.length === 0) return this.#disposing
    this.#providers.clear()
    this.#disposing = everyOne(providers, 'dispose', provider => this.#disposeOne(provider, options))
    return this.#disposing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  async #disposeOne(provider: IAIProvider, options: DisposeOptions): Promise<void> {
    const started = this.#clock.monotonic()
    await provider.dispose(options)
    this.#announce('provider-disposed', provider, started)
  }

  #announce(name: 'provider-initialised' | 'provider-disposed', provider: IAIProvider, started: number): void {
    if (!this.#events?.has(name)) return
    const durationMs = this.#clock.monotonic() - started
    this.#events.emit(name, { at: this.#clock.wall(), provider: provider.id, durationMs })
  }
}

async function everyOne(
  providers: readonly IAIProvider[],
  action: string,
  act: (provider: IAIProvider) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(providers.map(provider => act(provider)))
  const errors: unknown[] = []
  const told: string[] = []
  for (const [at, result] of results.entries()) {
    if (result.status === 'fulfilled') continue
    errors.push(result.reason)
    told.push(`${providers[at]?.id}: ${result.reason instanceof Error ? result.reason.message : String(result.reason)}`)
  }
  if (errors.length === 0) return
  const first = errors[0]
  throw new SwitchyardError(
    isSwitchyardError(first) ? first.kind : 'unavailable',
    `Could not ${action} ${errors.length} of ${providers.length} providers. ${told.join(' ')}`,
    { cause: errors.length === 1 ? first : new AggregateError(errors) },
  )
}
