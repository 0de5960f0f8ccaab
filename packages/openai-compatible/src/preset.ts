import { type IAIProvider, SwitchyardError } from '@switchyard/core/contract'
import { createOpenAICompatible, type OpenAICompatibleOptions } from './provider.ts'

/** What a known server does in its own way, once for everybody. */
interface Preset extends Omit<OpenAICompatibleOptions, 'apiKey'> {
  /** Where its key usually is, named where the key is missing. */
  readonly keyVariable: string
}

export interface PresetOptions extends Omit<OpenAICompatibleOptions, 'id' | 'baseURL' | 'apiKey'> {
  /** Lower-case name, unique in a registry, without `/`. Default: the preset's. */
  readonly id?: string
  readonly apiKey: string
  /** Default: where the server is. */
  readonly baseURL?: string
}

/** Makes providers of a known server, which needs a key. Options that say nothing leave the preset as it is. */
export function preset({ keyVariable, ...known }: Preset): (options: PresetOptions) => IAIProvider {
  return options => {
    const said = Object.entries(options).filter(([, value]) => value !== undefined)
    const provider = { ...known, ...(Object.fromEntries(said) as Partial<PresetOptions>) }
    if (typeof provider.apiKey !== 'string' || provider.apiKey.trim() === '') {
      const message = `Provider "${provider.id}" has no API key: pass \`apiKey\`, for example process.env.${keyVariable}, and set ${keyVariable}.`
      throw new SwitchyardError('authentication', message, { provider: provider.id, param: 'apiKey' })
    }
    return createOpenAICompatible({ ...provider, capabilities: { ...known.capabilities, ...options.capabilities } })
  }
}
