export { createOpenAICompatible, createProvider, type OpenAICompatibleOptions } from './provider.ts'
