import { preset } from '../preset.ts'

/**
 * xAI's chat completions. Its models think, and those refuse penalties and stop sequences: they are left out with a
 * warning unless `capabilities`, `models` or a catalogue know better. What they think is counted beside their answers.
 *
 * @throws {SwitchyardError} `authentication` without a key, `invalid-request` for other options that cannot work.
 */
export const xai = preset({
  id: 'xai',
  baseURL: 'https://api.x.ai/v1',
  keyVariable: 'XAI_API_KEY',
  outputCapParameter: 'max_completion_tokens',
  reasoningOutside: true,
  replayReasoning: false,
  embeddings: false,
  capabilities: { penalties: false, stop: false },
})

/** The same by the name that every provider package has, for configurations. */
export const createProvider = xai
