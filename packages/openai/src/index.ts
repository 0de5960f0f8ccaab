export type { OpenAIApi } from './choose-protocol.ts'
export { createOpenAI, createProvider, type OpenAIOptions } from './provider.ts'
