import type { Environment } from './environment-reference.ts'
import type { ConfigPath } from './problem.ts'
import type { ConfigInput } from './schema.ts'

/** A configuration where nobody wrote one, and why it is as it is. */
export interface DefaultConfig {
  readonly config: ConfigInput
  readonly notes: readonly string[]
}

/** What holds for all requests where nobody wrote a budget. */
const budgeted = {
  server: { budget: 'default' },
  // a caller without a cap reserves the longest answer there is: the last ones are shortened, or wait for the others
  budgets: { default: { limit: '10 USD', window: 'day', onLow: 'clamp', maxWait: '30s' } },
} as const satisfies Partial<ConfigInput>

const budgetNote = 'Budget: 10 USD a day (UTC) for everything together; a switchyard.yaml with budgets sets another.'

const free = { input: 0, output: 0 }

/** An Ollama that answers on this machine. */
export interface LocalOllama {
  /** `http://127.0.0.1:11434`. */
  readonly baseURL: string
  /** The model to ask for, where the environment names none. */
  readonly model: string
}

/** A provider that the environment may describe, by variables that its own tools read too. */
interface EnvironmentProvider {
  readonly type: string
  readonly name: string
  /** By the provider's key in a configuration; the first that is set counts. */
  readonly variables: Readonly<Record<string, readonly string[]>>
  /** Asked for where `<PREFIX>_MODEL` names no other. */
  readonly model: string
}

function fromEnvironment(
  type: string,
  name: string,
  prefix: string,
  model: string,
  more: EnvironmentProvider['variables'] = {},
): EnvironmentProvider {
  const kin = (word: string): readonly string[] => [`${prefix}_${word}`]
  const variables = {
    apiKey: kin('API_KEY'),
    baseURL: kin('BASE_URL'),
    model: kin('MODEL'),
    maxTokens: kin('MAX_TOKENS'),
    temperature: kin('TEMPERATURE'),
    ...more,
  }
  return { type, name, variables, model }
}

// in the order in which they stand in for each other
const known: readonly EnvironmentProvider[] = [
  fromEnvironment('openai', 'OpenAI', 'OPENAI', 'gpt-5.4-mini', {
    organization: ['OPENAI_ORG_ID'],
    project: ['OPENAI_PROJECT_ID'],
  }),
  fromEnvironment('anthropic', 'Anthropic', 'ANTHROPIC', 'claude-haiku-5-5'),
  // its own tools prefer the first
  fromEnvironment('gemini', 'Gemini', 'GEMINI', 'gemini-3.8-flash', { apiKey: ['GOOGLE_API_KEY', 'GEMINI_API_KEY'] }),
  fromEnvironment('xai', 'xAI', 'XAI', 'grok-4.7'),
  fromEnvironment('groq', 'Groq', 'GROQ', 'openai/gpt-oss-120b'),
]

const ollamaVariables: EnvironmentProvider['variables'] = {
  baseURL: ['OLLAMA_HOST'],
  model: ['OLLAMA_MODEL'],
  maxTokens: ['OLLAMA_MAX_TOKENS'],
  temperature: ['OLLAMA_TEMPERATURE'],
}

/** Without a file: providers from the usual environment variables and a local Ollama, or else simulated ones. */
export function defaultConfig(environment: Environment, ollama?: LocalOllama): DefaultConfig {
  const found = known.filter(({ variables }) => valueIn(environment, variables.apiKey) !== undefined)
  if (found.length === 0 && ollama === undefined) return simulatedConfig
  const providers: Record<string, unknown> = {}
  const targets: string[] = []
  const told: string[] = []
  for (const { type, name, variables, model } of found) {
    const section = sectionOf(environment, variables)
    const chosen = valueIn(environment, variables.model) ?? model
    providers[type] = { type, ...section, model: chosen, ...(isOwnMachine(section.baseURL) && { price: free }) }
    targets.push(`${type}/${chosen}`)
    const variable = variableSet(environment, variables.apiKey)
    told.push(`${name} by ${variable} with ${chosen} (${variables.model?.[0]} chooses another)`)
  }
  if (ollama !== undefined) {
    const { baseURL: _, ...section } = sectionOf(environment, ollamaVariables)
    const chosen = valueIn(environment, ollamaVariables.model) ?? ollama.model
    providers.ollama = { type: 'ollama', baseURL: ollama.baseURL, ...section, model: chosen, price: free }
    targets.push(`ollama/${chosen}`)
    told.push(`Ollama at ${ollama.baseURL} with ${chosen} (OLLAMA_MODEL chooses another)`)
  }
  return {
    config: { ...budgeted, providers: providers as never, chains: { default: { targets } } },
    notes: [`No configuration file: ${told.join(', then ')}.`, budgetNote],
  }
}

function isOwnMachine(address: string | undefined): boolean {
  if (address === undefined || !URL.canParse(address)) return false
  const { hostname } = new URL(address)
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

function sectionOf(environment: Environment, variables: EnvironmentProvider['variables']): Record<string, string> {
  const section: Record<string, string> = {}
  for (const [key, names] of Object.entries(variables)) {
    const value = valueIn(environment, names)
    if (value !== undefined) section[key] = value
  }
  return section
}

function variableSet(environment: Environment, names: readonly string[] = []): string | undefined {
  return names.find(name => environment[name])
}

function valueIn(environment: Environment, names: readonly string[] | undefined): string | undefined {
  const name = variableSet(environment, names)
  return name === undefined ? undefined : environment[name]
}

/** The environment variable that a key of the default configuration came from. */
export function variableOf(path: ConfigPath, environment: Environment): string | undefined {
  const [section, id, key] = path
  if (section !== 'providers') return undefined
  const variables = id === 'ollama' ? ollamaVariables : known.find(({ type }) => type === id)?.variables
  const names = variables?.[String(key)]
  return variableSet(environment, names) ?? names?.[0]
}

// what a small model costs, so that there is something to see
const simulated = { type: 'simulated', maxTokens: 1_000, price: { input: 0.25, output: 2 } }

const simulatedConfig: DefaultConfig = {
  config: {
    ...budgeted,
    providers: { 'simulated-a': simulated, 'simulated-b': simulated },
    chains: { demo: { targets: ['simulated-a/model', 'simulated-b/model'] } },
  },
  notes: [
    `No configuration file, no key in the environment (${known.map(({ variables }) => variables.apiKey?.at(-1)).join(', ')}) and no Ollama that answers, so simulated providers stand in; every answer says so. What they cost is simulated too.`,
    budgetNote,
  ],
}
