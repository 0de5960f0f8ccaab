import type { IAIProvider, ModelFactsPort } from '@switchyard/core/contract'
import type { Simulator } from '@switchyard/simulator'

/** What a provider under test has to be made with. */
export interface ProviderSetup {
  /** `http://127.0.0.1:41234/v1`. */
  readonly baseURL: string
  readonly apiKey: string
  /** What is known of models; a provider that takes none cannot drop settings, and says so in `skip`. */
  readonly facts: ModelFactsPort
}

export interface ConformanceOptions {
  /** The wire dialect that the provider speaks. */
  readonly dialect: 'openai-chat'
  /** Makes a provider that answers from the setup's server. */
  create(setup: ProviderSetup): IAIProvider | Promise<IAIProvider>
  /** Default `gpt-sim`, one of the simulator's. */
  readonly model?: string
  /** Checks that do not apply, by name or by topic, each with the reason. */
  readonly skip?: Readonly<Record<string, string>>
}

/** One thing that every provider has to do. */
export interface ConformanceCheck {
  /** The group it belongs to: `cancellation`. */
  readonly topic: string
  /** A sentence that is true of a good provider. */
  readonly name: string
  /** @throws {AssertionError} that says what was wrong. */
  run(bench: Bench): Promise<void>
}

/** What a check works with: its own server and its own provider. */
export interface Bench {
  readonly simulator: Simulator
  readonly provider: IAIProvider
  readonly model: string
  readonly options: ConformanceOptions
  /** Another provider, disposed of with the check. */
  create(setup: Partial<ProviderSetup>): Promise<IAIProvider>
}

type NamedCheck = readonly [name: string, run: (bench: Bench) => Promise<void>]

/** Checks of one topic. */
export function topic(name: string, checks: readonly NamedCheck[]): readonly ConformanceCheck[] {
  return checks.map(([sentence, run]) => ({ topic: name, name: sentence, run }))
}
