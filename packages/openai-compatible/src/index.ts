export { groq } from './groq/index.ts'
export type { PresetOptions } from './preset.ts'
export { createOpenAICompatible, createProvider, type OpenAICompatibleOptions } from './provider.ts'
export { xai } from './xai/index.ts'
