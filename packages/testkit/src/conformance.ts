import type { IAIProvider, MessageRequest, ModelFacts, ModelFactsPort } from '@switchyard/core/contract'
import type {
  LoggedRequest,
  ModelRole,
  SimulatedApiFactory,
  SimulatedApiName,
  Simulator,
  SimulatorOptions,
} from '@switchyard/simulator'
import type { Feature } from './features.ts'

/** What a provider under test has to be made with. */
export interface ProviderSetup {
  /** Where the simulated server answers, as the provider's own client wants it: `http://127.0.0.1:41234/v1`. */
  readonly baseURL: string
  readonly apiKey: string
  /** What is known of models; a provider that takes none cannot drop settings, and says so in `skip`. */
  readonly facts: ModelFactsPort
}

export interface ConformanceOptions {
  /** The wire dialect that the provider speaks: one of ours, or one of its own with `api` and `readRequest`. */
  readonly dialect: string
  /** Makes a provider that answers from the setup's server. */
  create(setup: ProviderSetup): IAIProvider | Promise<IAIProvider>
  /** The model that most checks ask; default the simulated api's usual one. */
  readonly model?: string
  /** Checks that do not apply, by feature, by topic or by name, each with the reason. */
  readonly skip?: Readonly<Record<string, string>>
  /** The server to test against; default the one of our dialects. */
  readonly api?: SimulatedApiName | SimulatedApiFactory
  /** Reads what the server got in the words of the contract; default that of our dialects. @throws for what it cannot read. */
  readonly readRequest?: (request: LoggedRequest) => MessageRequest
  /** Further options of the simulated server. */
  readonly simulator?: Omit<SimulatorOptions, 'api' | 'apiKey'>
  /** What a catalogue would know of the simulated models; over what is known by the dialect. */
  readonly facts?: FactsByRole
}

/** What is known of the simulated models, by what they are good for. */
export type FactsByRole = Readonly<Partial<Record<ModelRole, ModelFacts>>>

/** One thing that every provider has to do. */
export interface ConformanceCheck {
  /** The group it belongs to: `cancellation`. */
  readonly topic: string
  /** A sentence that is true of a good provider. */
  readonly name: string
  /** What it is skipped without. */
  readonly needs: readonly Feature[]
  /** What it judges where it is there and where it is not. */
  readonly eitherWay?: Feature
  /** Dialects that it says nothing about, each with the reason. */
  readonly except?: Readonly<Record<string, string>>
  /** @throws {AssertionError} that says what was wrong. */
  run(bench: Bench): Promise<void>
}

/** What a check works with: its own server and its own provider. */
export interface Bench {
  readonly simulator: Simulator
  readonly provider: IAIProvider
  readonly model: string
  readonly options: ConformanceOptions
  /** What the provider knows of models where a check says nothing else. */
  readonly facts: ModelFactsPort
  /** Another provider, disposed of with the check. */
  create(setup: Partial<ProviderSetup>): Promise<IAIProvider>
  /** Another server of the same api, closed with the check. */
  simulate(options: Omit<SimulatorOptions, 'api' | 'apiKey'>): Promise<Simulator>
  /** The same path on another server: `at('http://127.0.0.1:1')`. */
  at(origin: string): string
  /** The simulated model of a role. @throws where the api has none. */
  modelFor(role: ModelRole): string
  /** How long a check waits for what has to come, in milliseconds; how soon it has to come is measured apart. */
  readonly patienceMs: number
  /** Whether the dialect, or this provider, cannot do it. */
  lacks(feature: Feature): boolean
  readRequest(request: LoggedRequest): MessageRequest
}

type NamedCheck = readonly [name: string, run: (bench: Bench) => Promise<void>, ...needs: readonly Feature[]]

/** Checks of one topic, each with the features that it is skipped without. */
export function topic(name: string, checks: readonly NamedCheck[]): readonly ConformanceCheck[] {
  return checks.map(([sentence, run, ...needs]) => ({ topic: name, name: sentence, run, needs }))
}

/** A check that runs whether the feature is there or not, and asks the bench which. */
export function eitherWay(
  topic: string,
  feature: Feature,
  name: string,
  run: (bench: Bench) => Promise<void>,
): ConformanceCheck {
  return { topic, name, needs: [], eitherWay: feature, run }
}
