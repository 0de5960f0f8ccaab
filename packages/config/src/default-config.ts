import type { Environment } from './environment-reference.ts'
import type { ConfigPath } from './problem.ts'
import type { ConfigInput } from './schema.ts'

/** What `OPENAI_API_KEY` alone asks for. */
const defaultOpenAIModel = 'gpt-5.4-mini'

/** A configuration where nobody wrote one, and why it is as it is. */
export interface DefaultConfig {
  readonly config: ConfigInput
  readonly note: string
}

// by the provider's key
const variables = {
  apiKey: 'OPENAI_API_KEY',
  baseURL: 'OPENAI_BASE_URL',
  organization: 'OPENAI_ORG_ID',
  project: 'OPENAI_PROJECT_ID',
  model: 'OPENAI_MODEL',
  maxTokens: 'OPENAI_MAX_TOKENS',
  temperature: 'OPENAI_TEMPERATURE',
} as const

/** Without a file: providers from the usual environment variables, or else simulated ones. */
export function defaultConfig(environment: Environment): DefaultConfig {
  if (!environment.OPENAI_API_KEY) return simulatedConfig
  const given = Object.entries(variables).map(([key, variable]) => [key, environment[variable]] as const)
  const chosen = environment.OPENAI_MODEL
  const model = chosen || defaultOpenAIModel
  return {
    config: {
      providers: {
        openai: { type: 'openai', ...Object.fromEntries(given.filter(([, value]) => value)), model } as never,
      },
      chains: { default: { targets: [`openai/${model}`] } },
    },
    note: `No configuration file: OpenAI by OPENAI_API_KEY, ${
      chosen ? 'its model by OPENAI_MODEL' : `with ${model} (OPENAI_MODEL chooses another)`
    }.`,
  }
}

/** The environment variable that a key of the default configuration came from. */
export function variableOf(path: ConfigPath): string | undefined {
  const [section, , key] = path
  return section === 'providers' ? (variables as Readonly<Record<string, string>>)[String(key)] : undefined
}

const simulatedConfig: DefaultConfig = {
  config: {
    providers: { 'simulated-a': { type: 'simulated' }, 'simulated-b': { type: 'simulated' } },
    chains: { demo: { targets: ['simulated-a/model', 'simulated-b/model'] } },
  },
  note: 'No configuration file and no OPENAI_API_KEY, so simulated providers stand in; every answer says so.',
}
